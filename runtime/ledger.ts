/**
 * What became of effects: one message on EFFECTS for each turn that had any, written before the turn's record is acked.
 * It is what the history shows as status and attempts, and what keeps a record that is delivered again, because the
 * broker forgot an ack, from being carried out again (CONTRACTS section 4, nats-server keeps acks less well than messages).
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import { isFenced } from './fenced.ts'
import { partitionOf } from './partition.ts'
import { stream, subject } from './streams.ts'

export interface EffectOutcome {
  index: number
  status: 'done' | 'failed'
  attempts: number
  /** Why it was given up. */
  code?: string
}

/** What became of the effects of one turn, the one stored at that revision. */
export interface TurnOutcomes {
  revision: number
  outcomes: EffectOutcome[]
}

export interface LedgerEntry extends TurnOutcomes {
  /** Of later turns, what had ended when their owner left before all of it had: the next owner does the rest only. */
  begun?: TurnOutcomes[]
  /** All of the partition was carried out and entered up to this revision, when this was written. */
  endedUpTo?: number
}

export interface Ledger {
  write(actor: string, entry: LedgerEntry): Promise<void>
  /** Notes, beside the newest entry, what of these turns has ended. Nothing is noted when somebody has written since. */
  leave(actor: string, left: { begun: readonly TurnOutcomes[]; endedUpTo?: number }): Promise<void>
  /** The newest entry of an actor; entries of one actor are written in the order of its turns. */
  last(actor: string): Promise<LedgerEntry | undefined>
  /** The first revision of a partition that may have to be carried out; undefined where an older node has written last. */
  owedSince(partition: number): Promise<number | undefined>
}

export function effectsLedger(js: JetStreamClient, jsm: JetStreamManager, partitions: number): Ledger {
  const at = (actor: string) => subject.effects(partitionOf(actor, partitions), actor)
  // From the stream's leader: another copy may lag, and what it does not know yet would be carried out again.
  const newestAt = (last_by_subj: string) => jsm.streams.getMessage(stream.effects, { last_by_subj })
  const newest = (actor: string) => newestAt(at(actor))
  return {
    async write(actor, entry) {
      await js.publish(at(actor), JSON.stringify(entry))
    },
    async leave(actor, { begun, ...reached }) {
      const found = await newest(actor)
      const last = found?.json<LedgerEntry>() ?? { revision: 0, outcomes: [] }
      const entry = { ...last, ...reached, begun: begunAfter(last.revision, [...(last.begun ?? []), ...begun]) }
      if (entry.begun.length === 0) return
      const head = headers()
      head.set('Nats-Expected-Last-Subject-Sequence', String(found?.seq ?? 0))
      try {
        await js.publish(at(actor), JSON.stringify(entry), { headers: head })
      } catch (error) {
        if (!isFenced(error)) throw error
      }
    },
    last: async (actor) => (await newest(actor))?.json<LedgerEntry>(),
    async owedSince(partition) {
      const found = await newestAt(subject.effects(partition, '*'))
      if (!found) return 1
      const { endedUpTo } = found.json<LedgerEntry>()
      return endedUpTo === undefined ? undefined : endedUpTo + 1
    },
  }
}

/** Those of later turns; of two that tell of the same turn the later one. */
export function begunAfter(revision: number, begun: readonly TurnOutcomes[]): TurnOutcomes[] {
  return [...new Map(begun.map((one) => [one.revision, one])).values()].filter((one) => one.revision > revision)
}
