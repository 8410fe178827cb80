/**
 * The rights that `deploy/nats/accounts.conf` gives: a system whose parts have a user each does its work on a real
 * nats-server, and none of them can do what is another one's.
 */
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../adapters/clock.ts'
import { startDesk } from '../adapters/desk/desk.ts'
import { isSealed } from '../runtime/encryption/sealed.ts'
import { inboxPrefixOf } from '../runtime/inbox.ts'
import { askedAt } from '../runtime/node-state.ts'
import { openWindow } from './chat-window.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { customer, type Json, request, smsBody, startTestNode, type TestNode } from './node.ts'
import { sample } from './samples.ts'
import { type BrokerUser, brokerUsers, shippedBroker } from './shipped-broker.ts'

let broker: Awaited<ReturnType<typeof shippedBroker>>
let far: FarSides
let worker: TestNode
let gateway: TestNode
let as: Record<BrokerUser, NatsConnection>
const refusals: string[] = []

beforeAll(async () => {
  broker = await shippedBroker()
  far = await farSides()
  const connected = await Promise.all(
    brokerUsers.map(async (user) => {
      const login = { user, pass: user, inboxPrefix: inboxPrefixOf(user) }
      const nc = await connect({ servers: broker.url, ...login, timeout: 20_000 })
      void watch(user, nc)
      return [user, nc] as const
    }),
  )
  as = Object.fromEntries(connected) as typeof as
  // Encrypted at rest, which needs the rights to one stream more.
  const sealed = { PARLEY_MASTER_KEYS: 'a1'.repeat(32), PARLEY_CLOCK: 'real' }
  const login = (user: BrokerUser) => ({ PARLEY_NATS_USER: user, PARLEY_NATS_PASSWORD: user, ...sealed })
  worker = await startTestNode(broker, { ...far.env, ...login('worker') }, { gateway: false })
  void watch('worker', worker.node.broker.nc)
  gateway = await startTestNode(broker, { ...far.env, ...login('gateway') }, { works: [] })
  void watch('gateway', gateway.node.broker.nc)
}, 60_000)
afterAll(async () => {
  await Promise.all([worker?.stop(), gateway?.stop()])
  await Promise.all(Object.values(as ?? {}).map((nc) => nc.close()))
  await far?.close()
  await broker?.stop()
})

async function watch(user: string, nc: NatsConnection): Promise<void> {
  for await (const status of nc.status()) if (status.type === 'error') refusals.push(`${user}: ${status.error}`)
}

const patience = { timeout: 20_000 }
const inMenu = (from: string) =>
  vi.waitFor(async () => {
    const found = await gateway.conversation(from)
    expect(found?.state).toBe('noConversation.menu')
    return found.id
  }, patience)

describe('With a user for each part', () => {
  test('every part starts', () => expect(refusals).toEqual([]))

  test('a message goes through, is read, and its customer is erased', async () => {
    expect((await gateway.text('Hi')).status).toBe(200)
    const id = await inMenu(customer)
    expect((await gateway.ask('GET', `/v1/conversations/${id}/turns`)).body.length).toBeGreaterThan(2)
    const { body } = await gateway.ask('POST', '/v1/privacy/erase', { customer })
    expect(body.conversations).toMatchObject([{ id, outcome: 'erased' }])
  })

  test('a chat goes both ways, and its customer is erased', async () => {
    const window = await openWindow(gateway.url, 'SD12345650')
    const { token, thread } = await window.hello()
    window.say({ type: 'message', id: 'first', text: 'Hi' })
    await window.next('line', ({ kind }) => kind === 'form')
    for (const more of [{ typing: 'start' }, { type: 'message', message: 'Good day' }]) {
      const said = { threadId: thread, type: 'typing', ...more }
      expect((await gateway.ask('POST', '/v1/messages', said)).status).toBe(200)
    }
    await window.next('typing')
    await window.next('line', ({ text }) => text === 'Good day')
    const held = await as.node.request(`parley.chat.held.${thread}`, '', { timeout: 2_000 })
    expect(held.string()).toBe('held')
    const [, visitor] = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())
    const { body } = await gateway.ask('POST', '/v1/privacy/erase', { customer: visitor })
    expect(body).toMatchObject({ conversations: [{ outcome: 'erased' }] })
    expect(body.chatLines).toBeGreaterThanOrEqual(3)
    await window.closed
  })

  test('nodes hear of each other, and ask one that is silent whether it lives', async () => {
    const [one, other] = await vi.waitFor(async () => {
      const { items } = (await gateway.ask('GET', '/v1/nodes')).body
      expect(items).toHaveLength(2)
      return items.map(({ id }: Json) => id) as string[]
    }, patience)
    for (const { node } of [gateway, worker]) {
      for (const asked of [one!, other!]) {
        expect((await node.broker.nc.request(askedAt(asked), '', { timeout: 2_000 })).json()).toMatchObject({
          id: asked,
        })
      }
    }
  })

  test('a producer sends by the NATS door, and hears the answer', async () => {
    const answer = await as.producer.request(
      'parley.accept.sms',
      JSON.stringify(smsBody('Hi', { from: '+14155550777' })),
    )
    expect(answer.json()).toMatchObject({ duplicate: false })
    await inMenu('+14155550777')
  })

  test('a reader hears every turn as it is stored: encrypted, where that is set', async () => {
    const heard = as.reader.subscribe('parley.turns.>', { max: 1 })
    await as.reader.flush()
    await gateway.text('Hi', { from: '+14155550778' })
    for await (const message of heard) expect(isSealed(message.data)).toBe(true)
  })

  test('the desk keeps its journal', async () => {
    const desk = await startDesk({
      nats: as.desk,
      clock: systemClock(),
      host: '127.0.0.1',
      port: 0,
      webhookUrl: () => 'http://127.0.0.1:9/',
      inboundUrl: () => 'http://127.0.0.1:9/',
      agents: { automatic: false },
    })
    const body = sample('engage/create-request-livechat.json')
    expect((await request(`${desk.url}/engage/v1/createConversation`, 'POST', body)).status).toBe(200)
    await desk.stop()
  })

  test('nothing that one of them does in all this is refused', () => expect([...new Set(refusals)]).toEqual([]))
})

/** Whether the broker lets a user do it: a publish that is not allowed says so on the connection, a request times out. */
const isRefused = async (user: BrokerUser, act: (nc: NatsConnection) => Promise<unknown>): Promise<boolean> => {
  const before = refusals.length
  const failed = await act(as[user]).then(
    () => false,
    () => true,
  )
  const isTold = () => vi.waitFor(() => expect(refusals.length).toBeGreaterThan(before), { timeout: 2_000 })
  return (
    failed ||
    isTold().then(
      () => true,
      () => false,
    )
  )
}
const publish = (to: string) => async (nc: NatsConnection) => nc.publish(to, '{}')
const ask =
  (to: string, what: object = {}) =>
  (nc: NatsConnection) =>
    nc.request(to, JSON.stringify(what), { timeout: 1_000 })
const listen = (to: string) => async (nc: NatsConnection) => {
  const subscription = nc.subscribe(to, { callback: () => {} })
  await nc.flush()
  await vi.waitFor(() => expect(subscription.isClosed()).toBe(true), { timeout: 2_000 })
  throw new Error('refused')
}
const deleting = (stream: string, seq = 1) => ask(`$JS.API.STREAM.MSG.DELETE.${stream}`, { seq })
const reading = (stream: string) => ask(`$JS.API.DIRECT.GET.${stream}`, { seq: 1 })

describe('The broker does not let', () => {
  const cases: [user: BrokerUser, what: string, act: (nc: NatsConnection) => Promise<unknown>][] = [
    ['gateway', 'write a turn', publish('parley.turns.0.0123456789abcdef')],
    ['gateway', 'say what became of an effect', publish('parley.effects.0.0123456789abcdef')],
    ['gateway', 'delete a turn', deleting('TURNS')],
    ['gateway', 'delete a stream', ask('$JS.API.STREAM.DELETE.TURNS')],
    ['gateway', 'listen to the inbox', listen('parley.in.*')],
    ['gateway', "hear others' answers", listen('_INBOX.>')],
    ['gateway', "write into the desk's journal", publish('desk.journal')],
    ['worker', 'write the audit trail', publish('parley.audit.act.x')],
    ['worker', 'delete an entry of the audit trail', deleting('AUDIT')],
    ['worker', 'delete a stream', ask('$JS.API.STREAM.DELETE.AUDIT')],
    ['worker', 'serve a door', listen('parley.accept.*')],
    ['node', 'delete an entry of the audit trail', deleting('AUDIT')],
    ['node', 'delete a stream', ask('$JS.API.STREAM.DELETE.TURNS')],
    ['desk', 'read turns', reading('TURNS')],
    ['desk', 'listen to turns', listen('parley.turns.>')],
    ['desk', 'put something into the inbox', publish('parley.in.0123456789abcdef')],
    ['desk', 'read data keys', reading('KEYS')],
    ['producer', 'read data keys', reading('KEYS')],
    ['reader', 'publish anything', publish('parley.in.0123456789abcdef')],
    ['reader', 'listen to the inbox', listen('parley.in.*')],
    ['producer', 'read turns', reading('TURNS')],
    ['producer', 'listen to turns', listen('parley.turns.>')],
    ['producer', 'put something past the doors into the inbox', publish('parley.in.0123456789abcdef')],
    ['producer', 'serve a door', listen('parley.accept.sms')],
  ]
  test.each(cases)('the %s %s', async (user, _what, act) => expect(await isRefused(user, act)).toBe(true))

  test('anybody in without the right password', async () => {
    await expect(connect({ servers: broker.url, user: 'node', pass: 'wrong' })).rejects.toThrow(/authorization/i)
    await expect(connect({ servers: broker.url })).rejects.toThrow(/authorization/i)
    await expect(
      startTestNode(broker, { ...far.env, PARLEY_NATS_USER: 'node', PARLEY_NATS_PASSWORD: 'x' }),
    ).rejects.toThrow('check PARLEY_NATS_USER and PARLEY_NATS_PASSWORD')
  })

  test('and the operator may do all of it', async () => {
    const jsm = await jetstreamManager(as.operator)
    expect((await jsm.streams.info('AUDIT')).state.messages).toBeGreaterThan(0)
    expect((await jetstream(as.operator).publish('parley.audit.act.test', '{}')).stream).toBe('AUDIT')
    expect(await jsm.streams.delete('AUDIT')).toBe(true)
  })
})
