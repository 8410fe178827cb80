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
import { inboxOfPartition, partitionOfInbox, stream } from './streams.ts'

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

/** What is not acked yet, in partitions that nobody has ever served, too. */
export async function waitingInInbox(jsm: JetStreamManager): Promise<number> {
  const progress = await inboxProgress(jsm)
  const waiting = progress.reduce((sum, partition) => sum + partition.waiting, 0)
  const served = new Set(progress.map(({ partition }) => partition))
  const { state } = await jsm.streams.info(stream.inbox, { subjects_filter: '>' })
  const unserved = Object.entries(state.subjects ?? {}).filter(([at]) => !served.has(partitionOfInbox(at)))
  return unserved.reduce((sum, [, messages]) => sum + messages, waiting)
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

/** Sweeps now and then until the function that comes back is called; a sweep that fails is made up for by the next. */
export function keepSwept({ nc, jsm, wallClock, log }: KeepingSwept, reached: () => Iterable<Reached>): () => void {
  const { sweep } = inboxSweep(jsm)
  let cancel = () => {}
  const next = () => {
    cancel = wallClock.after(sweep_every_ms, () => {
      if (nc.isClosed()) return
      sweep(reached())
        .catch((err) => log.debug({ err }, 'the inbox is swept later'))
        .finally(next)
    })
  }
  next()
  return () => cancel()
}
