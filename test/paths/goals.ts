/**
 * What there is to cover, as text, one goal a line: states, transitions, pairs of transitions in adjacent turns, and every
 * event in every state. A goal is reachable when the search met it; the others are listed with the reason.
 */
import type { AnyStateMachine } from 'xstate'
import { statesOf, transitionsOf } from './chart.ts'
import type { Edge, Graph } from './search.ts'

export const criteria = ['states', 'transitions', 'pairs', 'stateEvent', 'outcomes', 'races'] as const
export type Criterion = (typeof criteria)[number]

/** A goal: `states`, `transitions`, `pairs` or `stateEvent`, a colon, and which. */
export type Goal = string

/** What one turn reaches. `last` is the transition that the conversation took last, before it. */
export function goalsOf(last: string, { from, to, happening, taken }: Omit<Edge, 'from' | 'to'> & Ends): Goal[] {
  return [
    `states: ${to.state}`,
    `stateEvent: ${from.state || 'nothing yet'} × ${happening.name}`,
    ...taken.map((transition) => `transitions: ${transition}`),
    ...pairsOf(last, taken),
  ]
}
interface Ends {
  from: { state: string }
  to: { state: string }
}

const pairsOf = (last: string, taken: string[]): string[] =>
  [last, ...taken].flatMap((transition, index) => {
    const next = taken[index]
    return transition === '' || next === undefined ? [] : [pairOf(transition, next)]
  })

/** The goal that two transitions are taken one after the other. */
export const pairOf = (transition: string, next: string): Goal => `pairs: ${transition} ⇒ ${next}`

/** Everything that can be reached in these graphs, in the order of the search. */
export function reachable(graphs: Graph[]): Set<Goal> {
  const goals = new Set<Goal>()
  for (const { places } of graphs) {
    const edges = places.flatMap(({ out }) => out)
    const into = lastBefore(edges)
    for (const edge of edges) for (const last of into.get(edge.from.key) ?? ['']) add(goals, goalsOf(last, edge))
  }
  return goals
}

/** By place: the transitions that a conversation may have taken last when it is there. */
function lastBefore(edges: Edge[]): Map<string, Set<string>> {
  const into = new Map<string, Set<string>>()
  const at = (key: string) => into.get(key) ?? into.set(key, new Set()).get(key)!
  for (const { to, taken } of edges) if (taken.length > 0) at(to.key).add(taken.at(-1)!)
  return into
}

const add = (goals: Set<Goal>, more: Goal[]) => {
  for (const goal of more) goals.add(goal)
}

const answered = / × \S+ (answered|failed)/
const timed = /xstate\.after\.| × after .*, late$/

/** Whether a goal counts for a criterion. `outcomes` and `races` are read off the pairs and cells that are about them. */
export function countsFor(criterion: Criterion, goal: Goal): boolean {
  if (criterion === 'outcomes') return goal.startsWith('stateEvent: ') && answered.test(goal)
  if (criterion === 'races') return /^(pairs|stateEvent): /.test(goal) && timed.test(goal)
  return goal.startsWith(`${criterion}: `)
}

export interface Unreachable {
  what: string
  why: string
}

/** States and transitions of the chart that no conversation gets to. */
export function unreachable(machine: AnyStateMachine, graphs: Graph[], goals: Set<Goal>): Unreachable[] {
  const chart = [
    ...statesOf(machine).map((state) => `states: ${state}`),
    ...transitionsOf(machine).map((transition) => `transitions: ${transition}`),
  ]
  const places = graphs.reduce((sum, graph) => sum + graph.places.length, 0)
  const why = graphs.every(({ exhausted }) => exhausted)
    ? `no event leads there from any of the ${places} places of an exhausted search`
    : 'not found within the bound of the search'
  return chart.filter((goal) => !goals.has(goal)).map((what) => ({ what, why }))
}
