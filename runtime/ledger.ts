/**
 * What became of effects: one message on EFFECTS for each turn that had any, written before the turn's record is acked.
 * It is what the history shows as status and attempts, and what keeps a record that is delivered again, because the
 * broker forgot an ack, from being carried out again (CONTRACTS section 4, nats-server keeps acks less well than messages).
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { partitionOf } from './partition.ts'
import { stream, subject } from './streams.ts'

export interface EffectOutcome {
  index: number
  status: 'done' | 'failed'
  attempts: number
  /** Why it was given up. */
  code?: string
}

export interface LedgerEntry {
  revision: number
  outcomes: EffectOutcome[]
}

export interface Ledger {
  write(actor: string, entry: LedgerEntry): Promise<void>
  /** The newest entry of an actor; entries of one actor are written in the order of its turns. */
  last(actor: string): Promise<LedgerEntry | undefined>
}

export function effectsLedger(js: JetStreamClient, jsm: JetStreamManager, partitions: number): Ledger {
  const at = (actor: string) => subject.effects(partitionOf(actor, partitions), actor)
  return {
    async write(actor, entry) {
      await js.publish(at(actor), JSON.stringify(entry))
    },
    async last(actor) {
      // From the stream's leader: another copy may lag, and what it does not know yet would be carried out again.
      const found = await jsm.streams.getMessage(stream.effects, { last_by_subj: at(actor) })
      return found?.json<LedgerEntry>()
    },
  }
}
