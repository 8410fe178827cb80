/**
 * What there is to cover, as text, one goal a line: states, transitions, pairs of transitions in adjacent turns, and every
 * event in every state. A goal is reachable when the search met it; the others are listed with the reason.
 */
import type { AnyStateMachine } from 'xstate'
import { statesOf, transitionsOf } from './chart.ts'
import type { Edge, Graph, Place } from './search.ts'

export const criteria = ['states', 'transitions', 'pairs', 'stateEvent', 'outcomes', 'races'] as const
export type Criterion = (typeof criteria)[number]

/** What a suite is made for: all of them, or some, in their order. */
export type Cover = readonly Criterion[]

/** A goal: `states`, `transitions`, `pairs` or `stateEvent`, a colon, and which. */
export type Goal = string

/** What a turn reaches. `last` is the transition that the conversation took last, before it. */
export function goalsOf(last: string, { goals, taken: [first] }: Pick<Edge, 'goals' | 'taken'>): readonly Goal[] {
  return last === '' || first === undefined ? goals : [...goals, pairOf(last, first)]
}

/** What it reaches whatever came before it: `goals` of an edge. */
export const ownGoals = (from: string, { name }: { name: string }, to: string, taken: readonly string[]): Goal[] => [
  once('states', to),
  once('stateEvent', from || 'nothing yet', ' × ', name),
  ...taken.map((transition) => once('transitions', transition)),
  ...taken.slice(1).map((next, index) => pairOf(taken[index]!, next)),
]

/** The goal that two transitions are taken one after the other. */
export const pairOf = (transition: string, next: string): Goal => once('pairs', transition, ' ⇒ ', next)

/** Of such a goal the transition that is taken second. */
export const secondOf = (goal: Goal): string | undefined => goal.split(' ⇒ ')[1]

/** The same text is the same object, so that the many sets of goals look it up without reading it. */
function once(criterion: string, one: string, sign = '', other = ''): Goal {
  const goals = of(of(texts, criterion), one)
  const known = goals.get(other)
  if (known !== undefined) return known
  const goal = `${criterion}: ${one}${sign}${other}`
  goals.set(other, goal)
  return goal
}
const texts: Texts = new Map()
type Texts = Map<string, Map<string, Map<string, Goal>>>
function of<Inner>(map: Map<string, Map<string, Inner>>, key: string): Map<string, Inner> {
  const known = map.get(key)
  if (known) return known
  const made = new Map<string, Inner>()
  map.set(key, made)
  return made
}

/** Everything that can be reached in these graphs. */
export function reachable(graphs: Graph[]): Set<Goal> {
  const goals = new Set<Goal>()
  const pairs = new Map<string, Set<string>>()
  for (const { places } of graphs) {
    const into = lastBefore(places)
    for (const place of places) {
      for (const edge of place.out) for (const goal of edge.goals) goals.add(goal)
      for (const last of into.get(place)!) {
        const after = pairs.get(last) ?? new Set()
        pairs.set(last, after)
        for (const first of firstsFrom(place)) after.add(first)
      }
    }
  }
  for (const [last, firsts] of pairs) for (const first of firsts) goals.add(pairOf(last, first))
  return goals
}

/** The transitions that a turn there may take first. */
export function firstsFrom(place: Place): ReadonlySet<string> {
  const known = firsts.get(place)
  if (known) return known
  const all = new Set(place.out.flatMap(({ taken }) => taken[0] ?? []))
  firsts.set(place, all)
  return all
}
const firsts = new WeakMap<Place, ReadonlySet<string>>()

/** By place: the transitions that a conversation may have taken last when it is there. */
function lastBefore(places: Place[]): Map<Place, Set<string>> {
  const into = new Map(places.map((place) => [place, new Set<string>()]))
  for (const { out } of places) for (const { to, taken } of out) if (taken.length > 0) into.get(to)!.add(taken.at(-1)!)
  return into
}

const answered = / × \S+ (answered|failed)/
const timed = /xstate\.after\.| × after .*, late$/

/** Whether a goal counts for a criterion. `outcomes` and `races` are read off the pairs and cells that are about them. */
export function countsFor(criterion: Criterion, goal: Goal): boolean {
  if (criterion === 'outcomes') return goal.startsWith('stateEvent: ') && answered.test(goal)
  if (criterion === 'races') return /^(pairs|stateEvent): /.test(goal) && timed.test(goal)
  return goal.startsWith(`${criterion}: `)
}

export const isWanted = (cover: Cover, goal: Goal): boolean => cover.some((criterion) => countsFor(criterion, goal))

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
