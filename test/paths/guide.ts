/**
 * Knows the way on from any place of a graph: to the nearest goal that is still open, or to where one begins. A graph takes
 * places for one that a conversation may tell apart, so that what it promises need not come true: what it promised in vain is
 * doubted, and after some times left alone. What is left is counted at every turn that leads to it, not looked for.
 */
import { firstsFrom, type Goal, goalsOf, pairOf } from './goals.ts'
import type { Edge, Graph, Place } from './search.ts'

/** The ways out of a place, in the order in which they are tried. */
export type Order = (place: Place) => Edge[]

export const path_steps_max = 60
const doubts_max = 3

export class Guide {
  readonly #spots: Map<string, Spot>
  /** By goal that is left: what counts it. */
  readonly #counts = new Map<Goal, Count[]>()
  readonly #doubts = new Map<Goal, number>()
  #visit = 0
  /** What was told last, and whether it was to reach something itself or to begin it; absent when it came true. */
  #promised: { edge: Edge; last: string } | undefined
  #begun: Way | undefined

  constructor(graph: Graph, open: ReadonlySet<Goal>, order: Order) {
    for (const goal of open) this.#counts.set(goal, [])
    this.#spots = new Map(graph.places.map((place) => [place.key, spotAt(place)]))
    for (const spot of this.#spots.values()) this.#lookOut(spot, order)
  }

  /**
   * The next turns of a walk that has come to that place in so many steps; undefined when it is long enough to read, or
   * nothing is left. What was told before was told in vain, unless it was said that it came true.
   */
  onward({ key }: Place, last: string, steps: number): Edge[] | undefined {
    if (this.#promised) this.#doubt(goalsOf(this.#promised.last, this.#promised.edge))
    this.#promised = undefined
    if (steps >= path_steps_max) return undefined
    const from = this.#spots.get(key)!
    const now = this.#atOnce(from, last)
    if (now) return this.#told([now], last)
    if (this.#begun) this.#doubt([...this.#begun.begun.pairs.values()])
    const way = this.#nearest(from, steps)
    return way && this.#told(way, '')
  }

  /** Those goals were reached. */
  cameTrue(goals: readonly Goal[]): void {
    this.#promised = undefined
    for (const goal of goals) this.#leave(goal)
  }

  /** Undefined for a place that the search never came to. */
  place(key: string): Place | undefined {
    return this.#spots.get(key)?.place
  }

  #told(ways: Way[], last: string): Edge[] {
    const way = ways.at(-1)!
    this.#promised = { edge: way.edge, last }
    this.#begun = way
    return ways.map(({ edge }) => edge)
  }
  #doubt(goals: readonly Goal[]): void {
    for (const goal of goals) {
      const doubts = (this.#doubts.get(goal) ?? 0) + 1
      this.#doubts.set(goal, doubts)
      if (doubts >= doubts_max) this.#leave(goal)
    }
  }
  #leave(goal: Goal): void {
    for (const count of this.#counts.get(goal) ?? []) count.left--
    this.#counts.delete(goal)
  }

  /** The turn that is worth most of those that reach something right now. */
  #atOnce(from: Spot, last: string): Way | undefined {
    from.own = from.own.filter(({ own }) => own.left > 0)
    const begun = from.begun.get(last)
    if (!begun?.left) return best(from.own, () => 0)
    const isPair = ({ edge: { taken } }: Way) => this.#counts.has(begun.pairs.get(taken[0]!)!)
    const pairs = [...from.firsts.values()].filter(isPair)
    return best([...from.own, ...pairs], (way) => (isPair(way) ? 1 : 0))
  }

  /** The shortest way that ends with a turn worth setting out for, within the length of a path. */
  #nearest(from: Spot, steps: number): Way[] | undefined {
    const visit = ++this.#visit
    from.visit = visit
    const queue: Reached[] = [{ spot: from, steps, by: undefined, before: undefined }]
    for (const here of queue) {
      if (here.steps + 1 >= path_steps_max) return undefined
      const { spot } = here
      if (spot.wanted.length > 0) spot.wanted = spot.wanted.filter(({ own, begun }) => own.left > 0 || begun.left > 0)
      const end = best(spot.wanted, () => 0)
      if (end) return [...waysTo(here), end]
      for (const way of spot.onward) {
        if (way.to.visit === visit) continue
        way.to.visit = visit
        queue.push({ spot: way.to, steps: here.steps + 1, by: way, before: here })
      }
    }
    return undefined
  }

  #lookOut(spot: Spot, order: Order): void {
    const onward = new Map<Spot, Way>()
    for (const edge of order(spot.place)) {
      const to = this.#spots.get(edge.to.key)!
      const way = { edge, to, own: this.#counted(edge.goals), begun: this.#begunBy(edge, to) }
      const [first] = edge.taken
      if (way.own.left > 0) spot.own.push(way)
      if (way.own.left > 0 || way.begun.left > 0) spot.wanted.push(way)
      if (first !== undefined && !spot.firsts.has(first)) spot.firsts.set(first, way)
      if (!onward.has(to)) onward.set(to, way)
    }
    spot.onward = [...onward.values()]
  }
  #begunBy({ taken }: Edge, to: Spot): Begun {
    const last = taken.at(-1)
    if (last === undefined) return nothing
    const known = to.begun.get(last)
    if (known) return known
    const pairs = new Map([...firstsFrom(to.place)].map((first) => [first, pairOf(last, first)]))
    const begun = Object.assign(this.#counted([...pairs.values()]), { pairs })
    to.begun.set(last, begun)
    return begun
  }
  #counted(goals: readonly Goal[]): Count {
    const count = { left: 0 }
    for (const goal of goals) {
      const counts = this.#counts.get(goal)
      if (counts === undefined) continue
      counts.push(count)
      count.left++
    }
    return count
  }
}

/** How many of some goals are left. */
interface Count {
  left: number
}
/** Pairs that begin with one turn, by the transition that is taken next. */
interface Begun extends Count {
  pairs: ReadonlyMap<string, Goal>
}
const nothing: Begun = { left: 0, pairs: new Map() }

/** A turn as the guide knows it: what is left of its own goals, and of the pairs that begin with it. */
interface Way {
  edge: Edge
  to: Spot
  own: Count
  begun: Begun
}

interface Spot {
  place: Place
  /** Ways out that reach something by themselves, and those worth setting out for; the lists only shrink. */
  own: Way[]
  wanted: Way[]
  /** The first by each transition that a turn there may take first. */
  firsts: Map<string, Way>
  /** The first to each other spot. */
  onward: Way[]
  /** By the transition that was taken last on the way there. */
  begun: Map<string, Begun>
  /** The last search that came by. */
  visit: number
}

const spotAt = (place: Place): Spot => ({
  ...{ place, own: [], wanted: [], firsts: new Map(), onward: [], begun: new Map(), visit: 0 },
})

/** What is reached counts most; then that it leads on, that it stays where there may be more, and how far it leads on. */
function best(ways: Way[], more: (way: Way) => number): Way | undefined {
  let found: Way | undefined
  let most = 0
  for (const way of ways) {
    const { edge, own, begun } = way
    const stays = edge.to === edge.from ? 0.2 : 0
    const worth = own.left + more(way) + (begun.left > 0 ? 0.5 : 0) + stays + Math.min(begun.left, 10) * 0.02
    if (worth <= most) continue
    found = way
    most = worth
  }
  return found
}

interface Reached {
  spot: Spot
  steps: number
  by: Way | undefined
  before: Reached | undefined
}

function waysTo(reached: Reached): Way[] {
  const ways: Way[] = []
  for (let at: Reached | undefined = reached; at?.by; at = at.before) ways.unshift(at.by)
  return ways
}
