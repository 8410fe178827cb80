/**
 * The paths of a machine: what the search found, walked until everything in it is covered, replayed on the machine itself,
 * and thinned to what is needed. Coverage is counted on the replay, never on the plan. The same for the same seed.
 */
import { isDeepStrictEqual } from 'node:util'
import { latestDefinition } from '../../machines/definitions.ts'
import { ImpossibleStep, type Step } from '../drive.ts'
import { type AskedFor, askedForOf } from './asked-for.ts'
import { type Happening, happenings } from './catalogue.ts'
import { type Watched, watched } from './chart.ts'
import { lastTaken, type Order, onwardIn, type Walk, walks } from './cover.ts'
import { type Goal, goalsOf, reachable, type Unreachable, unreachable } from './goals.ts'
import { driveFast, type Path, type PolicyName, policies } from './line.ts'
import { type Edge, type Graph, type Place, search, wayTo } from './search.ts'

export interface Suite {
  machine: string
  seed: number
  paths: Path[]
  /** By path id: the goals it reaches. */
  reaches: Map<string, Set<Goal>>
  /** Everything that can be reached. */
  goals: Set<Goal>
  unreachable: Unreachable[]
  /** What the search found, by policy. */
  graphs: { policy: PolicyName; graph: Graph }[]
}

export const usual_seed = 1

/** The gate suite of a machine: steps for `drive.ts`, on the policy that each path names. */
export const suiteFor = (machine: string, seed = usual_seed): Path[] => suiteOf(machine, seed).paths

const made = new Map<string, Suite>()

/** The same with what it covers; made once a process. */
export function suiteOf(machine: string, seed = usual_seed): Suite {
  const key = `${machine} ${seed}`
  const known = made.get(key)
  if (known) return known
  const suite = generate(machine, seed)
  made.set(key, suite)
  return suite
}

interface Played {
  path: Path
  reached: Set<Goal>
}

function generate(machine: string, seed: number): Suite {
  const graphs = searched(machine)
  const all = graphs.map(({ graph }) => graph)
  const goals = reachable(all)
  const open = new Set(goals)
  const planned = graphs.flatMap(({ policy, graph }) =>
    walks(graph, open, orderBy(seed)).map((walk, index) => replay(machine, `${policy}/${index + 1}`, policy, walk)),
  )
  const missed = new Set(goals)
  for (const { reached } of planned) for (const goal of reached) missed.delete(goal)
  const direct = graphs.flatMap(({ policy, graph }) => directly(machine, policy, graph, missed, orderBy(seed)))
  for (const goal of missed) goals.delete(goal)
  const asked = askedForOf(machine).map((one, index) => askedPath(machine, `asked/${index + 1}`, one))
  const kept = [...thinned([...planned, ...direct]), ...asked]
  return {
    machine,
    seed,
    paths: kept.map(({ path }) => path),
    reaches: new Map(kept.map(({ path, reached }) => [path.id, reached])),
    goals,
    unreachable: unreachable(latestDefinition(machine)!.machine, all, goals),
    graphs,
  }
}

/** The same for every seed; searched once a process. */
function searched(machine: string): Suite['graphs'] {
  const known = found.get(machine)
  if (known) return known
  const graphs: Suite['graphs'] = []
  for (const policy of policyNames)
    graphs.push({ policy, graph: search(machine, policy, graphs[0] && { under: graphs[0].graph }) })
  found.set(machine, graphs)
  return graphs
}
const found = new Map<string, Suite['graphs']>()

const policyNames = Object.keys(policies) as PolicyName[]

/**
 * What the walks missed, each by the way on which the search found it: a late answer can only come where somebody had
 * asked. From there it goes on to more of it, as long as that is found. What is still missed then was two places taken for
 * one, and is not there.
 */
function directly(machine: string, policy: PolicyName, graph: Graph, missed: Set<Goal>, order: Order): Played[] {
  const done: Played[] = []
  const onward = onwardIn(graph, missed, order)
  const gains = (player: Player, walk: Walk): boolean => {
    const before = missed.size
    for (const edge of walk) for (const goal of player.take(edge)) missed.delete(goal)
    return missed.size < before
  }
  for (const edge of graph.places.flatMap(({ out }) => out)) {
    for (const way of waysInto(edge.from, graph.places)) {
      if (!goalsOf(lastTaken(way), edge).some((goal) => missed.has(goal))) continue
      const player = playerOf(machine, policy)
      const walk = [...way, edge]
      if (!gains(player, walk)) continue
      for (let more = onward(walk); more && gains(player, more); more = onward(walk)) walk.push(...more)
      done.push(player.played(`${policy}/direct/${done.length + 1}`))
    }
  }
  return done
}

/** The way that found the place, and one by each other transition that leads there. */
function waysInto(place: Place, places: Place[]): Walk[] {
  const known = into.get(place)
  if (known) return known
  for (const one of places) into.set(one, [wayTo(one)])
  for (const edge of places.flatMap(({ out }) => out)) {
    const ways = into.get(edge.to)!
    const last = edge.taken.at(-1)
    if (last !== undefined && !ways.some((way) => lastTaken(way) === last)) ways.push([...wayTo(edge.from), edge])
  }
  return into.get(place)!
}
const into = new WeakMap<Place, Walk[]>()

/** Plays a walk on the machine; turns that cannot happen after all are left out of the path. */
function replay(machine: string, number: string, policy: PolicyName, walk: Walk): Played {
  const player = playerOf(machine, policy)
  for (const edge of walk) player.take(edge)
  return player.played(number)
}

/** Steps that are a path by themselves. */
function askedPath(machine: string, number: string, { policy, steps }: AskedFor): Played {
  const player = playerOf(machine, policy)
  for (const step of steps) player.take({ happening: player.happening(step) })
  return player.played(number)
}

interface Player {
  /** The goals that this turn reached; none when it cannot happen. */
  take(turn: Pick<Edge, 'happening'>): Goal[]
  /** That step as the catalogue has it now. */
  happening(step: Step): Happening
  played(number: string): Played
}

function playerOf(machine: string, policy: PolicyName): Player {
  const { definition, taken } = watchedOnce(machine)
  const conversation = driveFast(definition, policy)
  const reached = new Set<Goal>()
  const steps: Step[] = []
  let last = ''
  let from = { state: '' }
  return {
    take: ({ happening }) => {
      taken()
      if (!plays(conversation, happening.step)) return []
      const to = { state: conversation.history.at(-1)!.state }
      const edge = { from, to, happening, taken: taken() }
      const goals = goalsOf(last, edge)
      for (const goal of goals) reached.add(goal)
      steps.push(happening.step)
      last = edge.taken.at(-1) ?? last
      from = to
      return goals
    },
    happening(step) {
      const found = happenings(machine, conversation).find((one) => isDeepStrictEqual(one.step, step))
      if (found) return found
      throw new Error(`nothing that can happen to ${machine} is ${JSON.stringify(step)}`)
    },
    played: (number) => ({ path: { id: `${machine}/${number}`, policy, steps }, reached }),
  }
}

const watchers = new Map<string, Watched>()
function watchedOnce(machine: string): Watched {
  const known = watchers.get(machine) ?? watched(latestDefinition(machine)!)
  watchers.set(machine, known)
  return known
}

/** False for a step that cannot happen there. */
export function plays(conversation: { play(step: Step): unknown }, step: Step): boolean {
  try {
    conversation.play(step)
    return true
  } catch (error) {
    if (error instanceof ImpossibleStep) return false
    throw error
  }
}

/** Without the paths whose goals others reach as well; the shortest are tried first. */
function thinned(all: Played[]): Played[] {
  const times = new Map<Goal, number>()
  for (const { reached } of all) for (const goal of reached) times.set(goal, (times.get(goal) ?? 0) + 1)
  const dropped = new Set<Played>()
  for (const played of [...all].sort((a, b) => a.path.steps.length - b.path.steps.length)) {
    if (![...played.reached].every((goal) => times.get(goal)! > 1)) continue
    dropped.add(played)
    for (const goal of played.reached) times.set(goal, times.get(goal)! - 1)
  }
  return all.filter((played) => !dropped.has(played))
}

/** Another seed tries the ways out of a place in another order, and so makes other paths of the same coverage. */
function orderBy(seed: number): Order {
  const turned = new Map<Place, Edge[]>()
  return (place) => {
    const known = turned.get(place)
    if (known) return known
    const by = place.out.length === 0 ? 0 : (seed - usual_seed) % place.out.length
    const order = [...place.out.slice(by), ...place.out.slice(0, by)]
    turned.set(place, order)
    return order
  }
}
