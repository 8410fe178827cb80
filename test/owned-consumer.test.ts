/**
 * Who owns a partition, and what happens to what it holds: the consumer alone, on a real broker, two connections for two
 * nodes.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../adapters/clock.ts'
import { type Broker as Connection, connectBroker } from '../runtime/broker.ts'
import { type Delivery, type OwnedConsumer, ownConsumer } from '../runtime/owned-consumer.ts'
import { ensureStreams, stream, turnsConsumer } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'

/** One node as far as a partition is concerned; it acks what `acks` says. */
interface Owner {
  connection: Connection
  consumer: OwnedConsumer
  held: Delivery[]
  acquired: number
  acks: (delivery: Delivery) => boolean
}

let broker: Broker
let owners: Owner[]

beforeEach(async () => {
  broker = await startBroker()
  owners = []
})
afterEach(async () => {
  for (const { consumer, connection } of owners) {
    consumer.stop()
    await connection.nc.close()
  }
  await broker.stop()
})

async function own(acks: Owner['acks'] = () => true, begins?: number): Promise<Owner> {
  const connection = await connectBroker([broker.url], {}, 'owner')
  await ensureStreams(connection.jsm, { replicas: 1, partitions: 1 })
  const { nc, jsm } = connection
  const self: Omit<Owner, 'consumer'> = { connection, held: [], acquired: 0, acks }
  const consumer = ownConsumer(nc, jsm, stream.turns, turnsConsumer(0), systemClock(), {
    deliver(delivery) {
      self.held.push(delivery)
      if (self.acks(delivery)) delivery.ack()
    },
    acquired() {
      self.acquired++
    },
    beginsAt: async () => begins,
  })
  const owner = Object.assign(self, { consumer })
  owners.push(owner)
  return owner
}
const publish = async (by: Owner, count = 1) => {
  for (let i = 0; i < count; i++) await by.connection.js.publish('parley.turns.0.actor', '{}')
}
/** What was delivered, each at its first time: a new owner may see twice what was acked out of order. */
const sequences = ({ held }: Owner) => [...new Set(held.map(({ sequence }) => sequence))]
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index)
/** Until nothing has come for longer than an owner may be silent. */
const quiet = () => systemClock().sleep(4_000)

test('a partition that is quiet stays with its owner, and so does what the owner has in hand', async () => {
  const first = await own(({ sequence }) => sequence !== 2)
  await publish(first, 3)
  await vi.waitFor(() => expect(sequences(first)).toEqual([1, 2, 3]))
  const second = await own()
  const { acquired } = first
  await quiet()
  await publish(first)
  await vi.waitFor(() => expect(sequences(first)).toEqual([1, 2, 3, 4]))
  expect(first.acquired).toBe(acquired)
  expect(second.acquired).toBe(0)
})

test('what an owner had in hand when it fell silent comes to the next one in seconds, though nothing new is stored', async () => {
  const first = await own(() => false)
  await publish(first, 3)
  await vi.waitFor(() => expect(sequences(first)).toEqual([1, 2, 3]))
  const second = await own()
  first.consumer.stop()
  await first.connection.nc.close()
  await vi.waitFor(() => expect(sequences(second)).toEqual([1, 2, 3]), { timeout: 12_000 })
})

test('an owner that leaves in order hands over at once', async () => {
  const first = await own(({ sequence }) => sequence !== 2)
  await publish(first, 3)
  await vi.waitFor(() => expect(sequences(first)).toEqual([1, 2, 3]))
  const second = await own()
  first.consumer.stop()
  await first.consumer.release()
  await publish(second)
  await vi.waitFor(() => expect(sequences(second)).toEqual([2, 3, 4]), { timeout: 2_000 })
})

test('what an owner acks in the moment in which it leaves does not come again', async () => {
  const first = await own(() => false)
  await publish(first, 3)
  await vi.waitFor(() => expect(sequences(first)).toEqual([1, 2, 3]))
  const second = await own()
  first.consumer.stop()
  for (const delivery of first.held) delivery.ack()
  await first.consumer.release()
  await publish(second)
  await vi.waitFor(() => expect(sequences(second)).toEqual([4]), { timeout: 5_000 })
})

test('a long backlog comes whole and in order to whoever begins', async () => {
  const connection = await connectBroker([broker.url], {}, 'publisher')
  await ensureStreams(connection.jsm, { replicas: 1, partitions: 1 })
  await Promise.all(upTo(1_500).map((index) => connection.js.publish(`parley.turns.0.actor-${index}`, '{}')))
  const first = await own()
  await vi.waitFor(() => expect(sequences(first)).toEqual(upTo(1_500)), { timeout: 5_000 })
  await connection.nc.close()
})

test('T1, E113: a take-over under load loses nothing and keeps the order: what was in hand comes first', async () => {
  const first = await own(({ sequence }) => sequence % 3 !== 0)
  await publish(first, 90)
  await vi.waitFor(() => expect(sequences(first)).toEqual(upTo(90)))
  const second = await own()
  first.consumer.stop()
  await first.consumer.release()
  await publish(second, 10)
  await vi.waitFor(() => expect(sequences(second)).toEqual(upTo(100, 3)), { timeout: 5_000 })
})

test('a broker that comes back is served again at once', async () => {
  const first = await own()
  await publish(first, 3)
  await vi.waitFor(() => expect(sequences(first)).toEqual([1, 2, 3]))
  await broker.pause()
  await broker.resume()
  await vi.waitFor(() => publish(first), { timeout: 5_000 })
  await vi.waitFor(() => expect(sequences(first).at(-1)).toBeGreaterThanOrEqual(4), { timeout: 3_000 })
})

test('an owner that rests keeps what it has in hand to itself until it gives the pin back', async () => {
  const first = await own(({ sequence }) => sequence === 1)
  await publish(first, 3)
  await vi.waitFor(() => expect(sequences(first)).toEqual([1, 2, 3]))
  const second = await own()
  first.consumer.rest()
  await publish(second)
  await quiet()
  expect(sequences(second)).toEqual([])
  await first.consumer.release()
  await vi.waitFor(() => expect(sequences(second)).toEqual([2, 3, 4]), { timeout: 5_000 })
})

test('T1: what had reached an owner and was not ended is put back with the pin: nobody waits until it is missed', async () => {
  const first = await own(({ sequence }) => sequence === 1)
  await publish(first, 50)
  await vi.waitFor(() => expect(sequences(first)).toEqual(upTo(50)), { timeout: 5_000 })
  const { consumers } = first.connection.jsm
  const notEnded = async () => (await consumers.info(stream.turns, turnsConsumer(0).durable_name)).num_ack_pending
  await vi.waitFor(async () => expect(await notEnded()).toBe(49))
  first.consumer.rest()
  await first.consumer.release()
  expect(await notEnded()).toBe(0)
  const second = await own()
  await vi.waitFor(() => expect(sequences(second)).toEqual(upTo(50, 2)), { timeout: 5_000 })
})

test('an owner that pulls again after a rest misses nothing of what came meanwhile', async () => {
  const first = await own(({ sequence }) => sequence !== 2)
  await publish(first, 3)
  await vi.waitFor(() => expect(sequences(first)).toEqual([1, 2, 3]))
  first.consumer.rest()
  await publish(first, 3)
  first.consumer.pull()
  await vi.waitFor(() => expect(sequences(first)).toEqual(upTo(6)), { timeout: 5_000 })
  expect(first.consumer.stance()).toBe('owning')
})

test('T9: a new owner begins where its own records say, though the broker believes that all was acked', async () => {
  const first = await own(() => false)
  await publish(first, 5)
  await vi.waitFor(() => expect(sequences(first)).toEqual(upTo(5)))
  first.consumer.stop()
  await first.consumer.release()
  await believe(first, 6)
  const second = await own(() => true, 3)
  await vi.waitFor(() => expect(sequences(second)).toEqual([3, 4, 5]), { timeout: 5_000 })
})

test('T9: an owner whose consumer is set forward under it goes back to where its own records say', async () => {
  const first = await own(({ sequence }) => sequence !== 2, 2)
  await publish(first, 3)
  await vi.waitFor(() => expect(sequences(first)).toEqual([2, 3]))
  expect(first.consumer.endedUpTo()).toBe(1)
  await believe(first, 4)
  const held = first.held.length
  await publish(first)
  await vi.waitFor(() => expect(first.held.slice(held).map(({ sequence }) => sequence)).toEqual([2, 3, 4]), {
    timeout: 5_000,
  })
})

/** What a cluster whose leader changed may believe: that everything before `seq` was acked. */
const believe = (by: Owner, seq: number) =>
  by.connection.nc.request(`$JS.API.CONSUMER.RESET.${stream.turns}.p0`, JSON.stringify({ seq }))
