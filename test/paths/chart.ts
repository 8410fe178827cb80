/**
 * The transitions of a chart by name, and which of them a turn takes: XState's own account of its microsteps, so that
 * guarded branches and what follows at once (`always`) are told apart. Reads machines, changes none.
 */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate'
import type { Definition } from '../../machines/definitions.ts'

/** Every transition of the chart, in its order: `inQueue: task.queued [mine]`. */
export const transitionsOf = (machine: AnyStateMachine): string[] => [...namesOf(machine).values()]

/** States that a conversation can rest in: the atomic ones that are not left at once whatever is so. */
export function statesOf(machine: AnyStateMachine): string[] {
  return nodesOf(machine)
    .filter(({ type, always }) => type === 'atomic' && !always?.some(({ guard }) => guard === undefined))
    .map(({ path }) => path.join('.'))
}

export interface Watched {
  /** Behaves as the definition that is watched. */
  definition: Definition
  /** Transitions since the last time it was asked, in order. */
  taken(): string[]
}

/** The same definition, and what its machine does told by name. */
export function watched(definition: Definition): Watched {
  const names = namesOf(definition.machine)
  const systems = new WeakSet<object>()
  let taken: string[] = []
  const note = (microstep: { type: string; _transitions?: AnyTransitionDefinition[] }) => {
    if (microstep.type !== '@xstate.microstep') return
    taken.push(...(microstep._transitions ?? []).flatMap((transition) => names.get(transition) ?? []))
  }
  const machine: AnyStateMachine = Object.create(definition.machine)
  machine.transition = (snapshot, event, scope) => {
    if (!systems.has(scope.system)) {
      systems.add(scope.system)
      scope.system.inspect(note)
    }
    return definition.machine.transition.call(machine, snapshot, event, scope)
  }
  machine.restoreSnapshot = restoredOnce(definition.machine)
  return {
    definition: { ...definition, machine },
    taken: () => {
      const told = taken
      taken = []
      return told
    },
  }
}

/** Many turns begin at one record: it is restored for the first of them. What a turn lends is in `context` and stays apart. */
function restoredOnce(machine: AnyStateMachine): AnyStateMachine['restoreSnapshot'] {
  const known = new WeakMap<object, AnyMachineSnapshot>()
  return (stored, scope) => {
    const { children, context } = stored as unknown as { children: object; context: object }
    const before = known.get(children)
    if (before) return { ...before, context } as AnyMachineSnapshot
    const restored = machine.restoreSnapshot(stored, scope)
    known.set(children, restored)
    return restored
  }
}

function namesOf(machine: AnyStateMachine): Map<AnyTransitionDefinition, string> {
  const names = new Map<AnyTransitionDefinition, string>()
  for (const node of nodesOf(machine)) {
    const heard = [...node.transitions.values()].flat()
    for (const transition of [...heard, ...(node.always ?? [])]) names.set(transition, nameOf(node, transition))
  }
  return names
}

function nameOf(node: AnyStateNode, { eventType, guard, target = [] }: AnyTransitionDefinition): string {
  const when =
    guard === undefined ? '' : ` [${typeof guard === 'object' && 'type' in guard ? guard.type : String(guard)}]`
  const to = target.length === 0 ? '' : ` → ${target.map(({ path }) => path.join('.')).join(', ')}`
  return `${node.path.join('.') || node.key}: ${eventType || 'always'}${when}${to}`
}

function nodesOf(machine: AnyStateMachine): AnyStateNode[] {
  const below = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(below)]
  return below(machine.root)
}
