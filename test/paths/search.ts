/**
 * Everywhere a conversation can get to: breadth first over places, every happening tried in each of them on the real
 * `decide`. What the search does not find does not exist within its bound; whether the bound was met is told.
 */
import { type Definition, latestDefinition } from '../../machines/definitions.ts'
import { type Drive, type DriveMemory, ImpossibleStep } from '../drive.ts'
import { type Happening, happenings } from './catalogue.ts'
import { watched } from './chart.ts'
import { driveFast, type PolicyName } from './line.ts'
import { placeOf } from './place.ts'

export interface Edge {
  from: Place
  to: Place
  happening: Happening
  /** Transitions that this turn takes, in order; none for what is not heard. */
  taken: string[]
}

export interface Place {
  key: string
  state: string
  /** Ways out, in the order in which they were tried. */
  out: Edge[]
  /** The turn that found it; none at the beginning. */
  foundBy?: Edge
}

export interface Graph {
  start: Place
  places: Place[]
  /** False where the bound cut the search off: then "unreachable" is not proven. */
  exhausted: boolean
}

const places_max = 4_000

/** The graph of that machine under that policy. */
export function search(machine: string, policy: PolicyName, definition = latestDefinition(machine)!): Graph {
  const { definition: told, taken } = watched(definition)
  const start: Place = { key: '', state: '', out: [] }
  const found = new Map([[start.key, start]])
  const unheardTried = new Set<string>()
  const open: { place: Place; drive: Drive }[] = [{ place: start, drive: driveFast(told, policy) }]
  for (let next = open.shift(); next; next = open.shift()) {
    const { place, drive } = next
    const memory = drive.memory()
    for (const happening of happenings(machine, drive)) {
      const cell = `${place.state} × ${happening.name}`
      if (happening.unheard && unheardTried.has(cell)) continue
      const after = tried(told, policy, memory, happening)
      if (after === undefined) continue
      if (happening.unheard) unheardTried.add(cell)
      const key = placeOf(after)
      const known = found.get(key)
      const to: Place = known ?? { key, state: after.history.at(-1)!.state, out: [] }
      const edge = { from: place, to, happening, taken: taken() }
      place.out.push(edge)
      if (known) continue
      to.foundBy = edge
      found.set(key, to)
      if (found.size < places_max) open.push({ place: to, drive: after })
    }
  }
  return { start, places: [...found.values()], exhausted: found.size < places_max }
}

/** The turns by which the search got there: they can be played again for certain. */
export function wayTo(place: Place): Edge[] {
  const way: Edge[] = []
  for (let at = place; at.foundBy; at = at.foundBy.from) way.unshift(at.foundBy)
  return way
}

function tried(
  definition: Definition,
  policy: PolicyName,
  memory: DriveMemory,
  { step }: Happening,
): Drive | undefined {
  const after = driveFast(definition, policy, memory)
  try {
    after.play(step)
  } catch (error) {
    if (error instanceof ImpossibleStep) return undefined
    throw error
  }
  return after
}
