/** What of the inbox is removed and when, on a real broker: nothing that was not acked, whoever sweeps and how often. */
import { AckPolicy } from '@nats-io/jetstream'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Broker as Connection, connectBroker } from '../runtime/broker.ts'
import { inboxProgress, inboxSweep } from '../runtime/inbox-progress.ts'
import { partitionOf } from '../runtime/partition.ts'
import { ensureStreams, inboxConsumer, stream, subject } from '../runtime/streams.ts'
import { ackedUpTo } from './acked-up-to.ts'
import { type Broker, startBroker } from './broker.ts'

const partitions = 2
const actors = ['a', 'b', 'c', 'd', 'e', 'f'].sort((a, b) => partitionOf(a, 2) - partitionOf(b, 2))
const [first, last] = [actors[0]!, actors.at(-1)!]
let broker: Broker
let connection: Connection

beforeAll(async () => {
  broker = await startBroker()
  connection = await connectBroker([broker.url], {}, 'inbox')
  await ensureStreams(connection.jsm, { replicas: 1, partitions })
  for (let partition = 0; partition < partitions; partition++) {
    const { durable_name, filter_subject } = inboxConsumer(partition)
    const shape = { durable_name, filter_subject: filter_subject!, ack_policy: AckPolicy.Explicit, mem_storage: true }
    await connection.jsm.consumers.add(stream.inbox, shape)
  }
})
afterAll(async () => {
  await connection.nc.close()
  await broker.stop()
})

const store = (...to: string[]) =>
  to.reduce(async (before, actor) => {
    await before
    await connection.js.publish(subject.in(actor), '{}')
  }, Promise.resolve())
const held = async (): Promise<number[]> => {
  const { state } = await connection.jsm.streams.info(stream.inbox, { deleted_details: true })
  const gone = new Set(state.deleted ?? [])
  const sequences = Array.from({ length: state.messages === 0 ? 0 : state.last_seq }, (_, index) => index + 1)
  return sequences.filter((sequence) => sequence >= state.first_seq && !gone.has(sequence))
}
/** Takes everything that waits in the partition of that actor, and acks what `acks` says. */
async function take(actor: string, acks: (sequence: number) => boolean): Promise<void> {
  const consumer = await connection.js.consumers.get(stream.inbox, `p${partitionOf(actor, partitions)}`)
  for await (const message of await consumer.fetch({ max_messages: 10, expires: 1_000 })) {
    if (acks(message.seq)) await message.ackAck()
  }
}

test('T9: what was not acked stays, and what came after it: everything before it goes, in its partition only', async () => {
  const ours = inboxSweep(connection.jsm)
  const sweep = async (sweeping = ours) => sweeping.sweep(await ackedUpTo(connection.jsm))
  expect(partitionOf(first, partitions)).not.toBe(partitionOf(last, partitions))
  await store(first, last, first, last, first, first)
  await sweep()
  expect(await held()).toEqual([1, 2, 3, 4, 5, 6])
  await take(first, (sequence) => sequence !== 5)
  await sweep()
  expect(await held()).toEqual([2, 4, 5, 6])
  expect(await inboxProgress(connection.jsm)).toEqual([
    { partition: partitionOf(first, partitions), acked_sequence: 4, waiting: 1 },
    { partition: partitionOf(last, partitions), acked_sequence: 0, waiting: 2 },
  ])
  await ours.sweep([[partitionOf(first, partitions), undefined]])
  await sweep(inboxSweep(connection.jsm))
  expect(await held()).toEqual([2, 4, 5, 6])
  await take(last, () => true)
  await sweep()
  await vi.waitFor(async () => expect(await held()).toEqual([5, 6]))
})
