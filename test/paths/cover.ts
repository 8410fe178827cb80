/**
 * Walks through a graph until every goal in it has been reached: always on to the nearest goal that is still open, and back
 * to the beginning when the path is long enough to read. Close to the fewest paths there can be; the same for a seed.
 */
import { firstsFrom, type Goal, goalsOf, ownGoals, pairOf } from './goals.ts'
import type { Edge, Graph, Place } from './search.ts'

export const path_steps_max = 60

/** A walk from the beginning. */
export type Walk = Edge[]
/** The ways out of a place, in the order in which they are tried. */
export type Order = (place: Place) => Edge[]

/** Walks that reach all of `open` that this graph has; what they reach is taken out of it. */
export function walks(graph: Graph, open: Set<Goal>, order: Order): Walk[] {
  const onward = onwardIn(graph, open, order)
  const done: Walk[] = []
  for (;;) {
    const walk: Walk = []
    for (let more = onward(walk); more; more = onward(walk)) {
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
  const signposts = new Map<Place, Signpost>()
  const isLeft = leftOf(open)
  const at = (place: Place): Signpost => {
    const known = signposts.get(place) ?? signpost(order(place), open, isLeft)
    signposts.set(place, known)
    return known
  }
  return (walk) => nearest(walk, walk.at(-1)?.to ?? start, at)
}

export const lastTaken = (walk: Walk): string => walk.findLast(({ taken }) => taken.length > 0)?.taken.at(-1) ?? ''

/** The ways out of one place. What is no longer open never is again, so each looks on from where it looked last. */
interface Signpost {
  /** The first turn that reaches an open goal right now. */
  now(last: string): Edge | undefined
  /** The first turn that reaches one, or makes one the next turn's: a pair that begins with it. */
  wanted(): Edge | undefined
  /** The first way to each other place. */
  onward: Edge[]
}

function signpost(ways: Edge[], open: Set<Goal>, { own, begun }: Left): Signpost {
  let next = 0
  const isWanted = (edge: Edge) => own(edge) || (edge.taken.length > 0 && begun(edge.taken.at(-1)!, edge.to))
  return {
    now: (last) =>
      ways.find(
        (edge) => own(edge) || (last !== '' && edge.taken[0] !== undefined && open.has(pairOf(last, edge.taken[0]))),
      ),
    wanted() {
      while (next < ways.length && !isWanted(ways[next]!)) next++
      return ways[next]
    },
    onward: ways.filter(({ to }, index) => ways.findIndex((other) => other.to === to) === index),
  }
}

/** Whether anything is still open of what a turn reaches, and of the pairs that begin with a transition into a place. */
interface Left {
  own(edge: Edge): boolean
  begun(last: string, place: Place): boolean
}

function leftOf(open: Set<Goal>): Left {
  const goals = new Map<Edge, Goal[]>()
  const pairs = new Map<Place, Map<string, Goal[]>>()
  const isLeft = (list: Goal[]): boolean => {
    while (list.length > 0 && !open.has(list.at(-1)!)) list.pop()
    return list.length > 0
  }
  return {
    own(edge) {
      const known = goals.get(edge) ?? [...ownGoals(edge)]
      goals.set(edge, known)
      return isLeft(known)
    },
    begun(last, place) {
      const there = pairs.get(place) ?? new Map<string, Goal[]>()
      pairs.set(place, there)
      const known = there.get(last) ?? [...firstsFrom(place)].map((first) => pairOf(last, first))
      there.set(last, known)
      return isLeft(known)
    },
  }
}

interface Reached {
  place: Place
  depth: number
  by: Edge | undefined
  before: Reached | undefined
}

/** The shortest way on that ends with a wanted turn, within the length of a path. */
function nearest(walk: Walk, place: Place, at: (place: Place) => Signpost): Edge[] | undefined {
  if (walk.length >= path_steps_max) return undefined
  const now = at(place).now(lastTaken(walk))
  if (now) return [now]
  const queue: Reached[] = [{ place, depth: walk.length, by: undefined, before: undefined }]
  const seen = new Set([place])
  for (const here of queue) {
    if (here.depth + 1 >= path_steps_max) return undefined
    const signs = at(here.place)
    const wanted = signs.wanted()
    if (wanted) return [...edgesTo(here), wanted]
    for (const edge of signs.onward) {
      if (seen.has(edge.to)) continue
      seen.add(edge.to)
      queue.push({ place: edge.to, depth: here.depth + 1, by: edge, before: here })
    }
  }
  return undefined
}

function edgesTo(reached: Reached): Edge[] {
  const edges: Edge[] = []
  for (let at: Reached | undefined = reached; at?.by; at = at.before) edges.unshift(at.by)
  return edges
}
