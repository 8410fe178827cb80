/**
 * What the card-data detector promises: it finds cards, leaves other numbers alone, and can be run twice without harm.
 * The figures hold for our own corpus (test/corpus), whose seed stands in every failure.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskDeep, maskText } from '../machines/sensitive-data.ts'
import { maskAsSaid } from './corpus/as-said.ts'
import { type Case, corpusOf, usual_seed } from './corpus/card-data.ts'
import { handHarmless, handPositives } from './corpus/hand-written.ts'
import { floor, qualityOf, shortfalls, table } from './corpus/quality.ts'

const corpus = corpusOf(usual_seed)
const hostile_chars = 1 << 20
/** Of the processor, not of the clock: other work on the machine must not make it fail. */
const hostile_cpu_ms_max = 5_000

describe('on the corpus', () => {
  const quality = qualityOf(maskAsSaid)

  test('SM12, E100: card numbers of every brand are found, however they are written, split or placed', () => {
    expect(quality.recall, table(quality)).toBeGreaterThanOrEqual(floor.recall_min)
  })

  test('E101: numbers that are no cards are left as they were sent', () => {
    expect(quality.falseRate, table(quality)).toBeLessThanOrEqual(floor.false_rate_max)
  })

  test('SM13, SM14, PC1: where a card number is found, at most four of its digits survive', () => {
    expect(quality.digitsLeft, table(quality)).toBeLessThanOrEqual(floor.digits_left_max)
  })

  test('E105: masking masked text changes nothing and finds nothing', () => {
    expect(quality.restless, table(quality)).toBe(0)
    expect(corpus.filter(({ text }) => maskText(maskText(text).text).found)).toEqual([])
  })

  test('the corpus is as wide as it claims: ten brands, fifteen ways of writing, eighteen harmless kinds', () => {
    const names = (kind: Case['kind'], place: number) =>
      new Set(corpus.filter((one) => one.kind === kind).map((one) => one.classes[place]))
    expect(names('card', 0).size).toBeGreaterThanOrEqual(10)
    expect(names('card', 1).size).toBeGreaterThanOrEqual(15)
    expect(names('harmless', 0).size).toBeGreaterThanOrEqual(18)
  })

  test('a mask that finds nothing, and one that hides everything, fall below the floor', () => {
    const blind = shortfalls(qualityOf((text) => ({ text })))
    expect(blind).toEqual([expect.stringMatching(/^recall: expected at least 0\.98, found 0\.0000$/)])
    const total = shortfalls(qualityOf((text) => ({ text: text.replace(/\p{Nd}/gu, '*') })))
    expect(total.map((sentence) => sentence.split(':')[0])).toEqual(['recall', 'harmless altered'])
    const restless = shortfalls(qualityOf((text) => ({ text: `${text} 4111` })))
    expect(restless).toContainEqual(expect.stringMatching(/^masked again: expected 0, found [1-9]\d*$/))
  })
})

describe('by hand', () => {
  test.each(handPositives)('E100, E102, E103, E104: %s: %j', (_, text, masked) => {
    expect(maskText(text)).toEqual({ text: masked, found: true })
  })

  test.each(handHarmless)('E101, E105: %s: %j stays', (_, text) => {
    expect(maskText(text)).toEqual({ text, found: false })
  })

  test('E106: the HTML body of a mail hides the same digits as its plain body', () => {
    const plain = 'Hello\n5555 5555 5555 4444 exp 12/27 cvv 123\nAna'
    const html = '<p>Hello<br>5555&nbsp;5555 <b>5555</b> 4444 exp <i>12/27</i> cvv <span id="c9">123</span></p>Ana'
    expect(maskText(plain).text).toBe('Hello\n**** **** **** 4444 exp **/** cvv ***\nAna')
    expect(maskText(html).text).toBe(
      '<p>Hello<br>****&nbsp;**** <b>****</b> 4444 exp <i>**/**</i> cvv <span id="c9">***</span></p>Ana',
    )
  })
})

describe('on any text', () => {
  const fragment = fc.oneof(
    fc.constantFrom(...corpus.map(({ text }) => text)),
    fc.constantFrom(
      ' ',
      '\n',
      '-',
      '*',
      '****',
      '/',
      '.',
      ',',
      '+',
      ' cvv ',
      ' exp ',
      'card',
      '&nbsp;',
      '<b>',
      '\u200b',
      '①',
    ),
    fc.stringMatching(/^\d{1,20}$/),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  )
  const anyText = fc.array(fragment, { maxLength: 8 }).map((parts) => parts.join(''))

  test('E105: masking twice is masking once', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = maskText(text)
        expect(maskText(once.text)).toEqual({ text: once.text, found: false })
        expect(once.found).toBe(once.text !== text)
      }),
      { numRuns: 2_000 },
    )
  })

  test('only digits become stars; every other character stays where it was', () => {
    const skeleton = (text: string) => text.replace(/[\p{Nd}\p{No}*]/gu, '')
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(!text.includes('&#'))
        expect(skeleton(maskText(text).text)).toBe(skeleton(text))
      }),
      { numRuns: 1_000 },
    )
  })

  test('text without digits is never touched', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/[\p{Nd}\p{No}]/u.test(text))
        expect(maskText(text)).toEqual({ text, found: false })
      }),
    )
  })
})

/** Each is repeated to a mebibyte: what a sender could post to keep a worker busy. */
const hostile: Record<string, string> = {
  'one endless number': '4',
  'cards without end, run together': '4242',
  'cards that overlap everywhere': '4 2 ',
  'fours without end': '4242 ',
  'pairs without end': '42.',
  'code words': 'cvv1 ',
  'expiry words': 'exp 1',
  'unclosed tags': '<a1',
  'unclosed references': '&#4',
  'other scripts': '٤٢',
  'half IBANs': 'de89 ',
  'urls in urls': 'https://?card',
  'half tracks': '4111111111111111^',
  'half UUIDs': '12345678-1234-1234-1234-',
  'blanks and digits': '4   ',
  stars: '*',
  letters: 'a',
  'whole messages': 'my card is 4111 1111 1111 1111 exp 12/27 cvv 123 ',
}

describe('on a mebibyte meant to hurt', () => {
  test.each(Object.entries(hostile))('%s: masking ends in time', (_, unit) => {
    const before = process.cpuUsage()
    const masked = maskText(unit.repeat(Math.ceil(hostile_chars / unit.length)))
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(hostile_cpu_ms_max)
    expect(masked.text.length).toBeGreaterThanOrEqual(hostile_chars)
  })
})

describe('on JSON values', () => {
  test('PC5, E110: strings, keys and numbers are masked at any depth, everything else stays', () => {
    const letter = {
      subject: 'my card 4111 1111 1111 1111',
      tries: 3,
      ts: 1_772_460_311_099,
      phone: '+14155550123',
      ok: true,
      none: null,
      items: [{ pan: 4_111_111_111_111_111 }, ['5555555555554444', 17]],
      '4012888888881881': 'key',
    }
    expect(maskDeep(letter)).toEqual({
      subject: 'my card **** **** **** 1111',
      tries: 3,
      ts: 1_772_460_311_099,
      phone: '+14155550123',
      ok: true,
      none: null,
      items: [{ pan: '************1111' }, ['************4444', 17]],
      '************1881': 'key',
    })
  })

  test('a key that names a code or an expiry speaks for its value', () => {
    expect(maskDeep({ cvv: 123, securityCode: '987', cardExpiry: '12/27', exp: 1_772_460_311 })).toEqual({
      cvv: '***',
      securityCode: '***',
      cardExpiry: '**/**',
      exp: 1_772_460_311,
    })
  })

  test('a number too long for JSON is judged by issuer and length, for its check digit is rounded off', () => {
    expect(maskDeep(JSON.parse('[4917610000000000003, 1766000000000000003]'))).toEqual([
      '***************0000',
      Number('1766000000000000003'),
    ])
  })

  test('two keys that look alike once masked stay two entries', () => {
    expect(maskDeep({ '4111110000091111': 1, '4111110000171111': 2 })).toEqual({
      '************1111': 1,
      '************1111_': 2,
    })
  })

  test('nesting without end is cut, not followed', () => {
    const deep = JSON.parse(`${'['.repeat(5_000)}"4111111111111111"${']'.repeat(5_000)}`) as unknown
    expect(JSON.stringify(maskDeep(deep))).not.toContain('4111111111111111')
  })

  test('a key named __proto__ is data like any other', () => {
    const masked = maskDeep(JSON.parse('{"__proto__": {"a": "4111111111111111"}}'))
    expect(JSON.stringify(masked)).toBe('{"__proto__":{"a":"************1111"}}')
  })
})
