/**
 * A definition whose snapshots are kept as they are: the end of one turn is the beginning of the next, with nothing stored
 * and restored in between. Behaves as the definition that it is of, in two thirds of the time; its records are not JSON.
 */
import type { AnyStateMachine } from 'xstate'
import type { Definition } from '../../machines/definitions.ts'

/** The same one for the same definition. */
export function asItIs(definition: Definition): Definition {
  const known = made.get(definition)
  if (known) return known
  const one = { ...definition, machine: machineAsItIs(definition.machine) }
  made.set(definition, one)
  return one
}
const made = new WeakMap<Definition, Definition>()

/** A machine of its own, so that it can be changed further. */
export function machineAsItIs(original: AnyStateMachine): AnyStateMachine {
  const machine: AnyStateMachine = Object.create(original)
  machine.getPersistedSnapshot = (snapshot) => snapshot as never
  machine.restoreSnapshot = (stored) => stored as never
  return machine
}

/**
 * A machine that says nothing: what it would send is not made. Where it goes and what it remembers, waits and asks for is as
 * before, because nothing of that is decided by what is sent. `machine` is changed, and given back.
 */
export function silenced(machine: AnyStateMachine): AnyStateMachine {
  const { actions, ...others } = machine.implementations
  const silent = Object.entries(actions).filter(([, action]) => 'resolve' in (action as object))
  machine.implementations = { ...others, actions: Object.fromEntries(silent) } as AnyStateMachine['implementations']
  return machine
}
