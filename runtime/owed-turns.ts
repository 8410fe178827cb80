/**
 * How far the turns of one conversation may run ahead of its effects: TURNS keeps so many of its turns and no more, and
 * one that was dropped before its effects went out would take them along. Speaks to TURNS and to the ledger; reads only.
 * Keeps T9: whoever is too far ahead waits in the inbox, and nobody else waits for it.
 */
import type { JetStreamManager } from '@nats-io/jetstream'
import type { Ledger } from './ledger.ts'
import { partitionOf } from './partition.ts'
import { readBatch } from './read-batch.ts'
import type { TurnRecord } from './record.ts'
import { history_turns_max, stream, subject } from './streams.ts'

/** Half of what is kept. */
export const owed_turns_max = history_turns_max / 2
/** To look costs a read of what is owed; with the bound above there is room for all that come between two looks. */
export const turns_between_looks = 64

/** Whether the conversation with this last record has to wait for its effects. Rejects when the broker does not answer. */
export type IsTooFarAhead = (record: TurnRecord) => Promise<boolean>

export function owedTurns(jsm: JetStreamManager, partitions: number, ledger: Pick<Ledger, 'last'>): IsTooFarAhead {
  return async ({ actor, turn }) => {
    if (turn < owed_turns_max || turn % turns_between_looks !== 0) return false
    const done = (await ledger.last(actor))?.revision ?? 0
    const turns = subject.turns(partitionOf(actor, partitions), actor)
    const open = await readBatch(jsm, stream.turns, turns, history_turns_max, done + 1)
    const oldest = open.map((message) => message.json<TurnRecord>()).find(({ effects }) => effects.length > 0)
    return oldest !== undefined && turn - oldest.turn >= owed_turns_max
  }
}
