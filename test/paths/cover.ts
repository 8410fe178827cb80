/**
 * Walks through a graph until every goal in it has been reached: always on to the nearest goal that is still open, and back
 * to the beginning when the path is long enough to read. Each turn is really taken, and the walk goes on from where it really
 * came: a goal is reached by what happened, never by what was planned. The same for a seed.
 */
import type { Goal } from './goals.ts'
import { Guide, type Order } from './guide.ts'
import type { Edge, Graph, Place } from './search.ts'

/** A walk from the beginning. */
export type Walk = Edge[]

/** A conversation that is led through a graph. */
export interface Walker {
  /** What that turn reached; undefined when it cannot happen, and then it has not. */
  take(edge: Edge): readonly Goal[] | undefined
  /** Where that led: the key of the place, the transition that was taken last, the steps so far. */
  at(): { place: string; last: string; steps: number }
}

/** Walks that reach all of `open` that they find here; it is taken out of it. `begin` gives one who stands at the beginning. */
export function walks<One extends Walker>(graph: Graph, open: Set<Goal>, order: Order, begin: () => One): One[] {
  const guide = new Guide(graph, open, order)
  const done: One[] = []
  for (;;) {
    const walker = begin()
    const reached = goesOn(walker, graph.start, guide, open)
    if (walker.at().steps === 0) return done
    if (reached) done.push(walker)
  }
}

/** On from there until the path is long enough or nothing is left; whether it reached anything. */
export function goesOn(walker: Walker, from: Place, guide: Guide, open: Set<Goal>): boolean {
  let here = from
  let found = false
  for (;;) {
    const { last, steps } = walker.at()
    const way = guide.onward(here, last, steps)
    if (way === undefined) return found
    for (const edge of way) {
      const reached = closed(open, walker.take(edge))
      if (reached === undefined) break
      if (reached.length > 0) guide.cameTrue(reached)
      found ||= reached.length > 0
      here = guide.place(walker.at().place) ?? edge.to
      if (here !== edge.to) break
    }
  }
}

/** Takes what was reached out of what is open, and gives back what was in it. */
export const closed = <Some extends readonly Goal[] | undefined>(open: Set<Goal>, reached: Some) =>
  reached?.filter((goal) => open.delete(goal)) as Some extends undefined ? Goal[] | undefined : Goal[]

/** The transition that is taken last on it. */
export const lastTaken = (walk: Walk): string => walk.findLast(({ taken }) => taken.length > 0)?.taken.at(-1) ?? ''
