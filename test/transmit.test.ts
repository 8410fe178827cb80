/**
 * What a stored turn asked for, on its way out: in order, again and again under one key, and to an end. A real node on
 * virtual time, far sides that do as they are told.
 */
import { readFileSync } from 'node:fs'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { breaker_failures_max, breaker_open_ms } from '../runtime/breaker.ts'
import { readBatch } from '../runtime/read-batch.ts'
import { stream } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'
import type { HeardRequest } from './far-side.ts'
import { type CallName, callOf, type FarSides, farSides } from './far-sides.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

let broker: Broker
let far: FarSides
let node: TestNode
let from: string
let customers = 0

const start = async (attempt_timeout_ms = 1_000) => {
  node = await startTestNode(broker, {
    ...far.env,
    PARLEY_ASSETS__0__POLICY__RETRY__ATTEMPT_TIMEOUT_MS: String(attempt_timeout_ms),
  })
}
beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  await start()
})
afterAll(async () => {
  await node.stop()
  await far.close()
  await broker.stop()
})
beforeEach(() => {
  from = `+1415558${String(++customers).padStart(4, '0')}`
})

const says = async (...texts: string[]) => {
  for (const text of texts) {
    expect((await node.text(text, { from })).status).toBe(200)
    await node.advance(0)
  }
}
/** What went out for this customer's conversation, in the order in which it came in at the far sides. */
const sent = async (call?: CallName): Promise<HeardRequest[]> => {
  const { id } = await node.conversation(from)
  return far.requests.filter(
    (request) => request.headers['idempotency-key']?.startsWith(`${id}.`) && (!call || callOf(request) === call),
  )
}
const effects = async () => (await node.turns(from)).flatMap((turn) => turn.effects)
const effect = async (type: string) => (await effects()).find((one) => one.type === type)
const keysOf = (requests: HeardRequest[]) => requests.map(({ headers }) => headers['idempotency-key'])
const texts = (requests: HeardRequest[]) => requests.map(({ body }) => (body as Json).text)
const letters = async () => {
  const { id } = await node.conversation(from)
  const all = await readBatch(node.node.broker.jsm, stream.dead, 'parley.dead.>', 500)
  return all.map((message) => message.json<Json>()).filter(({ actor }) => actor === id)
}

describe('order', () => {
  test('the effects of one conversation go out in the order of its turns, each once', async () => {
    await says('Hi', 'pizza', 'pasta', '1', 'hello?', 'anybody?')
    const wanted = (await effects()).map(({ key }) => key)
    expect(keysOf(await sent())).toEqual(wanted)
    expect((await effects()).map(({ status }) => status)).toEqual(wanted.map(() => 'done'))
  })

  test('a tell that is being retried holds back only its own destination', async () => {
    await says('Hi')
    far.next('sendMessage', { status: 503, headers: { 'retry-after': '30' } })
    await says('pizza', 'pasta')
    expect(texts(await sent('appendConversation')).filter((text) => /^pi|^pa/.test(text))).toEqual(['pizza', 'pasta'])
    expect(await sent('sendMessage')).toHaveLength(2)

    await node.advance(30_000)
    const messages = await sent('sendMessage')
    expect(messages.map(({ body }) => (body as Json).to[0].correlationId.split(':').at(-1))).toEqual([
      'menu',
      'menu-invalid',
      'menu-invalid',
      'menu-invalid',
    ])
    expect(keysOf(messages)[1]).toBe(keysOf(messages)[2])
    expect(await letters()).toEqual([])
  })

  test('a conversation whose far side is slow holds no other one up', async () => {
    far.next('searchConversation', { status: 503, headers: { 'retry-after': '30' } })
    await says('Hi')
    expect((await node.conversation(from)).state).toBe('noConversation.searching')
    const slow = from
    from = '+14155580000'
    await says('Hi')
    expect((await node.conversation(from)).state).toBe('noConversation.menu')
    await node.advance(30_000)
    expect((await node.conversation(slow)).state).toBe('noConversation.menu')
  })
})

describe('attempts', () => {
  test('T6: every attempt has the same key, headers and body; pauses grow, and the last answer counts', async () => {
    await says('Hi')
    far.next('createTask', { status: 503 }, { status: 500 }, { status: 408 }, { status: 200, breaks: 'reset' })
    await says('1')
    await node.advance(99)
    expect(await sent('createTask')).toHaveLength(1)
    await node.advance(101)
    expect(await sent('createTask')).toHaveLength(2)
    await node.advance(400 + 800 + 1_600)
    expect(await sent('createTask')).toHaveLength(5)
    const attempts = await sent('createTask')
    for (const { text, headers } of attempts) {
      expect(text).toBe(attempts[0]?.text)
      for (const name of ['idempotency-key', 'x-tracking-id', 'traceparent']) {
        expect(headers[name]).toBe(attempts[0]?.headers[name])
      }
    }
    expect(await effect('createTask')).toMatchObject({ status: 'done', attempts: 5 })
    expect((await node.conversation(from)).state).toBe('inQueue.created')
  })

  test('a far side that says when to come again is not asked before', async () => {
    await says('Hi')
    far.next('createTask', { status: 429, headers: { 'retry-after': '20' } })
    await says('1')
    await node.advance(19_999)
    expect(await sent('createTask')).toHaveLength(1)
    await node.advance(1)
    expect(await sent('createTask')).toHaveLength(2)
    expect((await node.conversation(from)).state).toBe('inQueue.created')
  })

  test('one that does not answer in time is asked again', async () => {
    await says('Hi')
    far.next('createTask', { status: 201, breaks: 'stall', body: { taskId: 'x' } })
    await says('1')
    await node.advance(1_000)
    expect(await effect('createTask')).toMatchObject({ status: 'done', attempts: 2 })
  })

  test('after the last attempt an ask is answered as failed: the conversation decides, nothing is set aside', async () => {
    await says('Hi')
    far.next('createTask', ...Array(6).fill({ status: 500 }))
    await says('1')
    await node.advance(30_000)
    expect(await sent('createTask')).toHaveLength(6)
    expect(await effect('createTask')).toMatchObject({ status: 'failed', attempts: 6, code: 'failed' })
    expect((await node.conversation(from)).state).toBe('closed.resting')
    expect(await letters()).toEqual([])
  })

  test('an attempt that could only come after the deadline is not waited for', async () => {
    await says('Hi')
    far.next('createTask', { status: 503, headers: { 'retry-after': '61' } })
    await says('1')
    expect(await effect('createTask')).toMatchObject({ status: 'failed', attempts: 1, code: 'serviceUnavailable' })
    expect((await node.conversation(from)).state).toBe('closed.resting')
  })
})

describe('the end of an effect', () => {
  test('a tell that was refused is a dead letter of kind effect, with its key and what it would have said, and the conversation hears of it', async () => {
    await says('Hi', '1')
    far.next('appendConversation', { status: 400 })
    await says('hello?')
    const failed = (await effects()).find(({ status }) => status === 'failed')
    expect(failed).toMatchObject({ type: 'appendConversation', attempts: 1, code: 'refused' })
    expect(await letters()).toMatchObject([
      {
        kind: 'effect',
        attempts: 1,
        content: { key: failed?.key, type: 'appendConversation', payload: { text: 'hello?' } },
      },
    ])
    expect((await node.turns(from)).at(-1)?.event).toMatchObject({
      type: 'parley.effect.failed',
      data: { effect: 'appendConversation', direction: 'Inbound', code: 'refused' },
    })
    expect(
      (await sent('sendMessage')).map(({ body }) => (body as Json).to[0].correlationId.split(':').at(-1)),
    ).toContain('error-sending')
  })

  test('an ask that was refused is answered at once', async () => {
    far.next('searchConversation', { status: 401 })
    await says('Hi')
    expect(await effect('searchConversation')).toMatchObject({ status: 'failed', attempts: 1, code: 'refused' })
    expect((await node.conversation(from)).state).toMatch(/^closed\./)
    expect(await letters()).toEqual([])
  })

  test('an alert goes to the log, with its code and ids only', async () => {
    await says('Hi')
    far.next('closeConversation', { status: 403 })
    await says('End Conversation')
    const { id, conversationId, state } = await node.conversation(from)
    expect(state).toBe('closed.resting')
    expect(await effect('raiseAlert')).toMatchObject({ status: 'done', attempts: 1 })
    const logged = readFileSync(node.logFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"msg":"alert"'))
    expect(JSON.parse(logged.at(-1) ?? '{}')).toMatchObject({ code: 'conversation-not-closed', actor: id })
    expect(logged.at(-1)).not.toContain(from)
    expect(conversationId).not.toBe('')
  })
})

describe('a far side that is down', () => {
  test('after enough failures in a row it is left alone, tried once, and served again when it answers', async () => {
    const crowd = Array.from(
      { length: breaker_failures_max + 2 },
      (_, index) => `+1415557${String(index).padStart(4, '0')}`,
    )
    const messages = () => far.asked('sendMessage').length
    far.always('sendMessage', { status: 503 })
    const before = messages()
    await Promise.all(crowd.map((one) => node.text('Hi', { from: one })))
    await node.advance(1_000)
    const opened = messages()
    expect(opened - before).toBeGreaterThanOrEqual(breaker_failures_max)
    expect(opened - before).toBeLessThanOrEqual(breaker_failures_max + crowd.length)

    await node.advance(breaker_open_ms - 1_100)
    expect(messages()).toBe(opened)
    await node.advance(200)
    expect(messages()).toBe(opened + 1)

    far.always('sendMessage', undefined)
    await node.advance(60_000)
    for (const one of crowd) {
      from = one
      expect((await node.conversation(from)).state).toBe('noConversation.menu')
      expect(await effect('sendMessage')).toMatchObject({ status: 'done' })
      expect(new Set(keysOf(await sent('sendMessage'))).size).toBe(1)
      expect(await letters()).toEqual([])
    }
  })

  test('E27: 429 slows down without closing the far side for others', async () => {
    far.next('sendMessage', ...Array(breaker_failures_max + 2).fill({ status: 429, headers: { 'retry-after': '1' } }))
    const crowd = Array.from(
      { length: breaker_failures_max + 2 },
      (_, index) => `+1415556${String(index).padStart(4, '0')}`,
    )
    await Promise.all(crowd.map((one) => node.text('Hi', { from: one })))
    await node.advance(0)
    await says('Hi')
    expect(await effect('sendMessage')).toMatchObject({ status: 'done', attempts: 1 })
    await node.advance(1_000)
  })
})

describe('a record that comes again', () => {
  test('E114: because every ack was lost is not carried out again: the ledger knows it', async () => {
    await says('Hi', '1')
    const before = far.requests.length
    const history = await node.turns(from)
    await node.stop()
    const jsm = await forgetAcks()
    expect(jsm).toBeGreaterThan(0)

    await start()
    await node.advance(0)
    expect(far.requests.length).toBe(before)
    expect(await node.turns(from)).toEqual(history)
    await says('hello?')
    expect(far.requests.length).toBe(before + 1)
  })

  test('E114: because the node ended in the middle is carried out to its end, under the same key', async () => {
    await says('Hi')
    far.next('sendMessage', { status: 503, headers: { 'retry-after': '600' } })
    await says('pizza')
    await node.stop()
    await start()
    await vi.waitFor(async () => expect(await sent('sendMessage')).toHaveLength(3), { timeout: 5_000 })
    await node.advance(0)
    const messages = (await sent('sendMessage')).slice(1)
    expect(messages[0]?.text).toBe(messages[1]?.text)
    expect(keysOf(messages)[0]).toBe(keysOf(messages)[1])
    expect((await effects()).filter(({ status }) => status !== 'done')).toEqual([])
  })

  test('T6: because its node left in the middle is carried out as far as it was not; nor is what had ended of later turns done again', async () => {
    await says('Hi')
    far.next('sendMessage', { status: 503, headers: { 'retry-after': '600' } })
    await says('pizza', '1', 'one')
    await node.stop()
    await start()
    await vi.waitFor(async () => expect((await effects()).filter(({ status }) => status !== 'done')).toEqual([]), {
      timeout: 5_000,
    })
    const keys = keysOf(await sent())
    const repeated = keys.filter((key, index) => keys.indexOf(key) < index)
    expect(repeated).toEqual([(await sent('sendMessage'))[1]?.headers['idempotency-key']])
    expect(await sent('createTask')).toHaveLength(1)
  })

  test('T6: whose node had to leave during a call that does not end is done again from that call on, not from its beginning', async () => {
    await node.stop()
    await start(60_000)
    await says('Hi')
    let end = () => {}
    far.next('sendMessage', { status: 503, after: new Promise((resolve) => (end = resolve)) })
    await node.text('pizza', { from })
    await vi.waitFor(async () => expect(await sent()).toHaveLength(6), { timeout: 5_000 })
    await node.stop()
    await start()
    await vi.waitFor(async () => expect((await effects()).filter(({ status }) => status !== 'done')).toEqual([]), {
      timeout: 5_000,
    })
    end()
    const keys = keysOf(await sent())
    expect(keys.filter((key, index) => keys.indexOf(key) < index)).toEqual([keys[5]])
  })
})

/** Deletes what the server knows of acked records; the node makes its consumers anew, from the beginning of the history. */
async function forgetAcks(): Promise<number> {
  const nats = await connect({ servers: broker.url })
  const { consumers } = await jetstreamManager(nats)
  let deleted = 0
  for (const of of [stream.inbox, stream.turns]) {
    for await (const { name } of consumers.list(of)) {
      if (/^p\d+$/.test(name)) deleted += Number(await consumers.delete(of, name))
    }
  }
  await nats.close()
  return deleted
}
