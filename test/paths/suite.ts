/**
 * The paths of a machine: what the search found, walked on the machine itself until everything in it is covered, and
 * thinned to what is needed. Coverage is counted on what happened, never on what was planned. The same for the same seed.
 */
import { latestDefinition } from '../../machines/definitions.ts'
import { type AskedFor, askedForOf } from './asked-for.ts'
import { closed, goesOn, lastTaken, type Walk, walks } from './cover.ts'
import { isWhole, markOf } from './cover-in-ids.ts'
import {
  type Cover,
  criteria,
  type Goal,
  isWanted,
  pairOf,
  reachable,
  secondOf,
  type Unreachable,
  unreachable,
} from './goals.ts'
import { Guide, type Order } from './guide.ts'
import { type Path, type PolicyName, policies } from './line.ts'
import { type Played, playerOn, type Tree, treeOf } from './player.ts'
import { type Edge, type Graph, type Place, search, wayTo } from './search.ts'

export interface Suite {
  machine: string
  seed: number
  cover: Cover
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
export const suiteFor = (machine: string, seed = usual_seed, cover: Cover = criteria): Path[] =>
  suiteOf(machine, seed, cover).paths

const made = new Map<string, Suite>()

/** The same with what it covers; made once a process. */
export function suiteOf(machine: string, seed = usual_seed, cover: Cover = criteria): Suite {
  const key = `${machine} ${seed} ${cover}`
  const known = made.get(key)
  if (known) return known
  const suite = newSuiteOf(machine, seed, cover)
  made.set(key, suite)
  return suite
}

/** The same, and nothing of it is kept: for whoever needs many. */
export function newSuiteOf(machine: string, seed: number, cover: Cover = criteria): Suite {
  const graphs = searched(machine)
  const all = graphs.map(({ graph }) => graph)
  const goals = reachable(all)
  const open = new Set([...goals].filter((goal) => isWanted(cover, goal)))
  const mark = markOf(cover)
  const order = orderBy(seed)
  const trees = new Map(policyNames.map((policy) => [policy, treeOf(machine, policy)]))
  const led = graphs.flatMap(({ policy, graph }) =>
    walks(graph, open, order, () => playerOn(trees.get(policy)!)).map((player, index) =>
      player.played(`${mark}${policy}/${index + 1}`),
    ),
  )
  const direct = graphs.flatMap(({ policy, graph }) => directly(trees.get(policy)!, graph, open, order, mark))
  for (const goal of open) goals.delete(goal)
  const askedFor = isWhole(cover) ? askedForOf(machine) : []
  const asked = askedFor.map((one, index) => askedPath(trees.get(one.policy)!, `asked/${index + 1}`, one))
  const kept = [...thinned([...led, ...direct], cover), ...asked]
  return {
    machine,
    seed,
    cover,
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
 * asked. From there it goes on to more of it. What is still missed then was two places taken for one, and is not there.
 */
function directly(tree: Tree, graph: Graph, missed: Set<Goal>, order: Order, mark: string): Played[] {
  if (missed.size === 0) return []
  const done: Played[] = []
  const guide = new Guide(graph, missed, order)
  const ways = waysInto(graph)
  const isMissed = (goal: Goal) => missed.has(goal)
  const follow = (way: Walk, edge: Edge) => {
    const player = playerOn(tree)
    const reached = [...way, edge].flatMap((one) => player.take(one) ?? [])
    if (closed(missed, reached).length === 0) return
    guide.cameTrue(reached)
    goesOn(player, edge.to, guide, missed)
    done.push(player.played(`${mark}${tree.policy}/direct/${done.length + 1}`))
  }
  const seconds = new Set([...missed].map(secondOf))
  for (const edge of graph.places.flatMap(({ out }) => out)) {
    const first = edge.taken[0] ?? ''
    if (!edge.goals.some(isMissed) && !seconds.has(first)) continue
    for (const { way, last } of ways.get(edge.from)!) {
      if (edge.goals.some(isMissed) || isMissed(pairOf(last, first))) follow(way, edge)
    }
  }
  return done
}

/** By place: the way that found it, and one by each other transition that leads there. */
function waysInto({ places }: Graph): Map<Place, WayIn[]> {
  const into = new Map<Place, WayIn[]>()
  for (const place of places) {
    const way = wayTo(place)
    into.set(place, [{ way, last: lastTaken(way) }])
  }
  for (const { out } of places) {
    for (const edge of out) {
      const last = edge.taken.at(-1)
      const ways = into.get(edge.to)!
      if (last === undefined || ways.some((way) => way.last === last)) continue
      ways.push({ way: [...wayTo(edge.from), edge], last })
    }
  }
  return into
}
interface WayIn {
  way: Walk
  /** The transition that is taken last on it. */
  last: string
}

/** Steps that are a path by themselves. */
function askedPath(tree: Tree, number: string, { steps }: AskedFor): Played {
  const player = playerOn(tree)
  for (const step of steps) player.take({ happening: player.happening(step) })
  return player.played(number)
}

/** Without the paths whose goals others reach as well; the shortest are tried first. */
function thinned(all: Played[], cover: Cover): Played[] {
  const times = new Map<Goal, number>()
  for (const { reached } of all) for (const goal of reached) times.set(goal, (times.get(goal) ?? 0) + 1)
  for (const goal of times.keys()) if (!isWanted(cover, goal)) times.set(goal, Number.POSITIVE_INFINITY)
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
