/**
 * The paths of a machine that is not one of ours, and what they cover: the same search, goals and walks as for our own, over
 * places told apart by the machine's state, its memory and its armed timers. The same for the same seed.
 */
import type { Definition } from '../../../machines/definitions.ts'
import { type Watched, watched } from '../chart.ts'
import { closed, lastTaken, type Walker, walks } from '../cover.ts'
import { markOf } from '../cover-in-ids.ts'
import { type Cover, criteria, type Goal, goalsOf, isWanted, ownGoals, reachable, unreachable } from '../goals.ts'
import type { Edge, Graph, Place } from '../search.ts'
import { wayTo } from '../search.ts'
import type { Suite } from '../suite.ts'
import { CatalogueError, type OwnMachine } from './catalogue.ts'
import { begun, definitionOf, happeningsOf, type OwnMemory, type OwnStep, stepped } from './own-drive.ts'

export interface OwnPath {
  id: string
  steps: OwnStep[]
}

/** As `Suite`, with steps of its own kind. */
export interface OwnSuite extends Omit<Suite, 'paths' | 'graphs'> {
  own: OwnMachine
  definition: Definition
  paths: OwnPath[]
}

const places_max = 4_000

/** Throws `CatalogueError` when its memory has more values than a search can visit, and names what grows. */
export function ownSuite(own: OwnMachine, seed: number, cover: Cover = criteria): OwnSuite {
  const definition = definitionOf(own)
  const graph = search(own, definition)
  const goals = reachable([graph])
  const open = new Set([...goals].filter((goal) => isWanted(cover, goal)))
  const order = ({ out }: Place): Edge[] => {
    const by = out.length === 0 ? 0 : (seed - 1) % out.length
    return [...out.slice(by), ...out.slice(0, by)]
  }
  const id = own.machine.id
  const mark = markOf(cover)
  const seen = watched(definition)
  const begin = () => walkerOn(own, seen)
  const led = walks(graph, open, order, begin)
  const direct = graph.places
    .flatMap(({ out }) => out)
    .flatMap((edge) => {
      const way = wayTo(edge.from)
      if (!goalsOf(lastTaken(way), edge).some((goal) => open.has(goal))) return []
      const walker = begin()
      const reached = [...way, edge].flatMap((one) => walker.take(one) ?? [])
      return closed(open, reached).length > 0 ? [walker] : []
    })
  for (const goal of open) goals.delete(goal)
  const walked = [...led, ...direct].map(({ steps, reached }, index) => ({
    id: `${id}/${mark}${index + 1}`,
    steps,
    reached,
  }))
  const paths: OwnPath[] = walked.map(({ id, steps }) => ({ id, steps }))
  const reaches = new Map(walked.map(({ id, reached }) => [id, reached]))
  const never = unreachable(own.machine, [graph], goals)
  return { own, definition, machine: id, seed, cover, paths, reaches, goals, unreachable: never }
}

function search(own: OwnMachine, definition: Definition): Graph {
  const { definition: told, taken } = watched(definition)
  const start: Place = { key: '', state: '', out: [] }
  const found = new Map([[start.key, start]])
  const open: { place: Place; memory: OwnMemory }[] = [{ place: start, memory: begun }]
  for (let next = open.shift(); next; next = open.shift()) {
    for (const [name, step] of happeningsOf(own, next.memory)) {
      const after = stepped(own, told, next.memory, step)
      if (after === undefined) continue
      const key = placeOf(own, after)
      const known = found.get(key)
      const to: Place = known ?? { key, state: after.moments.at(-1)!.state, out: [] }
      // The graph's own steps are those of our conversations; what walks over it asks for names only.
      const happening = { name, step: step as never }
      const way = taken()
      const goals = ownGoals(next.place.state, happening, to.state, way)
      const edge: Edge = { from: next.place, to, happening, taken: way, goals }
      next.place.out.push(edge)
      if (known) continue
      to.foundBy = edge
      found.set(key, to)
      if (found.size > places_max) throw tooMany(own, [...found.keys()])
      open.push({ place: to, memory: after })
    }
  }
  return { start, places: [...found.values()], exhausted: true }
}

function placeOf({ catalogue }: OwnMachine, { loaded, moments }: OwnMemory): string {
  const { state, context } = moments.at(-1)!
  const memory = catalogue.tellsApart ? catalogue.tellsApart(context) : clamped(context)
  return JSON.stringify([state, memory, Object.keys(loaded!.record.timers)])
}

const counted_max = 2

/** What lets a search end: numbers up to `counted_max`, lists by their length up to it. */
function clamped(value: unknown): unknown {
  if (typeof value === 'number') return Math.min(value, counted_max)
  if (Array.isArray(value)) return Math.min(value.length, counted_max)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, clamped(inner)]))
}

function tooMany({ machine }: OwnMachine, keys: string[]): CatalogueError {
  const values = new Map<string, Set<string>>()
  for (const key of keys.slice(1)) {
    const [, memory] = JSON.parse(key) as [string, unknown]
    for (const [name, value] of Object.entries(typeof memory === 'object' && memory ? memory : { memory })) {
      const known = values.get(name) ?? values.set(name, new Set()).get(name)!
      known.add(JSON.stringify(value))
    }
  }
  const [name, seen] = [...values].sort(([, a], [, b]) => b.size - a.size)[0]!
  return new CatalogueError(
    `${machine.id}: more than ${places_max} places; its memory ${name} had ${seen.size} values: export tellsApart(context) with what decides how it goes on`,
  )
}

interface OwnWalker extends Walker {
  steps: OwnStep[]
  reached: Set<Goal>
}

function walkerOn(own: OwnMachine, { definition, taken }: Watched): OwnWalker {
  const reached = new Set<Goal>()
  const steps: OwnStep[] = []
  let memory = begun
  let [last, place, from] = ['', '', '']
  return {
    steps,
    reached,
    take({ happening }) {
      const step = happening.step as unknown as OwnStep
      const after = stepped(own, definition, memory, step)
      if (after === undefined) return undefined
      const to = after.moments.at(-1)!.state
      const way = taken()
      const goals = goalsOf(last, { goals: ownGoals(from, happening, to, way), taken: way })
      for (const goal of goals) reached.add(goal)
      steps.push(step)
      last = way.at(-1) ?? last
      place = placeOf(own, after)
      memory = after
      from = to
      return goals
    },
    at: () => ({ place, last, steps: steps.length }),
  }
}
