/**
 * Card numbers over several messages (`machines/sensitive-data/split-numbers.ts`): what completes one is hidden whole,
 * and rows of messages whose digits have nothing to do with each other stay as they were sent.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DigitTail, maskSplit, maskText, mayContinueNumber } from '../machines/sensitive-data.ts'
import { random } from '../runtime/random.ts'
import { maskRow } from './corpus/as-said.ts'
import { brands, cardNumber } from './corpus/card-numbers.ts'
import { harmlessRows } from './corpus/split-numbers.ts'

const said = (...texts: string[]) => maskRow(texts).map(({ text }) => text)
/** Like every number in here, a published test number. */
const number = '4111111111111111'

describe('what completes a number is hidden whole', () => {
  const rows: [what: string, sent: string[], seen: string[]][] = [
    ['in halves', ['4111 1111', '1111 1111'], ['4111 1111', '**** ****']],
    ['in bare halves', ['41111111', '11111111'], ['41111111', '********']],
    ['in three', ['4111', '1111', '1111 1111'], ['4111', '1111', '**** ****']],
    ['in four', ['4111', '1111', '1111', '1111'], ['4111', '1111', '1111', '****']],
    ['words around', ['my card is 4111 1111', '1111 1111 thanks'], ['my card is 4111 1111', '**** **** thanks']],
    ['words between', ['4111 1111 and', 'the rest is 1111 1111'], ['4111 1111 and', 'the rest is **** ****']],
    ['a word in between', ['4111 1111', 'wait...', '1111 1111'], ['4111 1111', 'wait...', '**** ****']],
    ['a file in between', ['4111 1111', '', '1111 1111'], ['4111 1111', '', '**** ****']],
    ['a dash left open', ['4111-1111-', '1111-1111'], ['4111-1111-', '****-****']],
    ['slashes', ['4111/1111', '1111/1111'], ['4111/1111', '****/****']],
    ['anywhere, of a card', ['visa 41111', '11111111111'], ['visa 41111', '***********']],
    ['the word comes later', ['41111', 'my card: 11111111111'], ['41111', 'my card: ***********']],
    ['American Express', ['3782 822463', '10005'], ['3782 822463', '*****']],
    ['nineteen digits', ['6200 1234 5678 9011', '000'], ['6200 1234 5678 9011', '***']],
    ['other digits', ['４１１１ １１１１', '١١١١ ١١١١'], ['４１１１ １１１１', '**** ****']],
    ['with its code', ['4111 1111', '1111 1111 12/27 123'], ['4111 1111', '**** **** **/** ***']],
    ['after another number', ['order 5512! Now 4111 1111', '1111 1111'], ['order 5512! Now 4111 1111', '**** ****']],
    ['in HTML', ['<p>4111&nbsp;1111</p>', '<p>1111&nbsp;1111</p>'], ['<p>4111&nbsp;1111</p>', '<p>****&nbsp;****</p>']],
    [
      'twice',
      ['4111 1111', '1111 1111', '5555 5555', '5555 4444'],
      ['4111 1111', '**** ****', '5555 5555', '**** ****'],
    ],
  ]
  test.each(rows)('SM12-SM14: %s: %j', (_, sent, seen) => expect(said(...sent)).toEqual(seen))

  test.each(Object.keys(brands).filter((brand) => brands[brand]!.length !== 14))(
    'SM12, E100: a %s number of a card, cut anywhere between three digits and three digits',
    (brand) => {
      const seed = 7
      const draw = random(seed)
      const pan = cardNumber(draw, brands[brand]!)
      for (let at = 3; at <= pan.length - 3; at += 1) {
        const [first, last] = said(`card number ${pan.slice(0, at)}`, pan.slice(at))
        if (first!.includes('*')) continue // by chance a whole number already
        expect(last, `seed ${seed}, cut at ${at}`).toBe('*'.repeat(pan.length - at))
      }
    },
  )
})

describe('what has nothing to do with each other stays', () => {
  const rows: [what: string, ...sent: string[]][] = [
    ['menu answers', '4', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1', '1'],
    ['a menu answer after fifteen digits', '4111 1111 1111 111', '1'],
    ['the same, said of a card', 'card 4111 1111 1111 111', '1'],
    ['two digits', 'card 4111 1111 1111 11', '11'],
    ['orders', 'order 4111 1111', 'order 1111 1111'],
    ['an order, then another one without a word', 'order 4111 1111', '1111 1111'],
    ['an order that was paid by card', 'I paid by card for order no 4111 1111', '1111 1111'],
    ['a PIN', 'my pin is 4111', '1111 1111 1111'],
    ['a phone, then an order', 'call me at 4111 1111', '1111 1111'],
    ['a phone with a plus', '+4111 1111', '1111 1111'],
    ['an order with a sign', '4111 1111', '#1111 1111'],
    ['sums', '$4111', '1111 1111 1111'],
    ['a sum of euros', '4111 1111', '1111 1111 €'],
    ['last four', 'my card ends in 4111', '111111111111'],
    ['what a mask has left', 'card **** **** **** 4111', '1111 1111 1111'],
    ['words of something else', '4111 1111', 'room 1111 1111'],
    ['words of something else after it', '4111 1111 is my locker', '1111 1111'],
    ['a message in between', '4111 1111', 'is anybody there?', '1111 1111'],
    ['a number in between', '4111 1111', '7', '1111 1111'],
    ['a glued id', 'ORD41111111', '11111111'],
    ['a wrong check digit', '4111 1111', '1111 1112'],
    ['no issuer', '9999 9999', '9999 9995'],
    ['dates', '30.05.2026', '12.05.2027'],
  ]
  test.each(rows)('E101: %s', (_, ...sent) => expect(said(...sent)).toEqual(sent))

  test.each(Object.keys(harmlessRows).filter((kind) => kind !== 'two bare orders'))('E101: %s', (kind) => {
    const seed = 11
    const draw = random(seed)
    for (let i = 0; i < 50; i += 1) {
      const row = harmlessRows[kind]!(draw)
      expect(said(...row), `seed ${seed}`).toEqual(row)
    }
  })
})

describe('the tail', () => {
  const at = '2026-03-02T14:00:00.000Z'
  const later = (ms: number) => new Date(Date.parse(at) + ms).toISOString()
  const minute_ms = 60_000

  test.each([
    { after_ms: 0, last: '**** ****' },
    { after_ms: 15 * minute_ms, last: '**** ****' },
    { after_ms: 15 * minute_ms + 1, last: '1111 1111' },
    { after_ms: -5_000, last: '**** ****' },
    { after_ms: -16 * minute_ms, last: '1111 1111' },
  ])('is forgotten after a quarter of an hour, by the times of the messages: $after_ms ms', ({ after_ms, last }) => {
    const { tail } = maskSplit('4111 1111', at, undefined)
    expect(maskSplit('1111 1111', later(after_ms), tail).text).toBe(last)
  })

  test.each<[string, string[], Omit<DigitTail, 'at'> | undefined]>([
    ['goes on', ['card 4111', '1111'], { digits: '4111 1111', ofCard: true }],
    ['begins anew', ['4111', 'then 22 33, ok? 5555'], { digits: '5555', ofCard: false }],
    ['waits while nothing is said', ['4111', 'and...'], { digits: '4111', ofCard: false }],
    ['ends with other words', ['4111', 'no'], undefined],
    ['ends when it completed a number', ['4111 1111', '1111 1111'], undefined],
    ['never begins with a menu answer', ['1'], undefined],
    ['holds no whole number', [number], undefined],
    [
      'holds at most eighteen digits',
      ['107 1000 0901', '1345 7789 012'],
      { digits: '0901 1345 7789 012', ofCard: false },
    ],
    ['drops a run that is too long', ['1234567890123456789'], undefined],
  ])('%s', (_, texts, tail) => {
    let last: DigitTail | undefined
    for (const text of texts) last = maskSplit(maskText(text).text, at, last).tail
    expect(last && { digits: last.digits, ofCard: last.ofCard }).toEqual(tail)
  })
})

describe('on any messages', () => {
  const fragment = fc.oneof(
    fc.constantFrom(
      '4111',
      '1111',
      '1111 1111',
      '4111 1111',
      number,
      'my card ',
      ' and ',
      ' thanks',
      '-',
      '\n',
      '.',
      '*',
      ' exp 12/27',
    ),
    fc.stringMatching(/^\d{1,8}$/),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  )
  const message = fc.array(fragment, { maxLength: 4 }).map((parts) => parts.join(''))
  const messages = fc.array(message, { minLength: 1, maxLength: 4 })

  test('E105: masking a second time, after the same messages, changes nothing and finds nothing', () => {
    fc.assert(
      fc.property(messages, (texts) => {
        const once = maskRow(texts).at(-1)!
        const again = maskRow([...texts.slice(0, -1), once.text]).at(-1)!
        expect(again).toEqual({ text: once.text, found: false })
      }),
      { numRuns: 2_000 },
    )
  })

  test('only digits become stars, and what is found is what was changed', () => {
    const skeleton = (text: string) => text.replace(/[\p{Nd}\p{No}*]/gu, '')
    fc.assert(
      fc.property(messages, (texts) => {
        fc.pre(!texts.some((text) => text.includes('&#')))
        for (const [i, { text, found }] of maskRow(texts).entries()) {
          expect(skeleton(text)).toBe(skeleton(texts[i]!))
          expect(found).toBe(text !== texts[i])
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('a message of which it is said that it completes nothing is never changed by those before it', () => {
    fc.assert(
      fc.property(messages, (texts) => {
        const alone = maskText(texts.at(-1)!).text
        fc.pre(!mayContinueNumber(alone))
        expect(maskRow(texts).at(-1)!.text).toBe(alone)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('on a mebibyte meant to hurt', () => {
  const mebibyte = 1 << 20
  const timeout = 5_000
  test.each(['1', '1 ', 'and ', '. ', '1234 and ', '(', 'a', '<a1'])('%j: it ends in time', { timeout }, (unit) => {
    const text = unit.repeat(Math.ceil(mebibyte / unit.length))
    const tail: DigitTail = { digits: '4111 1111', ofCard: true, at: '2026-03-02T14:00:00.000Z' }
    expect(maskSplit(text, tail.at, tail).text.length).toBe(text.length)
  })
})
