/**
 * Everywhere a conversation can get to: breadth first over places, every happening tried in each of them on the real
 * `decide`. What the search does not find does not exist within its bound; whether the bound was met is told.
 */
import { type Definition, latestDefinition } from '../../machines/definitions.ts'
import { type Drive, type DriveMemory, ImpossibleStep, nothingYet } from '../drive.ts'
import { silenced } from './as-it-is.ts'
import { type Happening, happenings, typeOf } from './catalogue.ts'
import { heardIn, watched } from './chart.ts'
import { type Goal, ownGoals } from './goals.ts'
import { driveFast, type PolicyName } from './line.ts'
import { placeOf } from './place.ts'
import { type SettingsRead, settingsRead } from './settings-read.ts'

export interface Edge {
  from: Place
  to: Place
  happening: Happening
  /** Transitions that this turn takes, in order; none for what is not heard. */
  taken: string[]
  /** What it reaches whatever came before it. */
  goals: readonly Goal[]
  /** It is the same under every policy: no setting was asked for in which they differ. */
  anyPolicy?: boolean
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

/**
 * The graph of that machine under that policy. `under` is the graph under another one: what does not depend on the policy is
 * taken from there.
 */
export function search(
  machine: string,
  policy: PolicyName,
  { definition = latestDefinition(machine)!, under }: { definition?: Definition; under?: Graph } = {},
): Graph {
  const { definition: told, taken } = watched(definition)
  silenced(told.machine)
  const { decideBy, wasRead } = settingsRead(machine, policy)
  const heard = heardIn(definition.machine)
  const start: Place = { key: '', state: '', out: [] }
  const found = new Map([[start.key, start]])
  const unheardTried = new Set<string>()
  const there = new Map(under?.places.map((place) => [place.key, place.out]))
  const open: { place: Place; memory: DriveMemory }[] = [{ place: start, memory: nothingYet }]
  for (const { place, memory } of open) {
    const elsewhere = new Map(there.get(place.key)?.map((edge) => [edge.happening.name, edge]))
    for (const happening of happenings(machine, driveFast(told, policy, memory))) {
      const cell = `${place.state} × ${happening.name}`
      if (happening.unheard && unheardTried.has(cell)) continue
      const type = typeOf(happening.step)
      if (type !== undefined && heard(place.state)?.has(type) === false) {
        if (happening.unheard) unheardTried.add(cell)
        place.out.push(edgeOf(place, place, happening, [], true))
        continue
      }
      const same = elsewhere.get(happening.name)
      const sameTo = same && found.get(same.to.key)
      if (sameTo && same.anyPolicy) {
        if (happening.unheard) unheardTried.add(cell)
        place.out.push({ ...same, from: place, to: sameTo, happening })
        continue
      }
      const after = tried(told, policy, memory, happening, decideBy)
      const anyPolicy = !wasRead()
      if (after === undefined) continue
      if (happening.unheard) unheardTried.add(cell)
      const key = placeOf(after)
      const known = found.get(key)
      const to: Place = known ?? { key, state: after.history.at(-1)!.state, out: [] }
      const edge = edgeOf(place, to, happening, taken(), anyPolicy)
      place.out.push(edge)
      if (known) continue
      to.foundBy = edge
      found.set(key, to)
      if (found.size < places_max) open.push({ place: to, memory: withoutHistory(after) })
    }
  }
  return { start, places: [...found.values()], exhausted: found.size < places_max }
}

const edgeOf = (from: Place, to: Place, happening: Happening, taken: string[], anyPolicy: boolean): Edge => ({
  ...{ from, to, happening, taken, anyPolicy },
  goals: ownGoals(from.state, happening, to.state, taken),
})

/** Of its history a search needs the state it is in, and no more. */
function withoutHistory(drive: Drive): DriveMemory {
  const memory = drive.memory()
  return { ...memory, history: memory.history.slice(-1) }
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
  decideBy: SettingsRead['decideBy'],
): Drive | undefined {
  const after = driveFast(definition, policy, memory, decideBy)
  try {
    after.play(step)
  } catch (error) {
    if (error instanceof ImpossibleStep) return undefined
    throw error
  }
  return after
}
