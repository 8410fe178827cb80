/**
 * Turns on a real broker: in stored order, one at a time, each once, whatever comes twice, late, broken or from another
 * node. What `decide` makes of an event is told elsewhere; here it is that every event has its turn.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type JetStreamClient, jetstream } from '@nats-io/jetstream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { connectBroker } from '../runtime/broker.ts'
import { StartError } from '../runtime/errors.ts'
import { partitionOf } from '../runtime/partition.ts'
import { readBatch } from '../runtime/read-batch.ts'
import type { TurnRecord } from '../runtime/record.ts'
import { persist } from '../runtime/stages/persist.ts'
import { ensureStreams, stream, subject } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'
import { parley } from './command-line.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { greetingBroker } from './greeting-broker.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

const partitions = 4
let broker: Broker
let far: FarSides
let node: TestNode
let js: JetStreamClient
let from: string
let customers = 0
const newCustomer = () => `+1415559${String(++customers).padStart(4, '0')}`

beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
})
afterAll(async () => {
  await far.close()
  await broker.stop()
})
const start = async (env: Record<string, string> = {}) => {
  const started = await startTestNode(broker, { ...far.env, ...env })
  js = jetstream(started.node.broker.nc)
  return started
}
const realTime = { PARLEY_CLOCK: 'real' }
/** Long enough for a busy machine to see the menu before it times out. */
const shortMenu = { ...realTime, PARLEY_ASSETS__0__POLICY__MENU_TIMEOUT_SECONDS: '3' }

const says = async (...texts: string[]) => {
  for (const text of texts) {
    expect((await node.text(text, { from })).status).toBe(200)
    await node.advance(0)
  }
}
const actorOf = async () => (await node.conversation(from)).id
const stored = async (actor: string) =>
  (await readBatch(node.node.broker.jsm, stream.turns, subject.turns(partitionOf(actor, partitions), actor), 256)).map(
    (message) => ({ revision: message.seq, record: message.json<TurnRecord>() }),
  )
const letters = async (actor: string) =>
  (await readBatch(node.node.broker.jsm, stream.dead, `parley.dead.*.${actor}`, 500)).map((one) => one.json<Json>())
/** Puts something into the inbox as no door would. */
const inject = async (actor: string, content: unknown, msgID?: string) => {
  const payload = typeof content === 'string' ? content : JSON.stringify(content)
  await js.publish(subject.in(actor), payload, msgID === undefined ? {} : { msgID })
  await node.advance(0)
}
const heard = (turns: { event: { type: string; data: unknown } }[]) =>
  turns.filter(({ event }) => event.type === 'parley.message.received').map(({ event }) => (event.data as Json).text)

describe('on one node', () => {
  beforeAll(async () => {
    node = await start()
  })
  afterAll(() => node.stop())
  beforeEach(() => {
    from = newCustomer()
  })

  test('T1, E1: 100 messages of one customer, sent at once, reach Engage in the order in which they were stored; others do not wait', async () => {
    await says('Hi', '1')
    const crowd = Array.from({ length: 10 }, newCustomer)
    const words = Array.from({ length: 100 }, (_, index) => `message ${index}`)
    const sent = words.map((text) => node.text(text, { from }))
    const others = crowd.map((one) => node.text('Hi', { from: one }))
    expect((await Promise.all([...sent, ...others])).map(({ status }) => status)).toEqual(Array(110).fill(200))
    await node.advance(0)

    const records = (await stored(await actorOf())).map(({ record }) => record)
    const positions = records.map(({ input }) => input.sequence)
    expect(positions).toEqual([...positions].sort((a, b) => a - b))
    const turned = heard(await node.turns(from)).slice(2)
    expect([...turned].sort()).toEqual([...words].sort())
    const { conversationId } = await node.conversation(from)
    const appended = far
      .asked('appendConversation')
      .map(({ body }) => body as Json)
      .filter((body) => body.conversationId === conversationId && body.text.startsWith('message '))
    expect(appended.map(({ text }) => text)).toEqual(turned)
    for (const one of crowd) expect((await node.conversation(one)).state).toBe('noConversation.menu')
  })

  test('E1: two first messages at once make one conversation', async () => {
    await Promise.all(['one', 'two', 'three'].map((text) => node.text(text, { from })))
    await node.advance(0)
    const created = far.asked('createConversation').filter(({ body }) => (body as Json).customerAddress === from)
    expect(created).toHaveLength(1)
    expect(heard(await node.turns(from)).sort()).toEqual(['one', 'three', 'two'])
  })

  test('T3: of two who append to the same revision one is refused', async () => {
    await says('Hi')
    const { record, revision } = (await stored(await actorOf())).at(-1)!
    const both = await Promise.all(
      [1, 2].map(() => persist(js, partitions, { ...record, turn: record.turn + 1 }, revision)),
    )
    expect(both.map(({ kind }) => kind).sort()).toEqual(['committed', 'fenced'])
  })

  test('T3: a node whose memory of a conversation is old decides again on what is stored', async () => {
    await says('Hi', 'pizza')
    const actor = await actorOf()
    const { record, revision } = (await stored(actor)).at(-1)!
    expect(record.snapshot).toMatchObject({ context: { wrongAnswers: 1 } })
    const context = { ...(record.snapshot as Json).context, wrongAnswers: 2 }
    const other = { ...record, turn: record.turn + 1, effects: [], snapshot: { ...record.snapshot, context } }
    expect((await persist(js, partitions, other as TurnRecord, revision)).kind).toBe('committed')

    await says('pasta')
    const closed = (await stored(actor)).find(
      ({ record }) => record.before === 'noConversation.menu' && record.state.startsWith('closed'),
    )
    expect(closed?.record).toMatchObject({ turn: record.turn + 2, cause: { data: { text: 'pasta' } } })
  })

  test('T5: what is no event is a dead letter with its reason, and the conversation goes on', async () => {
    await says('Hi')
    const actor = await actorOf()
    const event = { specversion: '1.0', id: 'x', time: '2026-03-02T14:00:00Z', source: '/test' }
    await inject(actor, '{"specversion"')
    await inject(actor, 'null')
    await inject(actor, { ...event, specversion: '0.3' })
    await inject(actor, { ...event, type: 'parley.exploded', data: {} })
    await inject(actor, { ...event, type: 'parley.message.received', data: { text: 7 } })
    expect(await letters(actor)).toMatchObject([
      { kind: 'unreadable', actor, reason: 'not JSON' },
      { kind: 'unreadable', actor, reason: 'not a CloudEvent of version 1.0' },
      { kind: 'unreadable', actor, reason: 'not a CloudEvent of version 1.0' },
      { kind: 'unreadable', actor, reason: expect.stringContaining('not an event') },
      { kind: 'unreadable', actor, reason: expect.stringContaining('text') },
    ])
    await says('1')
    expect((await node.conversation(from)).state).toBe('inQueue.created')
  })

  test('T5: a runtime event without its content is a dead letter, too', async () => {
    await says('Hi')
    const actor = await actorOf()
    for (const type of ['parley.ask.answered', 'parley.timer.due']) {
      await inject(actor, { specversion: '1.0', id: type, source: '/test', time: '2026-03-02T14:00:00Z', type })
    }
    expect((await letters(actor)).map(({ kind }) => kind)).toEqual(['unreadable', 'unreadable'])
  })

  test('T5, E115: an event at which the machine throws is a dead letter of kind poison, whole, and the next one is turned', async () => {
    let answer = () => {}
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    far.next('searchConversation', { status: 200, body: { outcome: 'noConversationFound' }, after: answered })
    await node.text('Hi', { from })
    await vi.waitFor(async () => expect(await node.conversation(from)).toBeDefined())
    const actor = await actorOf()
    const { revision } = (await stored(actor)).at(0)!
    const data = { ask: 'searchConversation', type: 'searchConversation', key: `${actor}.${revision}.0`, output: null }
    const poison = {
      specversion: '1.0',
      id: 'poison',
      source: '/test',
      time: '2026-03-02T14:00:00Z',
      type: 'parley.ask.answered',
      data,
    }
    await js.publish(subject.in(actor), JSON.stringify(poison))
    await vi.waitFor(async () => expect(await letters(actor)).toHaveLength(1))
    answer()
    await node.advance(0)
    expect(await letters(actor)).toMatchObject([
      { kind: 'poison', actor, reason: expect.stringMatching(/machine sms threw/), content: poison },
    ])
    expect((await node.conversation(from)).state).toBe('noConversation.menu')
  })

  test('T5: a turn that no stored message can hold is a dead letter, and the conversation goes on', async () => {
    await says('Hi')
    const actor = await actorOf()
    await says('x'.repeat(600_000))
    expect(await letters(actor)).toMatchObject([
      { kind: 'poison', reason: expect.stringMatching(/the turn would take \d+ bytes/) },
    ])
    expect((await node.text('y'.repeat(1_045_000), { from })).status).toBe(413)
    await says('1')
    expect((await node.conversation(from)).state).toBe('inQueue.created')
  })

  test('A46, E2: the same event stored twice, after every other net has let it through, is turned once', async () => {
    await says('Hi')
    const actor = await actorOf()
    const { record } = (await stored(actor)).at(0)!
    const before = (await stored(actor)).length
    for (const net of ['net-1', 'net-2']) await inject(actor, record.cause, net)
    await says('pizza')
    for (const net of ['net-3', 'net-4']) await inject(actor, record.cause, net)
    expect(heard(await node.turns(from))).toEqual(['Hi', 'pizza'])
    expect((await stored(actor)).length).toBe(before + 1)
    expect(await letters(actor)).toEqual([])
  })

  test('events of two doors that happen to have one id are two events', async () => {
    const id = 'same-id'
    await node.text('Hi', { from, tid: id })
    await node.advance(0)
    await says('1')
    const { taskId } = await node.conversation(from)
    await node.ask('POST', '/v1/webhooks/digital-routing', {
      eventId: id,
      eventType: 'QUEUED',
      task: { taskId, estimatedWaitTime: 60 },
    })
    await node.advance(0)
    expect((await node.conversation(from)).state).toBe('inQueue.queued')
  })

  test('T10: a timer of an earlier generation, and an answer to a request of the past, change nothing', async () => {
    await says('Hi')
    const actor = await actorOf()
    const before = await stored(actor)
    const [timer, { generation }] = Object.entries(before.at(-1)!.record.timers)[0]!
    const event = { specversion: '1.0', source: '/test', time: '2026-03-02T14:00:00Z' }
    await inject(actor, {
      ...event,
      id: 'early',
      type: 'parley.timer.due',
      data: { timer, generation: generation - 1 },
    })
    const data = {
      ask: 'createConversation',
      type: 'createConversation',
      key: `${actor}.1.0`,
      error: { code: 'failed' },
    }
    await inject(actor, { ...event, id: 'late', type: 'parley.ask.answered', data })
    expect(await stored(actor)).toEqual(before)
    await inject(actor, { ...event, id: 'due', type: 'parley.timer.due', data: { timer, generation } })
    expect((await node.conversation(from)).state).toBe('closed.resting')
    await inject(actor, { ...event, id: 'again', type: 'parley.timer.due', data: { timer, generation } })
    expect((await node.conversation(from)).state).toBe('closed.resting')
    expect(await letters(actor)).toEqual([])
  })

  test('T8, E117: a record of a machine version that this build does not have stays as it is; what comes for it is set aside', async () => {
    await says('Hi')
    const actor = await actorOf()
    const { record, revision } = (await stored(actor)).at(-1)!
    const future = { ...record, turn: record.turn + 1, effects: [], machine: { ...record.machine, version: '999' } }
    await persist(js, partitions, future, revision)
    await says('1')
    expect(await letters(actor)).toMatchObject([
      { kind: 'record', actor, reason: 'this build has no machine sms version 999', content: { data: { text: '1' } } },
    ])
    expect((await stored(actor)).at(-1)?.record).toEqual(future)
    expect(await node.conversation(from)).toMatchObject({ version: '999', state: 'noConversation.menu' })
  })
})

describe('timers of the server', () => {
  beforeEach(() => {
    from = newCustomer()
  })
  afterEach(() => node.stop())
  const inState = (state: string) =>
    vi.waitFor(async () => expect((await node.conversation(from)).state).toBe(state), { timeout: 8_000, interval: 50 })

  test('fire when they are due, and not when the conversation has moved on', async () => {
    node = await start(shortMenu)
    await node.text('Hi', { from })
    await inState('noConversation.menu')
    await inState('closed.resting')
    const turns = await node.turns(from)
    const [armed, fired] = turns.slice(-3).map(({ at }) => Date.parse(at)) as [number, number]
    expect(fired - armed).toBeGreaterThanOrEqual(3_000)
    expect(turns.map(({ event }) => event.type).filter((type) => type === 'parley.timer.due')).toHaveLength(1)

    from = newCustomer()
    await node.text('Hi', { from })
    await inState('noConversation.menu')
    await node.text('1', { from })
    await inState('inQueue.created')
    const other = newCustomer()
    await node.text('Hi', { from: other })
    await vi.waitFor(async () => expect((await node.conversation(other)).state).toBe('closed.resting'), {
      timeout: 8_000,
    })
    expect((await node.conversation(from)).state).toBe('inQueue.created')
    expect((await node.turns(from)).filter(({ event }) => event.type === 'parley.timer.due')).toEqual([])
  })

  test('E91: fire for a node that was not there when they were due', async () => {
    node = await start(shortMenu)
    await node.text('Hi', { from })
    await inState('noConversation.menu')
    await node.stop()
    const watcher = await connectBroker([broker.url], {}, 'watcher')
    await vi.waitFor(
      async () => expect((await watcher.jsm.streams.info(stream.inbox)).state.messages).toBeGreaterThan(0),
      { timeout: 8_000 },
    )
    await watcher.nc.close()
    node = await start(shortMenu)
    await inState('closed.resting')
  })
})

describe('several nodes on one broker', () => {
  /** So many who look at once must not keep the nodes from their work. */
  const unhurried = { timeout: 90_000, interval: 500 }

  test('E113: nothing is doubled and order is kept, while one of them leaves and another one comes', async () => {
    const everyone = Array.from({ length: 40 }, newCustomer)
    // A second attempt of a call that a busy machine let time out would be counted as a repeat.
    const patient = { ...realTime, PARLEY_ASSETS__0__POLICY__RETRY__ATTEMPT_TIMEOUT_MS: '30000' }
    const first = await start(patient)
    const second = await start(patient)
    const story = ['Hi', '2', 'one', 'two', 'three']
    const tell = (text: string, by: TestNode[]) =>
      Promise.all(everyone.map((one, index) => by[index % by.length]!.text(text, { from: one })))

    await tell('Hi', [first, second])
    await Promise.all(
      everyone.map((one) =>
        vi.waitFor(async () => expect((await second.conversation(one)).state).toBe('noConversation.menu'), {
          ...unhurried,
        }),
      ),
    )
    await tell('2', [second, first])
    await tell('one', [first, second])
    const leaving = first.stop()
    await tell('two', [second])
    const third = await start(patient)
    node = third
    await leaving
    await tell('three', [second, third])

    const settled = async (one: string) => {
      const turns = await third.turns(one)
      expect(heard(turns)).toEqual(story)
      expect(turns.flatMap(({ effects }) => effects).filter(({ status }) => status !== 'done')).toEqual([])
      return turns
    }
    const histories = await Promise.all(everyone.map((one) => vi.waitFor(() => settled(one), unhurried)))
    for (const turns of histories) {
      const { id } = await third.conversation(everyone[histories.indexOf(turns)])
      expect(turns.map(({ turn }) => turn)).toEqual(turns.map((_, index) => index + 1))
      const arrived = far.requests
        .map((request) => request.headers['idempotency-key'] ?? '')
        .filter((key) => key.startsWith(`${id}.`))
      expect(arrived).toEqual(turns.flatMap(({ effects }) => effects).map(({ key }) => key))
      expect(await letters(id)).toEqual([])
    }
    await second.stop()
    await third.stop()
  })
})

describe('a start that is refused', () => {
  test('because the streams were made with another count of partitions; and the process ends', async () => {
    const one = await startBroker()
    const made = await connectBroker([one.url], {}, 'made')
    await ensureStreams(made.jsm, { replicas: 1, partitions: 8 })
    await made.nc.close()
    const refusal = startTestNode(one)
    await expect(refusal).rejects.toBeInstanceOf(StartError)
    await expect(refusal).rejects.toMatchObject({
      code: 'E_PARTITIONS',
      message: expect.stringMatching(/made with 8 partitions, PARLEY_PARTITIONS says 4.*set it back to 8/),
    })
    const { code, stderr } = await parley(['serve'], {
      PARLEY_NATS_URL: one.url,
      PARLEY_PARTITIONS: '4',
      PARLEY_PORT: '0',
    })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^parley: the streams were made with 8 partitions/),
    })
    await one.stop()
  })

  test('because its port is taken; the node leaves nothing running', async () => {
    const one = await startBroker()
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as { port: number }
    const { code, stderr } = await parley(['serve'], { PARLEY_NATS_URL: one.url, PARLEY_PORT: String(port) })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`parley: port ${port} is taken; set PARLEY_PORT`)),
    })
    holder.close()
    await one.stop()
  })

  test('because the server is too old for timers and ordered fail-over', async () => {
    const old = await greetingBroker({ version: '2.10.27' })
    await expect(startTestNode({ url: old.url, dir: broker.dir })).rejects.toMatchObject({
      code: 'E_BROKER_VERSION',
      message: expect.stringMatching(/^nats-server 2\.10\.27 is too old: 2\.14\.0 or newer is needed/),
    })
    old.close()
  })

  test('because nobody answers', async () => {
    await expect(startTestNode({ url: 'nats://127.0.0.1:1', dir: broker.dir })).rejects.toMatchObject({
      code: 'E_BROKER',
    })
  })
})
