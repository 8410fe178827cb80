/**
 * The turn record: what one append to TURNS commits (T3). The last record of an actor's subject is the actor; the ones
 * before it are its history. Owned here; written by `stages/persist.ts`, read by `stages/activate.ts`, `transmit.ts` and
 * the reading doors.
 */
import type { Snapshot } from 'xstate'
import type { AnyEffect } from '../machines/effects.ts'
import type { Address } from '../machines/events.ts'
import type { ArmedTimer, PendingAsk } from '../machines/migrations.ts'
import type { DigitTail } from '../machines/sensitive-data.ts'
import type { Envelope } from './envelope.ts'

export const record_format = 1
/** External event ids an actor remembers beyond the inbox position: providers retry for longer than NATS remembers. */
export const seen_ids_max = 48

export interface TurnRecord {
  format: typeof record_format
  actor: string
  machine: { id: string; version: string; shape: string }
  address: Address
  /** Turns of this actor so far, this one included. */
  turn: number
  /** When the turn was decided, ISO 8601. */
  at: string
  /** The inbox position turned last: sequence and server time, since a sequence alone may be used again. */
  input: InboxPosition
  /** Hashes of recently turned external event ids, oldest first. */
  seen: string[]
  /** Its customer is to be forgotten: it goes from the disk once its effects have ended. Absent otherwise. */
  erased?: true
  /** The digits that the customer's messages ended with: the next one may complete a card number. Absent without any. */
  tail?: DigitTail
  cause: Envelope
  before: string
  state: string
  /** `turned`: the machine moved or acted; `ignored`: nothing changed; `stale`: an answer or timer of a past state (T10). */
  heard: 'turned' | 'ignored' | 'stale'
  snapshot: Snapshot<unknown>
  timers: Record<string, ArmedTimer>
  pending: Record<string, PendingAsk>
  effects: StoredEffect[]
}

export interface InboxPosition {
  sequence: number
  time_ns: string
}

/** One effect of a turn. `ask` names the invoke that waits for the answer; a tell or a compensation has none. */
export interface StoredEffect extends AnyEffect {
  ask?: string
  /** Of one that a person retries: the key it had. Absent otherwise: the key is the turn's own (`keyOf`). */
  key?: string
  withinMs: number
}

/** The key of a record's effect: its own, or the one it had when it went out the first time. */
export const keyOf = ({ actor, effects }: TurnRecord, revision: number, index: number): string =>
  effects[index]?.key ?? idempotencyKey(actor, revision, index)

/** A record with the stream's number for the next conditional append. Revision 0: there is no record yet. */
export interface Loaded {
  record: TurnRecord
  revision: number
}

/** T6: actor, revision of the turn that asked, place in it. The same on every attempt, on any node. */
export const idempotencyKey = (actor: string, revision: number, index: number): string =>
  `${actor}.${revision}.${index}`

/** What a list of conversations needs of a record, small enough to travel as a header. */
export interface Summary {
  machine: string
  version: string
  channel: Address['channel']
  asset: string
  customer: string
  state: string
  conversationId: string
  taskId: string
  agentId: string
  at: string
}

export function summaryOf(record: TurnRecord): Summary {
  const context = contextOf(record)
  return {
    machine: record.machine.id,
    version: record.machine.version,
    ...record.address,
    state: record.state,
    conversationId: String(context.conversationId ?? ''),
    taskId: String(context.taskId ?? ''),
    agentId: String(context.agentId ?? ''),
    at: record.at,
  }
}

/** Nothing, for a record whose format this build does not know. */
export function contextOf(record: TurnRecord): Record<string, unknown> {
  return (record.snapshot as { context?: Record<string, unknown> } | undefined)?.context ?? {}
}
