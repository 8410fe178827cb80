/**
 * Texts over SMPP 3.4, in and out: a node on a real broker, bound over a real socket to a message centre that shares no
 * line with our own protocol code; and the pure parts by bytes of the specification (invariants T6, T7, T9).
 */
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock, virtualClock } from '../adapters/clock.ts'
import { gsmText, septetsOf } from '../adapters/smpp/gsm-alphabet.ts'
import { textIn, written } from '../adapters/smpp/message-text.ts'
import { incomplete_ms_max, part_held_ms_max, partCollector } from '../adapters/smpp/part-collector.ts'
import { encoded, MalformedPdu, messageBody, messageIn, pduReader, type ShortMessage } from '../adapters/smpp/pdu.ts'
import { receiptIn } from '../adapters/smpp/receipt.ts'
import { NotTaken, openSession } from '../adapters/smpp/session.ts'
import { smpp } from '../adapters/smpp/smpp.ts'
import type { Effect } from '../machines/effects.ts'
import { callOf, effectErrorOf } from './adapter-contract.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Centre, centre } from './message-centre.ts'
import { asset, type Json, startTestNode, type TestNode } from './node.ts'

const message = (more: Partial<ShortMessage> = {}): ShortMessage => ({
  from: { ton: 1, npi: 1, address: '14155550123' },
  to: { ton: 1, npi: 1, address: asset },
  esmClass: 0,
  registeredDelivery: 0,
  dataCoding: 0,
  octets: Buffer.from('Hi'),
  optional: new Map(),
  ...more,
})

describe('a unit', () => {
  test('is laid out as the specification has it: bind_transmitter of section 3.2.3', () => {
    const bytes = '0000002F000000020000000000000001534D50503354455354007365637265743038005355424D4954310000010100'
    const [pdu] = pduReader()(Buffer.from(bytes, 'hex'))
    expect(pdu).toMatchObject({ id: 2, status: 0, sequence: 1 })
    expect(pdu!.body.toString('latin1')).toBe('SMPP3TEST\0secret08\0SUBMIT1\0\0\u0001\u0001\0')
    expect(encoded(pdu!).toString('hex').toUpperCase()).toBe(bytes)
  })

  test('comes whole however it was cut on the way, and two that came together are two', () => {
    const one = encoded({ id: 5, status: 0, sequence: 7, body: messageBody(message()) })
    const both = Buffer.concat([one, one])
    for (let size = 1; size <= both.length; size++) {
      const read = pduReader()
      const found = []
      for (let at = 0; at < both.length; at += size) found.push(...read(both.subarray(at, at + size)))
      expect(found.map(({ body }) => messageIn(body).octets.toString())).toEqual(['Hi', 'Hi'])
    }
  })

  test('of an impossible length ends the reading, and a body that ends too soon is told from a message', () => {
    expect(() => pduReader()(Buffer.from('0000000f', 'hex'))).toThrow(MalformedPdu)
    expect(() => pduReader()(Buffer.from('7fffffff', 'hex'))).toThrow(MalformedPdu)
    const body = messageBody(message())
    for (let length = 0; length < body.length; length++) {
      expect(() => messageIn(body.subarray(0, length))).toThrow(MalformedPdu)
    }
  })
})

describe('a text', () => {
  const back = (text: string) =>
    written(text, 7).parts.map((octets) =>
      textIn(
        message({ octets, esmClass: written(text, 7).hasHeader ? 0x40 : 0, dataCoding: written(text, 7).dataCoding }),
      ),
    )

  test('has the octets of the GSM alphabet, the extension table behind its escape', () => {
    expect(written('@£$ é Ω ñ', 0).parts[0]!.toString('hex')).toBe('0001022005201520 7d'.replaceAll(' ', ''))
    expect(written('[€]', 0).parts[0]!.toString('hex')).toBe('1b3c1b651b3e')
    expect(septetsOf('ç')).toBeUndefined()
    expect(gsmText(Buffer.from([0x48, 0x1b, 0x7f, 0x69, 0x1b]))).toBe('H i')
  })

  test.each<[what: string, text: string, coding: number, sizes: number[]]>([
    ['160 letters of the GSM alphabet are one', 'a'.repeat(160), 0, [160]],
    ['161 are two of 153 at most', 'a'.repeat(161), 0, [159, 14]],
    ['80 euro signs are one, 81 are two, none of them cut', '€'.repeat(81), 0, [158, 16]],
    ['70 letters beyond it are one', 'ж'.repeat(70), 8, [140]],
    ['71 are two', 'ж'.repeat(71), 8, [140, 14]],
    ['a picture of two units is not cut in two', `${'ж'.repeat(66)}🙂${'ж'.repeat(9)}`, 8, [138, 28]],
    ['none is one', '', 0, [0]],
  ])('%s', (_, text, coding, sizes) => {
    const { dataCoding, parts } = written(text, 7)
    expect([dataCoding, parts.map(({ length }) => length)]).toEqual([coding, sizes])
    expect(
      back(text)
        .map((part) => part!.text)
        .join(''),
    ).toBe(text)
    const total = parts.length
    const numbers = parts.map((_part, index) => ({ reference: 7, total, index: index + 1 }))
    expect(back(text).map((part) => part!.part)).toEqual(total === 1 ? [undefined] : numbers)
  })

  test('over 255 parts is refused', () => expect(() => written('a'.repeat(153 * 255 + 1), 0)).toThrow(RangeError))

  test('comes in Latin-1, with a reference of two octets, by parameters, or as a payload, too', () => {
    expect(textIn(message({ dataCoding: 3, octets: Buffer.from('Grüße', 'latin1') }))?.text).toBe('Grüße')
    const wide = Buffer.from([6, 8, 4, 1, 2, 3, 2, 0x48])
    expect(textIn(message({ esmClass: 0x40, octets: wide }))).toEqual({
      text: 'H',
      part: { reference: 258, total: 3, index: 2 },
    })
    const optional = new Map([
      [0x020c, Buffer.from([0, 9])],
      [0x020e, Buffer.from([2])],
      [0x020f, Buffer.from([1])],
    ])
    expect(textIn(message({ optional }))?.part).toEqual({ reference: 9, total: 2, index: 1 })
    const body = messageBody(message({ octets: Buffer.alloc(0) }))
    const payload = Buffer.concat([body, Buffer.from([0x04, 0x24, 0, 2]), Buffer.from('Yo')])
    expect(textIn(messageIn(payload))?.text).toBe('Yo')
    expect(textIn(message({ dataCoding: 4 }))).toBeUndefined()
  })
})

describe('a receipt', () => {
  const text = (stat: string, err = '000') =>
    Buffer.from(
      `id:abc-1 sub:001 dlvrd:001 submit date:2603021405 done date:2603021406 stat:${stat} err:${err} text:Hi`,
    )
  test.each([
    ['DELIVRD', '000', 'Delivered', ''],
    ['UNDELIV', '069', 'Failed', '069'],
    ['EXPIRED', '000', 'Failed', 'EXPIRED'],
    ['REJECTD', '', 'Failed', 'REJECTD'],
    ['ENROUTE', '000', '', ''],
    ['ACCEPTD', '000', '', ''],
  ])('%s, error %j, is %j', (stat, err, status, code) => {
    expect(receiptIn(message({ esmClass: 4, octets: text(stat, err) }))).toEqual({ messageId: 'abc-1', status, code })
  })

  test('is told by its parameters where they are there; a text is none', () => {
    const optional = new Map([
      [0x001e, Buffer.from('xyz\0')],
      [0x0427, Buffer.from([2])],
    ])
    expect(receiptIn(message({ esmClass: 4, octets: text('UNDELIV'), optional }))).toMatchObject({
      messageId: 'xyz',
      status: 'Delivered',
    })
    expect(receiptIn(message({ octets: text('DELIVRD') }))).toBeUndefined()
  })
})

describe('parts of a long message', () => {
  const part = (index: number, total = 3, reference = 7) => ({ reference, total, index })
  const collecting = () => {
    const clock = virtualClock(0)
    const whole: string[] = []
    const answers: number[] = []
    const take = partCollector(clock)
    const deliver = async (text: string) => {
      whole.push(text)
      return answers.shift() ?? 0
    }
    return {
      clock,
      whole,
      answers,
      take: (index: number, text: string, total = 3) => take('a b', part(index, total), text, deliver),
    }
  }

  test('are one message in order, in whatever order they come, and all are taken once it is stored', async () => {
    const { take, whole } = collecting()
    expect(await Promise.all([take(3, 'c'), take(1, 'a'), take(2, 'b')])).toEqual([0, 0, 0])
    expect(whole).toEqual(['abc'])
    expect(await take(2, 'b')).toBe(0)
    expect(whole).toHaveLength(1)
  })

  test('are asked for again when the whole could not be stored, and are the same message then', async () => {
    const { take, whole, answers } = collecting()
    answers.push(0x64)
    expect(await Promise.all([take(1, 'a'), take(2, 'b'), take(3, 'c')])).toEqual([0x64, 0x64, 0x64])
    expect(await take(1, 'a')).toBe(0)
    expect(whole).toEqual(['abc', 'abc'])
  })

  test('that come one at a time are asked for again, remembered, and taken with the last', async () => {
    const { clock, take, whole } = collecting()
    for (const [index, text] of [
      [1, 'a'],
      [2, 'b'],
    ] as const) {
      const answer = take(index, text)
      await clock.advance(part_held_ms_max)
      expect(await answer).toBe(0x64)
    }
    expect(await take(3, 'c')).toBe(0)
    expect([await take(1, 'a'), await take(2, 'b')]).toEqual([0, 0])
    expect(whole).toEqual(['abc'])
  })

  test('without one that never comes are a message with a gap, after five minutes', async () => {
    const { clock, take, whole } = collecting()
    const first = take(1, 'a')
    const third = take(3, 'c')
    await clock.advance(incomplete_ms_max)
    expect(await Promise.all([first, third])).toEqual([0x64, 0x64])
    expect(await take(1, 'a')).toBe(0)
    expect(whole).toEqual(['a[…]c'])
  })

  test('under a number that comes round again are another message', async () => {
    const { take, whole } = collecting()
    await Promise.all([take(1, 'a', 2), take(2, 'b', 2)])
    await Promise.all([take(1, 'c', 2), take(2, 'd', 2)])
    expect(whole).toEqual(['ab', 'cd'])
  })
})

const send = (text = 'Hello', key = asset): Effect => ({
  type: 'sendMessage',
  payload: {
    actor: '00112233aabbccdd',
    address: { channel: 'sms', asset: key, customer: '+14155550123' },
    conversationId: '',
    purpose: 'created',
    text,
    appId: '',
  },
})

describe('the SMPP adapter', () => {
  const refusing = (found: number | undefined) => {
    const link = { submit: async () => Promise.reject(new NotTaken(found)) }
    return smpp({ link, sent: { keep: async () => {} }, sends: (id) => id === asset })
  }
  test.each<[what: string, found: number | undefined, expected: object]>([
    ['ESME_RTHROTTLED', 0x58, { family: 'retryable', code: 'tooManyRequests' }],
    ['ESME_RMSGQFUL', 0x14, { family: 'retryable', code: 'tooManyRequests' }],
    ['ESME_RSYSERR', 0x08, { family: 'retryable', code: 'failed' }],
    ['ESME_RINVDSTADR', 0x0b, { family: 'terminal', code: 'refused' }],
    ['no session', undefined, { family: 'retryable', code: 'failed' }],
  ])('%s is told from the others by its status', async (_, found, expected) => {
    expect(await effectErrorOf(refusing(found).perform(send(), callOf()))).toMatchObject(expected)
  })

  test('T6: the parts of a text have the same bytes on every attempt', async () => {
    const bodies: string[] = []
    const link = { submit: async (body: Buffer) => String(bodies.push(body.toString('hex'))) }
    const it = smpp({ link, sent: { keep: async () => {} }, sends: () => true })
    for (let times = 0; times < 2; times++) await it.perform(send('x'.repeat(400)), callOf())
    expect(bodies).toHaveLength(6)
    expect(bodies.slice(0, 3)).toEqual(bodies.slice(3))
  })

  test('a text of another asset is not its business', () => expect(refusing(0).takes?.(send('Hi', '1'))).toBe(false))
})

describe('a session', () => {
  const open = (url: string) =>
    openSession({ url, mode: 'bind_transmitter', clock: systemClock(), hear: async () => ({ status: 0 }) })

  test('has no more requests open than its window, and the others follow', async () => {
    const far = await centre()
    const session = await open(`${far.url}?window=3`)
    const release = far.hold()
    const body = messageBody(message())
    const sent = Promise.all(Array.from({ length: 5 }, () => session.submit(body, new AbortController().signal)))
    while (far.submitted.length < 3) await new Promise((resolve) => setImmediate(resolve))
    expect(release()).toBe(3)
    expect(await sent).toHaveLength(5)
    await session.end()
    await far.close()
  })

  test('is refused with the status of the centre, and one that sends no SMPP is hung up on', async () => {
    const far = await centre()
    expect(await open(far.url.replace('s3cret', 'wrong')).catch((error) => error)).toMatchObject({ status: 0x0e })
    await far.close()
    const web = createServer((socket) => void socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    const { port } = web.address() as AddressInfo
    expect(await open(`smpp://a:b@127.0.0.1:${port}`).catch((error) => error)).toBeInstanceOf(NotTaken)
    await new Promise<void>((resolve) => web.close(() => resolve()))
  })
})

describe('a node with a message centre', () => {
  let broker: Broker
  let far: FarSides
  let smsc: Centre
  let node: TestNode
  beforeAll(async () => {
    broker = await startBroker()
    far = await farSides()
    smsc = await centre()
    const bound = smsc.bind()
    node = await startTestNode(broker, { ...far.env, SMPP_URL: smsc.url, PARLEY_RATE_PER_CUSTOMER: '3' })
    await bound
  })
  afterAll(async () => {
    await node.stop()
    await smsc.close()
    await far.close()
    await broker.stop()
  })

  let people = 3_000
  const person = (): string => `1415555${people++}`
  const from = (who: string, text: string, more: object = {}) => ({
    source_addr_ton: 1,
    source_addr_npi: 1,
    source_addr: who,
    destination_addr: asset,
    short_message: text,
    ...more,
  })
  const eventsOf = async (who: string, type: RegExp): Promise<Json[]> =>
    (await node.turns(`+${who}`)).map(({ event }) => event as Json).filter((event) => type.test(event.type))
  const heardFrom = async (who: string) => (await eventsOf(who, /message.received/)).map(({ data }) => data.text)
  const sentTo = (who: string) => smsc.submitted.filter(({ to }) => to === who)

  test('is bound as a transceiver of version 3.4', () => expect(smsc.bound).toEqual(['bind_transceiver parley 34']))

  test('SM1, T7: a text is taken once it is stored, its card number masked, and answered over SMPP', async () => {
    const who = person()
    expect(await smsc.deliver(from(who, 'pay 4111 1111 1111 1111'))).toBe(0)
    await node.advance(0)
    expect(await heardFrom(who)).toEqual(['pay **** **** **** 1111'])
    expect(sentTo(who).length).toBeGreaterThan(0)
    expect(sentTo(who)[0]).toMatchObject({ from: asset, dataCoding: 0 })
    expect(far.asked('sendMessage')).toHaveLength(0)
  })

  test('a long text in letters beyond the GSM alphabet comes in parts, last one first, and is one message', async () => {
    const who = person()
    const text = `${'Здравствуйте '.repeat(8)}🙂`
    const { parts, dataCoding } = written(text, 42)
    expect(parts.length).toBe(2)
    const answers = parts
      .toReversed()
      .map((short_message) => smsc.deliver(from(who, '', { short_message, data_coding: dataCoding, esm_class: 0x40 })))
    expect(await Promise.all(answers)).toEqual([0, 0])
    await node.advance(0)
    expect(await heardFrom(who)).toEqual([text])
  })

  test('a receipt finds the conversation that sent the text; a stage on the way is not told', async () => {
    const who = person()
    await smsc.deliver(from(who, 'Hi'))
    await node.advance(0)
    const sent = sentTo(who).at(-1)!
    expect(sent.registeredDelivery).toBe(1)
    const receipt = (stat: string, err = '000') =>
      smsc.deliver(
        from(who, `id:${sent.messageId} sub:001 dlvrd:001 stat:${stat} err:${err} text:Hi`, { esm_class: 4 }),
      )
    for (const stat of ['ENROUTE', 'DELIVRD', 'DELIVRD', 'ENROUTE']) expect(await receipt(stat)).toBe(0)
    await node.advance(0)
    const told = (await eventsOf(who, /receipt/)).map(({ data }) => [data.status, data.correlationId.slice(0, 5)])
    expect(told).toEqual([['Delivered', 'conv:']])
  })

  test('a customer who writes too fast is asked to come again, and the same text is one message then', async () => {
    const who = person()
    const answers: number[] = []
    for (const text of ['1', '2', '3', '4']) answers.push(await smsc.deliver(from(who, text)))
    expect(answers).toEqual([0, 0, 0, 0x64])
    await node.advance(60_000)
    expect(await smsc.deliver(from(who, '4'))).toBe(0)
    await node.advance(0)
    expect((await heardFrom(who)).filter((text) => text === '4')).toHaveLength(1)
  })

  test('binary is refused for good, and a text to nobody is set aside', async () => {
    expect(await smsc.deliver(from(person(), '', { short_message: Buffer.from([1, 2]), data_coding: 4 }))).toBe(0x65)
    expect(await smsc.deliver(from(person(), 'Hi', { destination_addr: '14155559999' }))).toBe(0)
    expect((await node.deadLetters()).at(-1)).toMatchObject({ kind: 'unhandled' })
  })

  test('a throttled text is sent again, under the policy of its asset', async () => {
    const who = person()
    smsc.refuse.push(0x58)
    await smsc.deliver(from(who, 'Hi'))
    await node.advance(1_000)
    expect(sentTo(who).length).toBeGreaterThan(0)
  })

  test('a lost connection is opened again, and texts go both ways as before', async () => {
    const again = smsc.bind()
    smsc.cut()
    await again
    const who = person()
    expect(await smsc.deliver(from(who, 'still there?'))).toBe(0)
    await node.advance(0)
    expect(sentTo(who).length).toBeGreaterThan(0)
  })
})
