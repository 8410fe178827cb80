/**
 * Forgetting: when the retention of a closed conversation is over, its turns and what became of their effects are deleted,
 * by the owner of its partition, once every effect has ended. Speaks to TURNS and EFFECTS. A conversation that has woken up
 * meanwhile is never deleted: everything is bounded by the revision at which it was archived.
 */
import type { JetStreamManager } from '@nats-io/jetstream'
import { lastOf } from './actor-cache.ts'
import { partitionOf } from './partition.ts'
import type { TurnRecord } from './record.ts'
import { stream, subject } from './streams.ts'

/** Where every machine has it: it is over, and the record may go. */
export const archived_state = 'closed.archived'

/** Where a conversation waits until its retention is over. */
const waiting_states = ['closed.resting', 'closed.searchFailed']

/** Whether it was its retention that archived it: version 1 of the machines archived at once what could not be searched for. */
export const isRetentionOver = ({ state, before, cause }: TurnRecord): boolean =>
  state === archived_state && waiting_states.includes(before) && cause.type === 'parley.timer.due'

/**
 * Deletes what is stored of an actor up to that revision, its last one. Repeating it is harmless, and after a crash needed:
 * the archived record goes last, so that it comes again until nothing is left; the ledger goes after the turns that it keeps
 * from being carried out again. Throws when the broker does not answer.
 */
export async function forget(
  jsm: JetStreamManager,
  partitions: number,
  actor: string,
  revision: number,
): Promise<void> {
  const partition = partitionOf(actor, partitions)
  const [turns, effects] = [subject.turns(partition, actor), subject.effects(partition, actor)]
  const ledger = await lastOf(jsm, stream.effects, effects)
  if ((await lastOf(jsm, stream.turns, turns))?.seq !== revision) return
  await purgeBelow(jsm, stream.turns, turns, revision)
  if (ledger) await purgeBelow(jsm, stream.effects, effects, ledger.seq + 1)
  await purgeBelow(jsm, stream.turns, turns, revision + 1)
}

const purgeBelow = (jsm: JetStreamManager, name: string, filter: string, seq: number) =>
  jsm.streams.purge(name, { filter, seq })
