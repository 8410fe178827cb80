/**
 * Back up and restore as docs/operations.md tells it, on a real nats-server and encrypted at rest: the streams are copied while a
 * node runs, the data folder is lost, the copies are put back, and open conversations go on.
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Broker, startBroker } from './broker.ts'
import { parley } from './command-line.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { startTestNode, type TestNode } from './node.ts'
import { copyStream, restoreStream, type StreamCopy } from './stream-copies.ts'

const [inMenu, inQueue, creating] = ['+14155559101', '+14155559102', '+14155559103'] as const
const settings = { PARLEY_MASTER_KEYS: 'a1'.repeat(32), PARLEY_CLOCK: 'real', PARLEY_PARTITIONS: '4' }
const patience = { timeout: 20_000 }

let broker: Broker
let far: FarSides
let node: TestNode
let nats: NatsConnection
let copies: StreamCopy[]
/** Of who is in the menu. */
let timers: string[]
/** The number of the last turn that is lost. */
let lost: number

const start = async () => {
  node = await startTestNode(broker, { ...far.env, ...settings })
}
const stateIs = (from: string, state: string) =>
  vi.waitFor(async () => expect((await node.conversation(from))?.state).toBe(state), patience)
const idOf = async (from: string): Promise<string> => (await node.conversation(from)).id
const timersOf = async (id: string) => {
  const { state } = await (await jetstreamManager(nats)).streams.info('TIMERS', {
    subjects_filter: `parley.timers.*.${id}.>`,
  })
  return Object.keys(state.subjects ?? {})
}

/** What the page says to copy, in its order. */
const page = readFileSync(join(import.meta.dirname, '../docs/operations.md'), 'utf8')
const copied = (/^\| warm \|.*in this order: ([A-Z_, ]+);/m.exec(page)?.[1] ?? '').split(', ')

beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  await start()
  nats = await connect({ servers: broker.url })
  for (const from of [inMenu, inQueue, creating]) await node.text('Hi', { from })
  for (const from of [inMenu, inQueue, creating]) await stateIs(from, 'noConversation.menu')
  await node.text('1', { from: inQueue })
  await vi.waitFor(() => expect(far.asked('createTask')).toHaveLength(1), patience)
  far.always('createTask', { status: 503 })
  await node.text('1', { from: creating })
  await vi.waitFor(() => expect(far.asked('createTask').length).toBeGreaterThan(1), patience)
  const id = await idOf(inMenu)
  timers = await timersOf(id)
  expect(timers).toHaveLength(1)

  const there = await (await jetstreamManager(nats)).streams.names().next()
  expect([...copied].sort()).toEqual([...there, 'DESK'].sort())
  copies = []
  for (const name of copied.filter((one) => there.includes(one))) {
    copies.push(await copyStream(nats, name))
    if (name === 'EFFECTS') {
      await node.text('still there?', { from: inQueue })
      await vi.waitFor(
        async () => expect(JSON.stringify(await node.turns(inQueue))).toContain('still there?'),
        patience,
      )
    }
    if (name !== 'TURNS') continue
    // What is lost: it takes its timer along, before TIMERS is copied.
    await node.text('2', { from: inMenu })
    await vi.waitFor(async () => expect(await timersOf(id)).not.toEqual(timers), patience)
  }
  lost = (await node.conversation(inMenu)).revision
  await node.stop()
  await nats.close()
  await broker.pause()
  for (const name of readdirSync(broker.dir).filter((one) => one === 'jetstream'))
    rmSync(join(broker.dir, name), { recursive: true })
  await broker.resume()
  nats = await connect({ servers: broker.url })
  expect(await (await jetstreamManager(nats)).streams.names().next()).toEqual([])
  for (const copy of copies) await restoreStream(nats, copy)
  expect(await timersOf(id)).not.toEqual(expect.arrayContaining(timers))
}, 60_000)
afterAll(async () => {
  await node?.stop().catch(() => {})
  await nats?.close()
  await far?.close()
  await broker?.stop()
})

test('a timer that was not in its copy is armed again, and the numbers of lost turns are not used again', async () => {
  const env = { ...settings, PARLEY_NATS_URL: broker.url }
  const { code, stdout } = await parley(['recover', '--turns', '2000', '--json'], env)
  expect(code).toBe(0)
  const recovered = JSON.parse(stdout)
  expect(recovered).toMatchObject({ conversations: 3, timers: expect.any(Number) })
  expect(recovered.turnsFrom).toBeGreaterThan(lost)
  await start()
  expect(await timersOf(await idOf(inMenu))).toEqual(expect.arrayContaining(timers))
})

test('open conversations are where they were at the copy, with all that was said before it, and go on', async () => {
  expect(await node.conversation(inMenu)).toMatchObject({ state: 'noConversation.menu', customer: inMenu })
  expect(JSON.stringify(await node.turns(inQueue))).toContain('still there?')
  far.always('createTask', undefined)
  await stateIs(creating, 'inQueue.created')
  await node.text('1', { from: inMenu })
  await stateIs(inMenu, 'inQueue.created')
  const { taskId, revision } = await node.conversation(inMenu)
  expect(revision).toBeGreaterThan(lost)
  const webhook = { eventId: randomUUID(), eventType: 'ROUTED', task: { taskId, ownerId: '5021', variables: [] } }
  expect((await node.ask('POST', '/v1/webhooks/digital-routing', webhook)).body).not.toHaveProperty('unhandled')
  await stateIs(inMenu, 'active.talking')
})

test('no far side is asked for two things under one key, and what was under way goes out under the key it had', () => {
  const byKey = new Map<string, Set<string>>()
  for (const { headers, text } of far.requests) {
    const key = headers['idempotency-key'] ?? ''
    byKey.set(key, (byKey.get(key) ?? new Set()).add(text))
  }
  expect([...byKey].filter(([, bodies]) => bodies.size > 1)).toEqual([])
  const created = far.asked('createTask').filter(({ body }) => JSON.stringify(body).includes(creating.slice(1)))
  expect(new Set(created.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
})

test('without the stream of turns there is nothing to recover, and it says so', async () => {
  await node.stop()
  await (await jetstreamManager(nats)).streams.delete('TURNS')
  const { code, stderr } = await parley(['recover'], { ...settings, PARLEY_NATS_URL: broker.url })
  expect([code, stderr]).toEqual([1, expect.stringMatching(/expected the stream TURNS, found none; restore it/)])
})
