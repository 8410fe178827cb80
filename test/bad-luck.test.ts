/**
 * Bad luck at the broker: streams that somebody changed, no room left, lines that break, clocks that jump. Nothing that
 * was accepted is lost or done twice, and a start that cannot go well is refused with what to do.
 */
import { readFileSync } from 'node:fs'
import type { StreamConfig } from '@nats-io/jetstream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { virtualClock } from '../adapters/clock.ts'
import { breaker, breaker_failures_max } from '../runtime/breaker.ts'
import { type Broker as Connection, connectBroker } from '../runtime/broker.ts'
import { rateLimit } from '../runtime/rate-limit.ts'
import { differences } from '../runtime/stream-settings.ts'
import { ensureStreams, stream, streamConfigs } from '../runtime/streams.ts'
import { brokenLine } from './broken-line.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { greetingBroker } from './greeting-broker.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

const settings = { replicas: 1, partitions: 4 }
let broker: Broker
let far: FarSides

beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
})
afterAll(async () => {
  await far.close()
  await broker.stop()
})

describe('streams that somebody changed', () => {
  let one: Broker
  let connection: Connection
  beforeEach(async () => {
    one = await startBroker()
    connection = await connectBroker([one.url], {}, 'changer')
  })
  afterEach(async () => {
    await connection.nc.close()
    await one.stop()
  })
  const wanted = (name: string) => streamConfigs(settings).find((config) => config.name === name)!
  const found = async (name: string) => (await connection.jsm.streams.info(name)).config

  test('start again as they are when nothing differs', async () => {
    await ensureStreams(connection.jsm, settings)
    for (const config of streamConfigs(settings)) expect(differences(config, await found(config.name))).toEqual([])
    await ensureStreams(connection.jsm, settings)
  })

  const mended: [what: string, name: string, change: Partial<StreamConfig>][] = [
    ['an age at which turns would be forgotten', stream.turns, { max_age: 3_600_000_000_000 }],
    ['a bound at which the oldest turns would make room', stream.turns, { max_bytes: 1_000_000 }],
    ['fewer turns a conversation', stream.turns, { max_msgs_per_subject: 5 }],
    ['a shorter window for duplicates', stream.inbox, { duplicate_window: 1_000_000_000 }],
    ['an inbox that makes room by throwing away', stream.inbox, { discard: 'old' as StreamConfig['discard'] }],
  ]
  test.each(mended)('T9: %s: changed back at the start, and nothing stored is lost', async (_, name, change) => {
    await ensureStreams(connection.jsm, settings)
    await connection.jsm.streams.update(name, { ...(await found(name)), ...change })
    expect(differences(wanted(name), await found(name))).not.toEqual([])
    await ensureStreams(connection.jsm, settings)
    expect(differences(wanted(name), await found(name))).toEqual([])
  })

  test('timers that the server was not told to fire: allowed at the start', async () => {
    const { allow_msg_schedules: _off, ...without } = wanted(stream.timers) as Json
    await connection.jsm.streams.add(without)
    await ensureStreams(connection.jsm, settings)
    expect((await found(stream.timers)).allow_msg_schedules).toBe(true)
  })

  test('another retention: the start is refused, and says what differs and how to mend it', async () => {
    await connection.jsm.streams.add({ ...wanted(stream.turns), retention: 'interest' } as Json)
    const refusal = startTestNode(one).then(({ stop }) => stop())
    await expect(refusal).rejects.toMatchObject({
      code: 'E_STREAM',
      message: expect.stringMatching(/^stream TURNS .* retention: expected "limits", found "interest"; .*backup TURNS/),
    })
  })

  test('fewer copies than asked for, where no server could hold another one: refused, with the server’s own words', async () => {
    await ensureStreams(connection.jsm, settings)
    await expect(ensureStreams(connection.jsm, { ...settings, replicas: 3 })).rejects.toMatchObject({
      code: 'E_STREAM',
      message: expect.stringMatching(
        /num_replicas: expected 3, found 1; the server refuses to change it \(.+\): use nats/,
      ),
    })
  })

  test('more copies than asked for, and a bound under which the newest is refused, are left alone', () => {
    const more = { ...wanted(stream.inbox), num_replicas: 3, max_bytes: 1_000_000 } as Partial<StreamConfig>
    expect(differences(wanted(stream.inbox), more)).toEqual([])
  })
})

test('a server that takes smaller messages than a turn may need: the start is refused, and says what to set', async () => {
  const small = await greetingBroker({ max_payload: 65_536 })
  await expect(startTestNode({ url: small.url, dir: broker.dir })).rejects.toMatchObject({
    code: 'E_MAX_PAYLOAD',
    message: expect.stringMatching(/at most 65536 bytes, turns may need 1048576: set max_payload to 1MB or more/),
  })
  small.close()
})

describe('no room left at the broker', () => {
  let node: TestNode
  let from: string
  let customers = 0
  beforeAll(async () => {
    node = await startTestNode(broker, far.env)
  })
  afterAll(() => node.stop())
  beforeEach(() => {
    from = `+1415553${String(++customers).padStart(4, '0')}`
  })
  const change = async (name: string, changes: Partial<StreamConfig>) => {
    const { jsm } = node.node.broker
    await jsm.streams.update(name, { ...(await jsm.streams.info(name)).config, ...changes })
  }
  /** Takes nothing more until it is lifted. */
  const fill = async (name: string) => {
    const { state, config } = await node.node.broker.jsm.streams.info(name)
    await change(name, { max_msgs: Math.max(1, state.messages), discard: 'new' as StreamConfig['discard'] })
    const before = { max_msgs: config.max_msgs, discard: config.discard } as Partial<StreamConfig>
    return () => change(name, before)
  }
  const logged = async (words: string) => {
    return readFileSync(node.logFile, 'utf8').split(words).length - 1
  }

  test('T9: what the inbox cannot store is 503 with Retry-After, and the same message is taken once there is room', async () => {
    await change(stream.inbox, { max_bytes: 64 })
    const refused = await node.text('Hi', { from, tid: 'no room' })
    expect([refused.status, refused.headers.get('retry-after'), refused.body.type]).toEqual([
      503,
      '2',
      'urn:parley:problem:not-stored',
    ])
    await change(stream.inbox, { max_bytes: -1 })
    const taken = await node.text('Hi', { from, tid: 'no room' })
    expect([taken.status, taken.body.duplicate]).toEqual([200, false])
    await node.advance(0)
    expect((await node.conversation(from)).state).toBe('noConversation.menu')
  })

  test('T3, T9: a turn that cannot be stored waits in its place; when there is room it is turned once, and others too', async () => {
    const lift = await fill(stream.turns)
    const waited = await logged('turn waits for the broker')
    const other = `${from.slice(0, -4)}9999`
    for (const text of ['Hi', '1']) expect((await node.text(text, { from })).status).toBe(200)
    expect((await node.text('Hi', { from: other })).status).toBe(200)
    await vi.waitFor(async () => expect(await logged('turn waits for the broker')).toBeGreaterThan(waited + 3))
    expect(await node.conversation(from)).toBeUndefined()
    await lift()
    await node.advance(0)
    const heard = (await node.turns(from)).filter(({ event }) => event.type === 'parley.message.received')
    expect(heard.map(({ event }) => (event.data as Json).text)).toEqual(['Hi', '1'])
    expect((await node.conversation(other)).state).toBe('noConversation.menu')
  })

  test('T6, T9: a dead letter that cannot be stored is stored when there is room, and its effect is not lost', async () => {
    await node.text('Hi', { from })
    await node.advance(0)
    await node.ask('POST', '/v1/inbound/sms', { tid: 'x', message: 'x', oa: from, da: '19995550001', ts: '' })
    const lift = await fill(stream.dead)
    const waited = await logged('transmit waits for the broker')
    far.next('appendConversation', { status: 400 })
    await node.text('1', { from })
    await vi.waitFor(async () => expect(await logged('transmit waits for the broker')).toBeGreaterThan(waited))
    await lift()
    await node.advance(0)
    const { id } = await node.conversation(from)
    expect((await node.deadLetters()).filter(({ actor }) => actor === id)).toMatchObject([{ kind: 'effect' }])
    expect(
      (await node.turns(from)).flatMap(({ effects }) => effects).filter(({ status }) => status === 'pending'),
    ).toEqual([])
  })

  test('T9: what became of effects waits for room, and no effect goes out twice for it', async () => {
    await node.text('Hi', { from })
    await node.advance(0)
    const lift = await fill(stream.effects)
    const waited = await logged('transmit waits for the broker')
    await node.text('1', { from })
    await vi.waitFor(async () => expect(await logged('transmit waits for the broker')).toBeGreaterThan(waited))
    await lift()
    await node.advance(0)
    const effects = (await node.turns(from)).flatMap((turn) => turn.effects)
    expect(effects.filter(({ status }) => status !== 'done')).toEqual([])
    const { id } = await node.conversation(from)
    const keys = far.requests
      .map(({ headers }) => headers['idempotency-key'] ?? '')
      .filter((key) => key.startsWith(`${id}.`))
    expect(new Set(keys).size).toBe(keys.length)
  })
})

test('T1, T9: a node whose connection is cut again and again, as that of a slow consumer is, turns everything once and in order', async () => {
  const line = await brokenLine(broker.url)
  const node = await startTestNode({ url: line.url, dir: broker.dir }, { ...far.env, PARLEY_CLOCK: 'real' })
  const from = '+14155531001'
  const texts = ['Hi', '1', ...Array.from({ length: 12 }, (_, index) => `message ${index}`)]
  for (const [index, text] of texts.entries()) {
    const tid = `cut ${index}`
    await vi.waitFor(async () => expect((await node.text(text, { from, tid })).status).toBe(200), { timeout: 10_000 })
    if (index % 3 === 0) expect(line.cut()).toBeGreaterThan(0)
    // What is said before the menu is no choice from it.
    const inMenu = async () => expect((await node.conversation(from))?.state).toBe('noConversation.menu')
    if (text === 'Hi') await vi.waitFor(inMenu, { timeout: 20_000 })
  }
  await vi.waitFor(
    async () => {
      const turns = await node.turns(from)
      const heard = turns.filter(({ event }) => event.type === 'parley.message.received')
      expect(heard.map(({ event }) => (event.data as Json).text)).toEqual(texts)
      expect(turns.flatMap(({ effects }) => effects).filter(({ status }) => status !== 'done')).toEqual([])
    },
    { timeout: 20_000, interval: 200 },
  )
  const { id } = await node.conversation(from)
  const appended = far
    .asked('appendConversation')
    .filter(({ headers }) => headers['idempotency-key']?.startsWith(`${id}.`))
    .map(({ body }) => (body as Json).text)
    .filter((text) => text.startsWith('message '))
  expect(appended).toEqual(texts.slice(2))
  await node.stop()
  line.close()
}, 60_000)

describe('a clock that jumps', () => {
  afterEach(() => vi.restoreAllMocks())
  const jump = (ms: number) => {
    const real = Date.now.bind(Date)
    vi.spyOn(Date, 'now').mockImplementation(() => real() + ms)
  }
  const hours_ms = 5 * 3_600_000
  const jumps: [what: string, ms: number, from: string][] = [
    ['ahead', hours_ms, '+14155530011'],
    ['back', -hours_ms, '+14155530012'],
  ]
  test.each(jumps)(
    'E116, T10: five hours %s: a timer that was armed before fires when the server finds it due, once; what comes later is turned',
    async (_, ms, from) => {
      const env = { PARLEY_CLOCK: 'real', PARLEY_ASSETS__0__POLICY__MENU_TIMEOUT_SECONDS: '3' }
      const node = await startTestNode(broker, { ...far.env, ...env })
      const inState = (state: string) =>
        vi.waitFor(async () => expect((await node.conversation(from)).state).toBe(state), { timeout: 15_000 })
      await node.text('Hi', { from })
      await inState('noConversation.menu')
      const armed_ms = performance.now()
      jump(ms)
      await inState('closed.resting')
      expect(performance.now() - armed_ms).toBeGreaterThan(2_000)
      expect((await node.turns(from)).filter(({ event }) => event.type === 'parley.timer.due')).toHaveLength(1)
      expect((await node.text('Hello again', { from })).status).toBe(200)
      await vi.waitFor(async () =>
        expect((await node.turns(from)).map(({ event }) => (event.data as Json).text)).toContain('Hello again'),
      )
      await node.stop()
    },
    60_000,
  )

  test('E116: set back by hours, it neither shuts out a customer nor a far side for hours', async () => {
    let now_ms = Date.UTC(2026, 2, 2, 14)
    const limit = rateLimit({ ...virtualClock(0), now: () => now_ms }, 2)
    expect([limit('a'), limit('a'), limit('a') > 0]).toEqual([0, 0, true])
    now_ms -= hours_ms
    expect(limit('a')).toBeLessThanOrEqual(60_000)

    const clock = { ...virtualClock(0), now: () => now_ms }
    const far = breaker(clock)
    for (let i = 0; i < breaker_failures_max; i++) far.failed()
    now_ms -= hours_ms
    await far.pass()
  })
})
