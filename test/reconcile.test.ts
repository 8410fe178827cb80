/**
 * Webhooks lost by many conversations at once (E41): they ask how their tasks stand at a bounded rate, and nothing else of
 * them waits. A real node on virtual time; its desk keeps the tasks, and the desk's ledger says what was asked when.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readBatch } from '../runtime/read-batch.ts'
import { stream } from '../runtime/streams.ts'
import { scheduledTimers } from '../runtime/timers.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

const reconcile_after_ms = 900_000
const per_s = 10
const partitions = 4
const group_size = 40

let broker: Broker
let far: FarSides
let node: TestNode
let customers = 0

beforeEach(async () => {
  broker = await startBroker()
  far = await farSides()
})
afterEach(async () => {
  await node.stop()
  await far.close()
  await broker.stop()
})

/** Engage and Connect agree to everything; Digital Routing is the desk unless `env` says otherwise. */
const start = async (env: Record<string, string> = {}) => {
  const { ENGAGE_URL, CONNECT_URL } = far.env as Record<string, string>
  node = await startTestNode(broker, {
    ENGAGE_URL: ENGAGE_URL!,
    CONNECT_URL: CONNECT_URL!,
    PARLEY_PARTITIONS: String(partitions),
    PARLEY_RECONCILE_PER_SECOND: String(per_s),
    ...env,
  })
}
const newCustomers = (count: number) =>
  Array.from({ length: count }, () => `+1415553${String(++customers).padStart(4, '0')}`)
/** In groups that even a busy machine is done with before the clock gives up waiting for them. */
const allSay = async (crowd: string[], text: string) => {
  for (let first = 0; first < crowd.length; first += group_size) {
    await Promise.all(crowd.slice(first, first + group_size).map((from) => node.text(text, { from })))
    await node.advance(0)
  }
}
/** Everybody waits in the queue, and no webhook arrives any more. */
const waiting = async (count: number) => {
  const crowd = newCustomers(count)
  await node.atDesk('PUT', '/desk/webhooks', { hold: true })
  await allSay(crowd, 'Hi')
  await allSay(crowd, '1')
  return crowd
}
const statesOf = async (crowd: string[]) => {
  const all = await Promise.all(crowd.map((from) => node.conversation(from)))
  return all.map(({ state }) => state)
}
const taskOf = async (from: string) => (await node.conversation(from)).taskId
const checksOf = async (crowd: string[]): Promise<{ taskId: string; at_ms: number; attempts: number }[]> => {
  const tasks = new Set(await Promise.all(crowd.map(taskOf)))
  const { items } = (await node.atDesk('GET', '/desk/ledger')).body
  return (items as Json[])
    .filter(({ call, taskId }) => call === 'getTask' && tasks.has(taskId))
    .map(({ at, taskId, attempts }) => ({ taskId, at_ms: Date.parse(at), attempts }))
}
const mostInOneSecond = (checks: { at_ms: number }[]) =>
  Math.max(...checks.map(({ at_ms }) => checks.filter((one) => one.at_ms >= at_ms && one.at_ms < at_ms + 1_000).length))

test('E41: of 200 conversations whose CLOSED was lost, ten a second ask; each asks once, hears that its task is gone, and closes', async () => {
  await start()
  const crowd = await waiting(200)
  const tasks = await Promise.all(crowd.map(taskOf))
  await Promise.all(tasks.map((task) => node.atDesk('POST', `/desk/tasks/${task}/close`, {})))
  await node.advance(reconcile_after_ms)
  await node.advance(60_000)

  const checks = await checksOf(crowd)
  expect(checks.map(({ taskId }) => taskId).sort()).toEqual([...tasks].sort())
  expect(new Set(checks.map(({ attempts }) => attempts))).toEqual(new Set([1]))
  expect(mostInOneSecond(checks)).toBeLessThanOrEqual(per_s)
  const first_ms = Math.min(...checks.map(({ at_ms }) => at_ms))
  const last_ms = Math.max(...checks.map(({ at_ms }) => at_ms))
  expect(last_ms - first_ms).toBeGreaterThanOrEqual((200 / per_s - 1) * 1_000)
  expect(new Set(await statesOf(crowd))).toEqual(new Set(['closed.resting']))
  expect(await node.deadLetters()).toEqual([])
}, 240_000)

test('E41: who waits to ask is served as ever: what the customer writes and ends goes out at once, and is not asked for after', async () => {
  await start()
  const crowd = await waiting(60)
  await node.advance(reconcile_after_ms)
  const asked = new Set((await checksOf(crowd)).map(({ taskId }) => taskId))
  const tasks = await Promise.all(crowd.map(taskOf))
  const [writes, ends] = crowd.filter((_, index) => !asked.has(tasks[index]!))
  await node.text('hello?', { from: writes! })
  await node.text('End Conversation', { from: ends! })
  await node.advance(0)
  const last = (await node.turns(writes)).at(-1)
  expect(last?.effects).toMatchObject([{ type: 'appendConversation', status: 'done' }])
  const ended = (await node.turns(ends)).flatMap(({ effects }) => effects)
  expect(ended).toContainEqual(expect.objectContaining({ type: 'endTask', status: 'done' }))

  await node.advance(60_000)
  const all = await checksOf(crowd)
  expect(all.map(({ taskId }) => taskId)).toContain(await taskOf(writes!))
  expect(all.map(({ taskId }) => taskId)).not.toContain(tasks[crowd.indexOf(ends!)])
}, 240_000)

test('E41: a node that ends while conversations wait to ask loses none of them', async () => {
  const asked = () => far.requests.filter(({ method }) => method === 'GET').map(({ path }) => path)
  await start(far.env)
  const crowd = newCustomers(40)
  await allSay(crowd, 'Hi')
  await allSay(crowd, '1')
  await node.advance(reconcile_after_ms)
  await node.advance(1_000)
  const before = asked().length
  expect(before).toBeLessThan(crowd.length)
  await node.stop()

  await start(far.env)
  await node.advance(999)
  expect(asked().length - before).toBeLessThanOrEqual(per_s)
  await node.advance(60_000)
  expect(asked()).toHaveLength(crowd.length)
  expect(new Set(asked()).size).toBe(crowd.length)
}, 120_000)

test('E41: on the real clock a check that was put off is asked all the same', async () => {
  const policy = { PARLEY_ASSETS__0__POLICY__RECONCILE_AFTER_SECONDS: '2' }
  await start({ PARLEY_CLOCK: 'real', PARLEY_RECONCILE_PER_SECOND: '4', ...policy })
  const crowd = newCustomers(6)
  const all = (state: string) =>
    vi.waitFor(async () => expect(new Set(await statesOf(crowd))).toEqual(new Set([state])), { timeout: 10_000 })
  await node.atDesk('PUT', '/desk/webhooks', { hold: true })
  await Promise.all(crowd.map((from) => node.text('Hi', { from })))
  await all('noConversation.menu')
  await Promise.all(crowd.map((from) => node.text('1', { from })))
  await all('inQueue.created')
  await vi.waitFor(
    async () => expect(new Set((await checksOf(crowd)).map(({ taskId }) => taskId)).size).toBe(crowd.length),
    { timeout: 20_000, interval: 250 },
  )
}, 120_000)

test('T10: a timer that is put off stands beside the one of a later turn, in whatever order they are stored', async () => {
  await start({ PARLEY_CLOCK: 'real' })
  const { js, jsm } = node.node.broker
  const timers = scheduledTimers(js, jsm, partitions)
  const [actor, name, due_ms] = ['00000000000000aa', 'reconcileAfter.queued', Date.parse('2100-01-01T00:00:00Z')]
  await timers.arm(actor, name, { due_ms, generation: 9 })
  await timers.putOff(actor, name, { due_ms, generation: 3 })
  const stored = await readBatch(jsm, stream.timers, `parley.timers.*.${actor}.>`, 10)
  expect(stored.map((message) => message.json<Json>().data)).toEqual([
    { timer: name, generation: 9 },
    { timer: name, generation: 3 },
  ])
}, 120_000)

test('T10: an owner of the past that settles late can neither replace nor put away the timer of a later turn', async () => {
  await start({ PARLEY_CLOCK: 'real' })
  const { js, jsm } = node.node.broker
  const timers = scheduledTimers(js, jsm, partitions)
  const [actor, name, due_ms] = ['00000000000000ab', 'idle.active', Date.parse('2100-01-01T00:00:00Z')]
  await timers.arm(actor, name, { due_ms, generation: 9 })
  await timers.arm(actor, name, { due_ms, generation: 8 })
  await timers.disarm(actor, name, { due_ms, generation: 7 })
  await timers.disarm(actor, name, { due_ms, generation: 8 })
  const stored = await readBatch(jsm, stream.timers, `parley.timers.*.${actor}.>`, 10)
  expect(stored.map((message) => message.json<Json>().data)).toEqual([{ timer: name, generation: 9 }])
}, 120_000)
