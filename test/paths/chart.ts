/**
 * The transitions of a chart by name, and which of them a turn takes: XState's own account of its microsteps, so that
 * guarded branches and what follows at once (`always`) are told apart. Reads machines, changes none.
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate'
import type { Definition } from '../../machines/definitions.ts'
import { machineAsItIs } from './as-it-is.ts'

/** Every transition of the chart, in its order: `inQueue: task.queued [mine]`. */
export const transitionsOf = (machine: AnyStateMachine): string[] => [...namesOf(machine).values()]

/** States that a conversation can rest in: the atomic ones that are not left at once whatever is so. */
export function statesOf(machine: AnyStateMachine): string[] {
  return nodesOf(machine)
    .filter(({ type, always }) => type === 'atomic' && !always?.some(({ guard }) => guard === undefined))
    .map(({ path }) => path.join('.'))
}

export interface Watched {
  /** As the definition that is watched, as it is (`as-it-is.ts`). */
  definition: Definition
  /** Transitions since the last time it was asked, in order. */
  taken(): string[]
}

/** The same definition, and what its machine does told by name. */
export function watched(definition: Definition): Watched {
  const names = namesOf(definition.machine)
  let taken: string[] = []
  const note = ({ type, _transitions = [] }: Microstep) => {
    if (type !== '@xstate.microstep') return
    for (const transition of _transitions) {
      const name = names.get(transition)
      if (name !== undefined) taken.push(name)
    }
  }
  const machine = machineAsItIs(definition.machine)
  machine.transition = (snapshot, event, scope) => {
    // By its inner name: an inspector would get a copy of each of the many things that are told there.
    ;(scope.system as unknown as { _sendInspectionEvent: typeof note })._sendInspectionEvent = note
    return definition.machine.transition.call(machine, snapshot, event, scope)
  }
  return {
    definition: { ...definition, machine },
    taken: () => {
      const told = taken
      taken = []
      return told
    },
  }
}

interface Microstep {
  type: string
  _transitions?: AnyTransitionDefinition[]
}

/** By dotted path of a state: the types of events that it or a state around it has a transition for; none for the root. */
export function heardIn(machine: AnyStateMachine): (state: string) => ReadonlySet<string> | undefined {
  const types = new Map<string, Set<string>>()
  for (const node of nodesOf(machine)) {
    const around = types.get(node.path.slice(0, -1).join('.')) ?? []
    types.set(node.path.join('.'), new Set([...around, ...node.transitions.keys()]))
  }
  types.delete('')
  return (state) => types.get(state)
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
