/**
 * Faults behind the names of a chart: guards that always say the same, memory that forgets, tells that say nothing. Pure.
 */
import { type AnyStateMachine, assign } from 'xstate'
import { junctionsOf, nameOf, type Place } from './chart.ts'
import type { Fault } from './mutant.ts'

/** Of the names that the chart uses; one that nothing uses cannot show. */
export function implementationFaults({ implementations }: AnyStateMachine, places: Place[]): Fault[] {
  const actions = implementations.actions as Record<string, unknown>
  const guardFaults = [...usersOf(places, guardsIn)].flatMap(([name, within]): Fault[] => [
    { kind: 'guard always true', change: name, path: [], within, instead: { guards: { [name]: () => true } } },
    { kind: 'guard always false', change: name, path: [], within, instead: { guards: { [name]: () => false } } },
  ])
  const actionFaults = [...usersOf(places, actionsIn)].map(([name, within]): Fault => {
    const named = { change: name, path: [], within }
    return isMemory(actions[name])
      ? { ...named, kind: 'memory forgets', instead: { actions: { [name]: assign(() => ({})) } } }
      : { ...named, kind: 'tell is silent', instead: { actions: { [name]: () => [] } } }
  })
  return [...guardFaults, ...actionFaults]
}

const isMemory = (action: unknown): boolean => (action as { type?: string } | undefined)?.type === 'xstate.assign'

/** Name → the states that use it. */
function usersOf(places: Place[], namesIn: (place: Place) => string[]): Map<string, string[]> {
  const users = new Map<string, string[]>()
  for (const place of places) {
    for (const name of new Set(namesIn(place))) users.set(name, [...(users.get(name) ?? []), place.path.join('.')])
  }
  return users
}

const waysIn = ({ state }: Place) => junctionsOf(state).flatMap(({ ways }) => ways)
const guardsIn = (place: Place): string[] =>
  waysIn(place).flatMap(({ guard }) => (guard === undefined ? [] : [nameOf(guard)]))
export const actionsIn = (place: Place): string[] =>
  [...place.state.entry, ...place.state.exit, ...waysIn(place).flatMap(({ actions }) => actions)].map(nameOf)
