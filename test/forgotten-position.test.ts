/**
 * A broker that remembers more acks than there were, as a cluster may whose leaders changed while consumers were reset:
 * its position is set forward by hand, and whoever owns the partition next finds what is left all the same (T5, T9).
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { inboxConsumer, stream, turnsConsumer } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { startTestNode, type TestNode } from './node.ts'

const partitions = 4

let broker: Broker
let far: FarSides
let running: TestNode[]
beforeEach(async () => {
  broker = await startBroker()
  far = await farSides()
  running = []
})
afterEach(async () => {
  for (const node of running) await node.stop()
  await far.close()
  await broker.stop()
})

const start = async (options = {}): Promise<TestNode> => {
  const node = await startTestNode(broker, { ...far.env, PARLEY_PARTITIONS: String(partitions) }, options)
  running.push(node)
  return node
}
/** The node is gone, and the broker believes that every partition of that stream was acked to its end. */
const endAndForget = async (node: TestNode, of: 'inbox' | 'turns') => {
  const { nc } = node.node.broker
  const consumer = of === 'inbox' ? inboxConsumer : turnsConsumer
  const { state } = await node.node.broker.jsm.streams.info(stream[of])
  for (let partition = 0; partition < partitions; partition++) {
    const at = `${stream[of]}.${consumer(partition).durable_name}`
    await nc.request(`$JS.API.CONSUMER.RESET.${at}`, JSON.stringify({ seq: state.last_seq + 1 }))
  }
  running = running.filter((other) => other !== node)
  await node.stop()
}

/** What the broker believes is over is not waited for by the clock. */
const inMenu = (node: TestNode) =>
  vi.waitFor(async () => expect((await node.conversation())?.state).toBe('noConversation.menu'), { timeout: 20_000 })
const never = new Promise<void>(() => {})

test('T9: effects of stored turns that the broker believes to be carried out are carried out, under their keys', async () => {
  const first = await start()
  far.next('searchConversation', { status: 200, after: never })
  await first.text('Hi')
  await vi.waitFor(() => expect(far.asked('searchConversation')).toHaveLength(1))
  await endAndForget(first, 'turns')
  const second = await start()
  await inMenu(second)
  const keys = far.asked('searchConversation').map(({ headers }) => headers['idempotency-key'])
  expect(keys.length).toBeGreaterThan(1)
  expect(new Set(keys).size).toBe(1)
  expect((await second.conversation()).state).toBe('noConversation.menu')
})

test('T9: events that the broker believes to be turned are turned, and stay until they are', async () => {
  const door = await start({ works: [] })
  expect(await door.text('Hi')).toMatchObject({ status: 200, body: { duplicate: false } })
  for (let partition = 0; partition < partitions; partition++) {
    await door.node.broker.jsm.consumers.add(stream.inbox, inboxConsumer(partition))
  }
  await endAndForget(door, 'inbox')
  await inMenu(await start())
})
