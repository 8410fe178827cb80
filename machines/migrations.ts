/**
 * From one version of a machine to the next: how a conversation that began on a version this build no longer has goes on.
 * Owned here; applied by the runtime when such a conversation is next heard of. Pure, like everything in machines/ (T2);
 * what cannot be migrated throws, and the conversation is set aside with the reason (T8).
 */
import type { Snapshot, StateValue } from 'xstate'

/** What of a stored conversation names its machine: all that a migration may change. */
export interface Stored {
  snapshot: Snapshot<unknown> & {
    value: StateValue
    context: Record<string, unknown>
    children: Record<string, unknown>
  }
  /** By timer id, `xstate.after.<delay>.<state id>`. */
  timers: ArmedTimers
  /** By the id of the invoke that waits. */
  pending: Record<string, PendingAsk>
}

type ArmedTimers = Record<string, ArmedTimer>

export interface ArmedTimer {
  due_ms: number
  /** The turn that armed it. */
  generation: number
  /** Its name then, where a migration has given it another since: under this one it will fire. */
  armedAs?: string
}

/** An ask that awaits its answer. `revision` is absent in the record that made it: its own. */
export interface PendingAsk {
  type: string
  index: number
  revision?: number
}

export interface Migration {
  machine: string
  from: string
  to: string
  /**
   * Gives what the next version stores. Timers that are kept fire when they were due, and asks that are kept get their
   * answer, whatever their names are now; those left out are of the past. A wait that only the next version has begins
   * when its state is next entered. Throws an Error that says in one sentence what it cannot carry on, without customer text.
   */
  migrate(stored: Stored): Stored
}

/** Every step from a version of the past; a chain of them ends at the first version that `definitions.ts` has. */
export const migrations: readonly Migration[] = ['sms', 'live-chat', 'live-chat-with-web-callback', 'email'].map(
  (machine) => ({ machine, from: '1', to: '2', migrate: withGivenUpTasks }),
)

/** Version 1 remembered one task that might still turn up, version 2 all of them. */
function withGivenUpTasks(stored: Stored): Stored {
  const { givenUpTaskId, ...others } = stored.snapshot.context
  const givenUpTaskIds = givenUpTaskId ? [givenUpTaskId] : []
  return { ...stored, snapshot: { ...stored.snapshot, context: { ...others, givenUpTaskIds } } }
}

/** The timers with one of them under another name; as they were when it is not armed. */
export function renameTimer(timers: ArmedTimers, from: string, to: string): ArmedTimers {
  const { [from]: armed, ...others } = timers
  return armed === undefined ? timers : { ...others, [to]: { armedAs: from, ...armed } }
}

/** The same conversation with one of its asks under another id: what waits for it, and XState's actor for it. */
export function renameAsk(stored: Stored, from: string, to: string): Stored {
  const { pending, snapshot } = stored
  return {
    ...stored,
    pending: renamed(pending, from, to),
    snapshot: { ...snapshot, children: renamed(snapshot.children, from, to) },
  }
}

function renamed<Value>(all: Record<string, Value>, from: string, to: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name === from ? to : name, value]))
}
