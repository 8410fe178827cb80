/**
 * Nodes as processes of their own, on one broker: one that is told to leave hands over in order, and one that was frozen
 * while others went on cannot commit, nor say anything twice. Real time; every limit is the product's own.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { stopwatch } from '../adapters/clock.ts'
import { stop_ms_max } from '../runtime/running.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import type { Json } from './node.ts'
import { type Served, serve, spawnServe } from './served.ts'

const patient = { timeout: 30_000, interval: 50 }
const from = '+14155560001'

let broker: Broker
let far: FarSides
let nodes: Served[]

beforeEach(async () => {
  broker = await startBroker()
  far = await farSides()
  nodes = []
})
afterEach(async () => {
  for (const node of nodes) node.signal('SIGKILL')
  await Promise.all(nodes.map(({ ended }) => ended))
  await far.close()
  await broker.stop()
})
const join = async (env: Record<string, string> = {}) => {
  const node = await serve({ PARLEY_NATS_URL: broker.url, ...far.env, ...env })
  nodes.push(node)
  return node
}
const inState = (node: Served, state: string) =>
  vi.waitFor(async () => expect((await node.conversation(from)).state).toBe(state), patient)
const turnsOf = async (node: Served): Promise<Json[]> => {
  const { id } = await node.conversation(from)
  return (await node.ask('GET', `/v1/conversations/${id}/turns`)).body
}
const keys = () => far.requests.map(({ headers }) => headers['idempotency-key'] ?? '')
/** Every effect of the conversation went out once, and in order. */
const expectSaidOnce = (by: Served) =>
  vi.waitFor(async () => {
    const effects = (await turnsOf(by)).flatMap(({ effects }) => effects)
    expect(effects.map(({ status }: Json) => status)).toEqual(effects.map(() => 'done'))
    expect(keys()).toEqual(effects.map(({ key }: Json) => key))
  }, patient)

describe('A node that is told to leave', { timeout: 120_000 }, () => {
  test('says at once that it is not ready, takes what comes for a moment, ends the call in hand, and gives its partitions to the others', async () => {
    const leaving = await join()
    await leaving.text('Hi', from)
    await inState(leaving, 'noConversation.menu')
    const staying = await join()
    let answer = () => {}
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    far.next('appendConversation', { status: 200, body: { outcome: 'onAppendMessageSuccess' }, after: answered })
    await leaving.text('pizza', from)
    await vi.waitFor(() => expect(far.asked('appendConversation').length).toBeGreaterThanOrEqual(2), patient)

    leaving.signal('SIGTERM')
    const notReady = await vi.waitFor(async () => {
      const ready = await leaving.ask('GET', '/readyz')
      expect(ready.status).toBe(503)
      return ready
    }, patient)
    expect(notReady.body).toMatchObject({ status: 'not ready', reason: 'this node is stopping' })
    expect((await leaving.text('pasta', from)).status).toBe(200)
    answer()
    expect(await leaving.ended).toBe(0)
    await expect(leaving.ask('GET', '/healthz')).rejects.toThrow()

    await staying.text('2', from)
    await inState(staying, 'inQueue.created')
    await expectSaidOnce(staying)
    const heard = (await turnsOf(staying)).flatMap(({ event }) => event.data?.text ?? [])
    expect(heard).toEqual(['Hi', 'pizza', 'pasta', '2'])
  })

  test('does not wait for a long retry: what was being retried is done by the next node, under the same key', async () => {
    const leaving = await join()
    await leaving.text('Hi', from)
    await inState(leaving, 'noConversation.menu')
    const sent = () => far.asked('sendMessage').map(({ headers }) => headers['idempotency-key'])
    await vi.waitFor(() => expect(sent()).toHaveLength(1), patient)
    far.always('sendMessage', { status: 503, headers: { 'retry-after': '600' } })
    await leaving.text('pizza', from)
    await vi.waitFor(() => expect(sent()).toHaveLength(2), patient)

    const elapsed = stopwatch()
    leaving.signal('SIGTERM')
    expect(await leaving.ended).toBe(0)
    expect(elapsed()).toBeLessThan(stop_ms_max)
    far.always('sendMessage', undefined)
    await join()
    await vi.waitFor(() => expect(sent()).toHaveLength(3), patient)
    expect(sent()[2]).toBe(sent()[1])
  })
})

test('A node that is told to leave before it has begun ends at once, also as the first process of a container', async () => {
  const silent = createServer()
  await once(silent.listen(0, '127.0.0.1'), 'listening')
  const starting = spawnServe({ PARLEY_NATS_URL: `nats://127.0.0.1:${(silent.address() as AddressInfo).port}` })
  const [line] = await once(silent, 'connection')
  starting.kill('SIGTERM')
  // A signal that nobody listens for ends a process without a code, and the first one of a container not at all.
  expect(await once(starting, 'exit')).toEqual([143, null])
  line.destroy()
  silent.close()
})

describe('A node that was frozen for longer than its pin lasts', { timeout: 120_000 }, () => {
  test.each(['activate.loaded', 'decide.decided'])(
    'T3, E113: at %s, cannot commit what another node has turned meanwhile, and nothing is said twice',
    async (point) => {
      const frozen = await join({ PARLEY_FREEZE_AT: `${point}:1` })
      await frozen.text('Hi', from)
      const other = await join()
      await inState(other, 'noConversation.menu')
      const before = await turnsOf(other)
      expect(frozen.log()).not.toContain('"turn"')

      frozen.signal('SIGCONT')
      await vi.waitFor(() => expect(frozen.log()).toContain('"fenced"'), patient)
      await other.text('2', from)
      await inState(other, 'inQueue.created')
      await expectSaidOnce(other)
      expect((await turnsOf(other)).slice(0, before.length)).toMatchObject(before.map(({ revision }) => ({ revision })))
    },
  )
})
