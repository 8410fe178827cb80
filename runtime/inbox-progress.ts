/**
 * How far each partition of the inbox has come, and the removal of what it has behind it: all at once and now and then,
 * since a removal for every message would be one more write that the disk has to confirm for every turn. Speaks to INBOX
 * and its consumers. What has not ended at an owner is never removed, whatever the broker remembers of its acks; what has
 * ended and is still there is known as turned, should it be delivered again (T3, T9).
 */
import type { JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '../adapters/clock.ts'
import type { Log } from './log.ts'
import { inboxOfPartition, stream } from './streams.ts'

export interface PartitionProgress {
  partition: number
  /** Everything of the partition up to here was acked; 0 when nothing was since the consumer was made. */
  acked_sequence: number
  /** Not acked yet: in hand, or not delivered. */
  waiting: number
}

/** Partitions that nobody has ever served are missing. Throws what the client throws when the broker does not answer. */
export async function inboxProgress(jsm: JetStreamManager): Promise<PartitionProgress[]> {
  const progress: PartitionProgress[] = []
  for await (const { name, ack_floor, num_pending, num_ack_pending } of jsm.consumers.list(stream.inbox)) {
    const partition = Number(/^p(\d+)$/.exec(name)?.[1] ?? Number.NaN)
    const of = { acked_sequence: ack_floor.stream_seq, waiting: num_pending + num_ack_pending }
    if (!Number.isNaN(partition)) progress.push({ partition, ...of })
  }
  return progress
}

/** Up to which sequence all of a partition has ended; undefined where nobody here knows. */
export type Reached = readonly [partition: number, sequence: number | undefined]

/** Whether all that is stored was acked. It is the stream that is asked: consumers hear of a new message a moment later. */
export async function isInboxOver(jsm: JetStreamManager, partitions: number): Promise<boolean> {
  if ((await jsm.streams.info(stream.inbox)).state.messages === 0) return true
  const acked = new Map((await inboxProgress(jsm)).map((one) => [one.partition, one.acked_sequence]))
  const next = (_: unknown, partition: number) => {
    const behind = { seq: (acked.get(partition) ?? 0) + 1, next_by_subj: inboxOfPartition(partition) }
    return jsm.streams.getMessage(stream.inbox, behind)
  }
  return (await Promise.all(Array.from({ length: partitions }, next))).every((message) => !message)
}

export interface InboxSweep {
  /** Removes what the partitions have behind them; nothing twice. Safe whoever else does the same. */
  sweep(reached: Iterable<Reached>): Promise<void>
}

export function inboxSweep(jsm: JetStreamManager): InboxSweep {
  const swept = new Map<number, number>()
  return {
    async sweep(reached) {
      for (const [partition, sequence = 0] of reached) {
        if (sequence <= (swept.get(partition) ?? 0)) continue
        await jsm.streams.purge(stream.inbox, { filter: inboxOfPartition(partition), seq: sequence + 1 })
        swept.set(partition, sequence)
      }
    },
  }
}

/** What was turned stays in the inbox for as long, and is what comes again when the broker forgets its acks. */
const sweep_every_ms = 1_000

export interface KeepingSwept {
  nc: Pick<NatsConnection, 'isClosed'>
  jsm: JetStreamManager
  wallClock: Clock
  log: Pick<Log, 'debug'>
}

export interface KeptSwept {
  /** At once, these. Does not reject: what was not swept is known as turned by whoever has it next. */
  sweep(reached: Iterable<Reached>): Promise<void>
  /** Now and then no more. */
  stop(): void
}

/** Sweeps now and then until it is stopped; a sweep that fails is made up for by the next. */
export function keepSwept({ nc, jsm, wallClock, log }: KeepingSwept, reached: () => Iterable<Reached>): KeptSwept {
  const inbox = inboxSweep(jsm)
  const sweep = (all: Iterable<Reached>) =>
    inbox.sweep(all).catch((err) => log.debug({ err }, 'the inbox is swept later'))
  let cancel = () => {}
  const next = () => {
    cancel = wallClock.after(sweep_every_ms, () => {
      if (!nc.isClosed()) void sweep(reached()).finally(next)
    })
  }
  next()
  return { sweep, stop: () => cancel() }
}
