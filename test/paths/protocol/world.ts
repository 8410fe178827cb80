/**
 * What outlives a crash, and what is outside: the broker's streams and the far side, in memory. Nothing here decides.
 */

import type { ArmedTimer } from '../../../machines/migrations.ts'
import type { Cause } from '../../../runtime/envelope.ts'
import type { Loaded, StoredEffect, TurnRecord } from '../../../runtime/record.ts'

export const actor = '0123456789abcdef'

/** One message of INBOX, not acked yet. */
export interface Message {
  sequence: number
  id: string
  cause: Cause
}

/** What one attempt at the far side was, whether it changed anything there or was known by its key. */
export interface Attempt {
  key: string
  revision: number
  index: number
  effect: StoredEffect
  applied: boolean
  /** The turn that asked for it was stored at that moment (T4). */
  wasStored: boolean
}

export interface World {
  now_ms: number
  sequence: number
  inbox: Message[]
  /** Everything that was ever stored in INBOX. */
  log: Message[]
  /** Ids of messages that the broker still knows, and drops when they come again. */
  known: Set<string>
  /** TURNS: the record of revision n is at n - 1. */
  turns: TurnRecord[]
  /** Revision that a turn was decided on, by its own. */
  decidedOn: number[]
  /** By the name that they stand under. */
  timers: Map<string, ArmedTimer & { timer: string }>
  /** Revisions whose effects have ended. */
  ended: Set<number>
  attempts: Attempt[]
  /** What the customer's provider has posted, once each. */
  posted: string[]
}

export const newWorld = (): World => ({
  now_ms: 1_000_000,
  sequence: 0,
  inbox: [],
  log: [],
  known: new Set(),
  turns: [],
  decidedOn: [],
  timers: new Map(),
  ended: new Set(),
  attempts: [],
  posted: [],
})

export const stored = ({ turns }: World): Loaded | undefined =>
  turns.length === 0 ? undefined : { record: turns.at(-1)!, revision: turns.length }

/** Stores a message, unless the broker still knows its id. */
export function publish(world: World, id: string, cause: Cause): void {
  if (world.known.has(id)) return
  world.known.add(id)
  const message = { sequence: ++world.sequence, id, cause }
  world.inbox.push(message)
  world.log.push(message)
}

export function append(world: World, record: TurnRecord, decidedOn: number): Loaded {
  world.turns.push(record)
  world.decidedOn.push(decidedOn)
  return { record, revision: world.turns.length }
}

/** The far side does a thing once for a key, however often it is asked. */
export function perform(world: World, key: string, revision: number, index: number, effect: StoredEffect): void {
  const applied = !world.attempts.some((attempt) => attempt.key === key)
  const wasStored = world.turns[revision - 1]?.effects[index] !== undefined
  world.attempts.push({ key, revision, index, effect, applied, wasStored })
}

/** The timer that is due next, if any is armed, with the name that it stands under. */
export function nextTimer({ timers }: World): [name: string, armed: ArmedTimer & { timer: string }] | undefined {
  return [...timers].sort(([, one], [, other]) => one.due_ms - other.due_ms)[0]
}
