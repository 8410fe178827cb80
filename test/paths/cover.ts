/**
 * Walks through a graph until every goal in it has been reached: always on to the nearest goal that is still open, and back
 * to the beginning when the path is long enough to read. Close to the fewest paths there can be; the same for a seed.
 */
import { type Goal, goalsOf, pairOf } from './goals.ts'
import type { Edge, Graph, Place } from './search.ts'

export const path_steps_max = 60

/** A walk from the beginning. */
export type Walk = Edge[]
/** The ways out of a place, in the order in which they are tried. */
export type Order = (place: Place) => Edge[]

/** Walks that reach all of `open` that this graph has; what they reach is taken out of it. */
export function walks({ start }: Graph, open: Set<Goal>, order: Order): Walk[] {
  const wanted = wantedIn(open, order)
  const done: Walk[] = []
  for (;;) {
    const walk: Walk = []
    for (;;) {
      const more = nearest(walk, start, open, order, wanted)
      if (more === undefined) break
      for (const edge of more) {
        for (const goal of goalsOf(lastTaken(walk), edge)) open.delete(goal)
        walk.push(edge)
      }
    }
    if (walk.length === 0) return done
    done.push(walk)
  }
}

/** From the end of a walk to the nearest goal that is still open; undefined when the path is long enough. */
export function onwardIn({ start }: Graph, open: Set<Goal>, order: Order): (walk: Walk) => Edge[] | undefined {
  const wanted = wantedIn(open, order)
  return (walk) => nearest(walk, start, open, order, wanted)
}

export const lastTaken = (walk: Walk): string => walk.findLast(({ taken }) => taken.length > 0)?.taken.at(-1) ?? ''

/** Whether a turn reaches an open goal, or makes one the next turn's: a pair that begins with it. */
function wantedIn(open: Set<Goal>, order: Order): (edge: Edge) => boolean {
  const goals = new Map<Edge, Goal[]>()
  const begun = new Map<string, Goal[]>()
  const begunBy = ({ to, taken }: Edge): Goal[] => {
    const key = `${taken.at(-1)} | ${to.key}`
    const known = begun.get(key)
    if (known) return known
    const firsts = new Set(order(to).flatMap((next) => next.taken[0] ?? []))
    const pairs = [...firsts].map((first) => pairOf(taken.at(-1)!, first))
    begun.set(key, pairs)
    return pairs
  }
  const isLeft = (list: Goal[]): boolean => {
    while (list.length > 0 && !open.has(list.at(-1)!)) list.pop()
    return list.length > 0
  }
  return (edge) => {
    const own = goals.get(edge) ?? goalsOf('', edge)
    goals.set(edge, own)
    return isLeft(own) || (edge.taken.length > 0 && isLeft(begunBy(edge)))
  }
}

interface Reached {
  place: Place
  depth: number
  by: Edge | undefined
  before: Reached | undefined
}

/** The shortest way on that ends with a wanted turn, within the length of a path. */
function nearest(
  walk: Walk,
  start: Place,
  open: Set<Goal>,
  order: Order,
  wanted: (edge: Edge) => boolean,
): Edge[] | undefined {
  const here: Reached = { place: walk.at(-1)?.to ?? start, depth: walk.length, by: undefined, before: undefined }
  if (here.depth >= path_steps_max) return undefined
  const last = lastTaken(walk)
  const now = order(here.place).find((edge) => goalsOf(last, edge).some((goal) => open.has(goal)))
  if (now) return [now]
  const queue = [here]
  const seen = new Set([here.place])
  for (let index = 0; index < queue.length; index++) {
    const at = queue[index]!
    if (at.depth + 1 >= path_steps_max) return undefined
    for (const edge of order(at.place)) {
      const next = { place: edge.to, depth: at.depth + 1, by: edge, before: at }
      if (wanted(edge)) return edgesTo(next)
      if (seen.has(edge.to)) continue
      seen.add(edge.to)
      queue.push(next)
    }
  }
  return undefined
}

function edgesTo(reached: Reached): Edge[] {
  const edges: Edge[] = []
  for (let at: Reached | undefined = reached; at?.by; at = at.before) edges.unshift(at.by)
  return edges
}
