/**
 * What a person does with what was set aside: sends it again, once however often it is asked for, or gives it up. Real
 * nodes on virtual time, far sides that do as they are told.
 */
import { jetstream } from '@nats-io/jetstream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { partitionOf } from '../runtime/partition.ts'
import { readBatch } from '../runtime/read-batch.ts'
import type { TurnRecord } from '../runtime/record.ts'
import { persist } from '../runtime/stages/persist.ts'
import { stream, subject } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'
import { parley } from './command-line.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Answer, customer, type Json, smsBody, startTestNode, type TestNode } from './node.ts'
import { system } from './system.ts'

const partitions = 4
let broker: Broker
let far: FarSides
let node: TestNode
let from: string
let customers = 0

const start = async (env: Record<string, string> = {}) => {
  node = await startTestNode(broker, { ...far.env, ...env })
}
beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
})
afterAll(async () => {
  await far.close()
  await broker.stop()
})
beforeEach(() => {
  from = `+1415554${String(++customers).padStart(4, '0')}`
})
afterEach(() => node.stop())

const says = async (...texts: string[]) => {
  for (const text of texts) {
    expect((await node.text(text, { from })).status).toBe(200)
    await node.advance(0)
  }
}
const actorOf = async () => (await node.conversation(from)).id
const lettersOf = async (actor: string) => (await node.deadLetters()).filter((letter) => letter.actor === actor)
const retry = (id: string): Promise<Answer> => node.ask('POST', `/v1/dead-letters/${id}/retry`)
const drop = (id: string): Promise<Answer> => node.ask('DELETE', `/v1/dead-letters/${id}`)
const heard = async () =>
  (await node.turns(from))
    .filter(({ event }) => event.type === 'parley.message.received')
    .map(({ event }) => (event.data as Json).text)
const stored = async (actor: string) =>
  (await readBatch(node.node.broker.jsm, stream.turns, subject.turns(partitionOf(actor, partitions), actor), 256)).map(
    (message) => ({ revision: message.seq, record: message.json<TurnRecord>() }),
  )
const again = (times: number, act: () => Promise<Answer>) => Promise.all(Array.from({ length: times }, act))

describe('an effect that was given up', () => {
  beforeEach(async () => {
    await start()
    await says('Hi', '1')
  })
  const appended = (text: string) => far.asked('appendConversation').filter(({ body }) => (body as Json).text === text)

  test('T6, E114: goes out again under the key it had, once however often it is retried, and history says how it ended', async () => {
    const text = `hello from ${from}`
    far.next('appendConversation', { status: 400 })
    await says(text)
    const [letter] = await lettersOf(await actorOf())
    const answers = await again(4, () => retry(letter!.id))
    expect(answers.map(({ status }) => status)).toContain(200)
    await node.advance(0)

    const [first, second, ...more] = appended(text)
    expect(more).toEqual([])
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key'])
    expect(second?.text).toBe(first?.text)
    expect(await lettersOf(await actorOf())).toEqual([])
    const retried = (await node.turns(from)).filter(({ event }) => event.type === 'parley.effect.retried')
    expect(retried).toMatchObject([
      {
        heard: 'ignored',
        effects: [{ key: first?.headers['idempotency-key'], type: 'appendConversation', status: 'done', attempts: 1 }],
      },
    ])
    expect((await retry(letter!.id)).status).toBe(404)
  })

  test('is set aside anew when it is given up again, at once or later, and the customer is told of it only the first time', async () => {
    const text = `once more from ${from}`
    const apologies = async () => {
      const { conversationId } = await node.conversation(from)
      return far
        .asked('sendMessage')
        .filter(({ body }) => (body as Json).to[0].correlationId.includes(`${conversationId}:error-sending`)).length
    }
    far.next('appendConversation', { status: 400 })
    await says(text)
    const told = await apologies()
    for (const _ of [1, 2]) {
      const [letter, ...more] = await lettersOf(await actorOf())
      expect([letter?.kind, more]).toEqual(['effect', []])
      far.next('appendConversation', { status: 400 })
      await retry(letter!.id)
      await node.advance(0)
    }
    expect(appended(text)).toHaveLength(3)
    expect(new Set(appended(text).map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    const [last] = await lettersOf(await actorOf())
    await retry(last!.id)
    await node.advance(0)
    expect(await lettersOf(await actorOf())).toEqual([])
    expect(await apologies()).toBe(told)
  })
})

test('T8: an effect that this build has no adapter for is set aside, and the conversation goes on', async () => {
  await start()
  await says('Hi')
  const actor = await actorOf()
  const { record, revision } = (await stored(actor)).at(-1)!
  const effects = [{ type: 'sing', payload: {}, withinMs: 60_000 }]
  await persist(jetstream(node.node.broker.nc), partitions, { ...record, turn: record.turn + 1, effects }, revision)
  await vi.waitFor(async () =>
    expect(await lettersOf(actor)).toMatchObject([
      { kind: 'effect', reason: expect.stringMatching(/no adapter for sing; retry it with one that has/) },
    ]),
  )
  await node.stop()
  await start() // the record was appended behind the node's back: it forgets what it remembered
  await says('1')
  expect((await node.conversation(from)).state).toBe('inQueue.created')
})

describe('an event that could not be turned', () => {
  beforeEach(() => start())

  test('T5, T9: comes back when its record can be read again, and is turned once however often it is retried', async () => {
    await says('Hi')
    const actor = await actorOf()
    const { record, revision } = (await stored(actor)).at(-1)!
    const js = jetstream(node.node.broker.nc)
    const future = { ...record, turn: record.turn + 1, effects: [], machine: { ...record.machine, version: '999' } }
    await persist(js, partitions, future, revision)
    await says('pizza')
    const [letter] = await lettersOf(actor)
    expect(letter).toMatchObject({ kind: 'record' })
    await retry(letter!.id)
    await node.advance(0)
    expect(await lettersOf(actor), 'it fails again, and stays as it was').toEqual([letter])

    const { revision: newest } = (await stored(actor)).at(-1)!
    const mended = { ...future, turn: future.turn + 1, machine: record.machine }
    expect((await persist(js, partitions, mended, newest)).kind).toBe('committed')
    await node.stop()
    await start() // nothing of the conversation is remembered
    await again(5, () => retry(letter!.id))
    await node.advance(0)
    expect(await heard()).toEqual(['Hi', 'pizza'])
    expect(await lettersOf(actor)).toEqual([])
  })

  test('what nobody could read is refused, and says why; a letter that is not there is 404, whatever its id', async () => {
    const actor = '00000000000000aa'
    await jetstream(node.node.broker.nc).publish(subject.in(actor), '{"specversion"')
    await node.advance(0)
    const [letter] = await lettersOf(actor)
    const refused = await retry(letter!.id)
    expect([refused.status, refused.body.type]).toEqual([409, 'urn:parley:problem:not-retryable'])
    expect(refused.body.detail).toMatch(/not kept whole; drop it/)
    for (const id of ['999999', '0', 'x', '%2e%2e']) {
      expect([(await retry(id)).status, (await drop(id)).status], id).toEqual([404, 404])
    }
  })

  test('dropped is gone for good, and the log says so, without a word of it', async () => {
    const actor = '00000000000000bb'
    await jetstream(node.node.broker.nc).publish(subject.in(actor), '{"specversion"')
    await node.advance(0)
    const [letter] = await lettersOf(actor)
    expect((await drop(letter!.id)).body).toEqual({ id: letter!.id, kind: 'unreadable', actor, done: 'dropped' })
    expect(await lettersOf(actor)).toEqual([])
    expect([(await drop(letter!.id)).status, (await retry(letter!.id)).status]).toEqual([404, 404])
  })
})

describe('what was nobody’s', () => {
  const asset = '14155550177'
  const other = {
    channel: 'sms',
    id: asset,
    machine: 'sms',
    menu: [{ key: '1', label: 'Billing', scriptSelector: 'Billing' }],
  }
  const knowing = { PARLEY_ASSETS__3: JSON.stringify(other) }
  const unhandled = async () =>
    (await node.deadLetters()).filter(({ kind, reason }) => kind === 'unhandled' && reason.includes(asset))

  test('T9, E10: goes through its door again once its asset is configured, and is turned once; before that it stays', async () => {
    await start()
    await node.ask('POST', '/v1/inbound/sms', { ...smsBody('Hello', { from }), da: asset })
    const [letter] = await unhandled()
    const refused = await retry(letter!.id)
    expect([refused.status, refused.body.detail]).toEqual([409, `no sms asset ${asset} is configured`])
    expect(await unhandled()).toEqual([letter])
    await node.stop()

    await start(knowing)
    await again(3, () => retry(letter!.id))
    await node.advance(0)
    const query = new URLSearchParams({ channel: 'sms', asset, customer: from })
    const [conversation] = (await node.ask('GET', `/v1/conversations?${query}`)).body.items
    expect(conversation.state).toBe('noConversation.menu')
    const turns = (await node.ask('GET', `/v1/conversations/${conversation.id}/turns`)).body as Json[]
    expect(turns.filter(({ event }) => event.type === 'parley.message.received')).toHaveLength(1)
    expect(await unhandled()).toEqual([])
  })
})

describe('a turn that throws', () => {
  /** An answer that the machine cannot take, stored while the real one is still to come. */
  const poisoned = async () => {
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
    const event = { specversion: '1.0', id: `poison ${actor}`, source: '/test', time: '2026-03-02T14:00:00Z' }
    const js = jetstream(node.node.broker.nc)
    await js.publish(subject.in(actor), JSON.stringify({ ...event, type: 'parley.ask.answered', data }))
    await vi.waitFor(async () => expect(await lettersOf(actor)).toHaveLength(1))
    return { actor, answer }
  }

  test('E115: under onPoison "goOn" its event is set aside, and what comes later is turned', async () => {
    await start()
    const { actor, answer } = await poisoned()
    answer()
    await node.advance(0)
    expect((await node.conversation(from)).state).toBe('noConversation.menu')
    expect(await lettersOf(actor)).toMatchObject([{ kind: 'poison' }])
    expect((await lettersOf(actor))[0]).not.toHaveProperty('parked')
  })

  test('E115, T1: under onPoison "park" what comes later waits behind it, in order, until a person retries; others go on', async () => {
    await start({ PARLEY_ASSETS__0__POLICY__ON_POISON: 'park' })
    const { actor, answer } = await poisoned()
    await node.text('one', { from })
    answer()
    await node.advance(0)
    await says('two')
    const waiting = await lettersOf(actor)
    const [first] = waiting
    expect(first).toMatchObject({ kind: 'poison', parked: true, reason: expect.stringMatching(/machine sms threw/) })
    const behind = { kind: 'poison', parked: true, reason: expect.stringContaining(`behind dead letter ${first?.id}`) }
    expect(waiting.slice(1)).toMatchObject([behind, behind, behind])
    expect(await heard()).toEqual(['Hi'])
    const parked = from
    from = `${parked.slice(0, -4)}9999`
    await says('Hi')
    expect((await node.conversation(from)).state).toBe('noConversation.menu')
    from = parked

    await retry(waiting.at(-1)!.id)
    await node.advance(0)
    expect(await lettersOf(actor), 'the first one throws again, and all stay in their order').toEqual(waiting)

    await drop(first!.id)
    await again(3, () => retry(waiting.at(-1)!.id))
    await node.advance(0)
    expect(await heard()).toEqual(['Hi', 'one', 'two'])
    expect(await lettersOf(actor)).toEqual([])
    await says('three')
    expect(await heard()).toEqual(['Hi', 'one', 'two', 'three'])
  })

  test('E115: ls and show say which conversation is parked, and retry --all sends it on its way', async () => {
    await start({ PARLEY_ASSETS__0__POLICY__ON_POISON: 'park' })
    const { actor, answer } = await poisoned()
    answer()
    await node.advance(0)
    const env = { PARLEY_URL: node.url }
    const [first, second] = await lettersOf(actor)
    expect((await parley(['dead-letters', 'ls', '--kind', 'poison'], env)).stdout).toMatch(
      new RegExp(`^${first?.id} +poison, parked +${actor}`, 'm'),
    )
    expect((await parley(['dead-letters', 'show', second!.id], env)).stdout).toMatch(/^parked +true$/m)
    const dropped = await parley(['dead-letters', 'drop', first!.id, first!.id], env)
    expect([dropped.code, dropped.stdout]).toEqual([
      1,
      `${first?.id} dropped\n${first?.id} refused: no dead letter has this id\n`,
    ])
    const sent = await parley(['dead-letters', 'retry', '--all', '--kind', 'poison', '--json'], env)
    expect(sent.code, sent.stderr).toBe(0)
    expect(JSON.parse(sent.stdout)).toContainEqual({ id: second?.id, kind: 'poison', actor, done: 'sent' })
    await node.advance(0)
    expect((await node.conversation(from)).state).toBe('noConversation.menu')
    expect(await lettersOf(actor)).toEqual([])
  }, 120_000)
})

describe('with an admin token set', () => {
  test('nobody retries or drops without it', async () => {
    await start({ PARLEY_ADMIN_TOKEN: 'admin-secret' })
    for (const [method, path] of [
      ['POST', '/v1/dead-letters/1/retry'],
      ['DELETE', '/v1/dead-letters/1'],
    ] as const) {
      expect((await node.ask(method, path)).status).toBe(401)
      const { status } = await node.ask(method, path, undefined, { authorization: 'Bearer admin-secret' })
      expect(status).not.toBe(401)
    }
  })
})

describe('killed while a letter comes back', () => {
  test.each(['persist.committed', 'transmit.before-perform'])(
    'T5, T9, E114: at %s, the letter is turned once, and retried again it is gone',
    { timeout: 120_000 },
    async (point) => {
      const one = await system()
      try {
        const letters = async (): Promise<Json[]> => (await one.ask('GET', '/v1/dead-letters'))?.body ?? []
        const asset = '14155550166'
        await one.start()
        await one.ask('POST', '/v1/inbound/sms', { ...smsBody('Hello'), da: asset })
        const [letter] = await letters()
        await one.stop()

        await one.start({ PARLEY_CRASH_AT: point, PARLEY_ASSETS__0__ID: asset })
        await one.ask('POST', `/v1/dead-letters/${letter.id}/retry`)
        await vi.waitFor(() => expect(one.isRunning()).toBe(false), { timeout: 20_000 })

        await one.start({ PARLEY_ASSETS__0__ID: asset })
        await one.ask('POST', `/v1/dead-letters/${letter.id}/retry`)
        await vi.waitFor(async () => expect(await letters()).toEqual([]), { timeout: 20_000 })
        const query = new URLSearchParams({ channel: 'sms', asset, customer })
        const conversation = async () => (await one.ask('GET', `/v1/conversations?${query}`))?.body.items[0]
        await vi.waitFor(async () => expect((await conversation())?.state).toBe('noConversation.menu'), {
          timeout: 20_000,
        })
        const turns: Json[] = (await one.ask('GET', `/v1/conversations/${(await conversation()).id}/turns`))?.body
        expect(turns.filter(({ event }) => event.type === 'parley.message.received')).toHaveLength(1)
        expect((await one.ask('POST', `/v1/dead-letters/${letter.id}/retry`))?.status).toBe(404)
      } finally {
        await one.remove()
      }
    },
  )
})
