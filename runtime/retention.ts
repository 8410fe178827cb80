/**
 * Forgetting: when the retention of a closed conversation is over, or its customer is to be forgotten, its turns and what
 * became of their effects are deleted, by the owner of its partition, once every effect has ended. Speaks to INBOX,
 * TURNS, EFFECTS and AUDIT. A conversation that has woken up meanwhile is never deleted: everything is bounded by a revision.
 */
import type { JetStreamClient, JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import { lastOf } from './actor-cache.ts'
import type { LedgerEntry } from './ledger.ts'
import { partitionOf } from './partition.ts'
import { contextOf, type InboxPosition, type TurnRecord } from './record.ts'
import { eraseMessage, messagesOf } from './stored-messages.ts'
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
 * what it has heard goes first, for without a record it would be turned a second time by an owner who begins anew; the
 * archived record goes last, so that it comes again until nothing is left; the ledger goes after the turns that it keeps
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
  const last = await lastOf(jsm, stream.turns, turns)
  if (last?.seq !== revision) return
  await dropHeard(jsm, subject.inbox(partition, actor), last.json<TurnRecord>().input)
  await purgeBelow(jsm, stream.turns, turns, revision)
  if (ledger) await purgeBelow(jsm, stream.effects, effects, ledger.seq + 1)
  await purgeBelow(jsm, stream.turns, turns, revision + 1)
}

async function dropHeard(jsm: JetStreamManager, inbox: string, upTo: InboxPosition): Promise<void> {
  const later = (await messagesOf(jsm, stream.inbox, inbox)).find((message) => !isHeard(message, upTo))
  await purgeBelow(jsm, stream.inbox, inbox, later?.seq ?? upTo.sequence + 1)
}

/** A number alone may be used again after a stream was restored: what came later than the last turn is still to be heard. */
const isHeard = ({ seq, time }: StoredMsg, { sequence, time_ns }: InboxPosition): boolean =>
  seq <= sequence && time.getTime() <= Number(BigInt(time_ns) / 1_000_000n)

const purgeBelow = (jsm: JetStreamManager, name: string, filter: string, seq: number) =>
  jsm.streams.purge(name, { filter, seq })

/**
 * The same for an erased record, at once and so that the bytes on the disk are written over. Its history goes even if the
 * customer has written again meanwhile: what came after the erasure is a conversation of its own. What it has heard goes
 * with it, so that no later owner turns it a second time (T9). That it was erased is noted first, for what comes late. Repeating it is harmless. Throws when the broker does not answer.
 */
export async function erase(
  js: JetStreamClient,
  jsm: JetStreamManager,
  partitions: number,
  record: TurnRecord,
  revision: number,
): Promise<void> {
  const { actor, input } = record
  const partition = partitionOf(actor, partitions)
  const forgotten: Forgotten = { tasks: Number(contextOf(record).tasks ?? 0) }
  await js.publish(subject.forgotten(actor), JSON.stringify(forgotten))
  const waiting = await messagesOf(jsm, stream.inbox, subject.inbox(partition, actor))
  const heard = waiting.filter((message) => isHeard(message, input))
  for (const { seq } of heard) await eraseMessage(jsm, stream.inbox, seq)
  const turns = (await messagesOf(jsm, stream.turns, subject.turns(partition, actor))).map(({ seq }) => seq)
  const outcomes = await messagesOf(jsm, stream.effects, subject.effects(partition, actor))
  for (const seq of turns.filter((one) => one < revision)) await eraseMessage(jsm, stream.turns, seq)
  for (const message of outcomes) {
    if (message.json<LedgerEntry>().revision <= revision) await eraseMessage(jsm, stream.effects, message.seq)
  }
  if (turns.includes(revision)) await eraseMessage(jsm, stream.turns, revision)
}

/** What is kept of an actor that was erased: how many tasks it had, so that none of their ids is used again. */
export interface Forgotten {
  tasks: number
}

/** Undefined for an actor that was never erased, or so long ago that nothing of it can still come. */
export async function forgottenOf(jsm: JetStreamManager, actor: string): Promise<Forgotten | undefined> {
  return (await lastOf(jsm, stream.audit, subject.forgotten(actor)))?.json<Forgotten>()
}
