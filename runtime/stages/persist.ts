/**
 * persist: the one append that commits a turn. Snapshot, timers, pending asks and effects are one message on TURNS,
 * conditional on the revision that was read (T3); a node that lost its ownership is refused here. Speaks to TURNS only.
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import { crashPoint } from '../crash-points.ts'
import { isFenced } from '../fenced.ts'
import { partitionOf } from '../partition.ts'
import { type Loaded, summaryOf, type TurnRecord } from '../record.ts'
import { message_bytes_max, subject } from '../streams.ts'

export const summaryHeader = 'Parley-Summary'

export type Persisted = { kind: 'committed'; loaded: Loaded } | { kind: 'fenced' } | { kind: 'tooLarge'; bytes: number }

/**
 * `revision` is that of the record the turn was decided on, 0 for none. `fenced` when the revision has moved: load and
 * decide again. `tooLarge` when no broker would take it, now or later. Throws when the outcome is unknown (time-out, broker gone): the caller reloads and finds out.
 */
export async function persist(
  js: JetStreamClient,
  partitions: number,
  record: TurnRecord,
  revision: number,
): Promise<Persisted> {
  const head = headers()
  head.set('Nats-Expected-Last-Subject-Sequence', String(revision))
  head.set(summaryHeader, encodeURIComponent(JSON.stringify(summaryOf(record))))
  const data = utf8.encode(JSON.stringify(record))
  if (data.length > message_bytes_max) return { kind: 'tooLarge', bytes: data.length }
  try {
    const to = subject.turns(partitionOf(record.actor, partitions), record.actor)
    const { seq } = await js.publish(to, data, { headers: head })
    await crashPoint('persist.committed', record)
    return { kind: 'committed', loaded: { record, revision: seq } }
  } catch (error) {
    if (isFenced(error)) return { kind: 'fenced' }
    throw error
  }
}

const utf8 = new TextEncoder()
