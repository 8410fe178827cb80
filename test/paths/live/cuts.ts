/**
 * Where conversations are cut by a crash: for every transition of a machine the shortest way to it, the turn that takes it,
 * and the shortest way on from there to an end. Played on the machine alone, so that what is planned can be walked.
 */
import { latestDefinition } from '../../../machines/definitions.ts'
import type { CrashPoint } from '../../../runtime/crash-points.ts'
import { archived_state } from '../../../runtime/retention.ts'
import type { Drive } from '../../drive.ts'
import { transitionsOf, watched } from '../chart.ts'
import { driveFast, type Path, type PolicyName, plays, policies } from '../line.ts'
import { placeOf } from '../place.ts'
import { type Edge, type Graph, type Place, search, wayTo } from '../search.ts'
import { isWithoutTrace } from './live-side.ts'

/** Before the commit; after it, with nothing settled; after the far side heard of it, with nothing noted. */
export const cut_points = ['decide.decided', 'persist.committed', 'transmit.after-perform'] as const
export type CutPoint = (typeof cut_points)[number]

export interface Cut {
  path: Path
  /** What the turn that is cut takes, first for which it was chosen. */
  transitions: string[]
  point: CrashPoint
  /** The turn that is cut: its number in the conversation, and which effect of it, at transmit. */
  turn: number
  index?: number
  /** The step of the path, from 1, that brings it to the point. */
  step: number
}

export interface Cuts {
  machine: string
  /** All of the chart. */
  transitions: string[]
  /** By point, the longest first: together they take every transition that can be taken. */
  at: Record<CutPoint, Cut[]>
  /** The others, and why. */
  never: { transition: string; why: string }[]
}

export function cutsOf(machine: string): Cuts {
  const transitions = transitionsOf(latestDefinition(machine)!.machine)
  const { chosen, never } = chosenFor(machine, transitions)
  const at = (point: CutPoint) =>
    chosen.map((one) => cutAt(machine, one, point)).sort((one, other) => other.step - one.step)
  return {
    machine,
    transitions,
    at: {
      'decide.decided': at('decide.decided'),
      'persist.committed': at('persist.committed'),
      'transmit.after-perform': at('transmit.after-perform'),
    },
    never,
  }
}

/** The turn on which a transition is cut. */
interface Chosen {
  name: string
  policy: PolicyName
  edge: Edge
  homewards: ReadonlyMap<string, Edge>
}

/** The first edge that the search, breadth first, found for each transition; one edge may be that for several. */
function chosenFor(machine: string, transitions: readonly string[]): { chosen: Chosen[]; never: Cuts['never'] } {
  const graphs: { policy: PolicyName; graph: Graph }[] = []
  for (const policy of Object.keys(policies) as PolicyName[])
    graphs.push({ policy, graph: search(machine, policy, graphs[0] && { under: graphs[0].graph }) })
  const missed = new Set(transitions)
  const forgotten = new Set<string>()
  const chosen: Chosen[] = []
  for (const { policy, graph } of graphs) {
    const homewards = homewardsIn(graph)
    for (const edge of graph.places.flatMap(({ out }) => out)) {
      const [name] = edge.taken.filter((transition) => missed.has(transition))
      if (name === undefined) continue
      if (isForgotten(edge.from)) {
        forgotten.add(name)
        continue
      }
      for (const transition of edge.taken) missed.delete(transition)
      chosen.push({ name, policy, edge, homewards })
    }
  }
  const whyNever = (transition: string) =>
    forgotten.has(transition) ? 'only what is archived takes it, and that is deleted at once' : 'no event leads there'
  return { chosen, never: [...missed].map((transition) => ({ transition, why: whyNever(transition) })) }
}

/** The next word of a customer whose conversation was archived begins another one. */
const isForgotten = (place: Place): boolean => wayTo(place).some(({ to }) => to.state === archived_state)

/** By key of a place: the first turn of the shortest way from there to where a conversation rests. */
function homewardsIn({ places }: Graph): ReadonlyMap<string, Edge> {
  const into = new Map<Place, Edge[]>(places.map((place) => [place, []]))
  for (const { out } of places) for (const edge of out) if (edge.from !== edge.to) into.get(edge.to)!.push(edge)
  const next = new Map<string, Edge>()
  const open = places.filter(({ state }) => state === resting)
  for (let at = open.shift(); at; at = open.shift()) {
    for (const edge of into.get(at)!) {
      if (next.has(edge.from.key) || edge.from.state === resting) continue
      next.set(edge.from.key, edge)
      open.push(edge.from)
    }
  }
  return next
}
const resting = 'closed.resting'

/** What is left of it goes on for so many turns at most. */
const onward_steps_max = 12

function cutAt(machine: string, { name, policy, edge, homewards }: Chosen, point: CutPoint): Cut {
  const { definition, taken } = watched(latestDefinition(machine)!)
  const conversation = driveFast(definition, policy)
  const steps = [...wayTo(edge.from), edge].map(({ happening }) => happening.step)
  for (const step of steps) {
    taken()
    conversation.play(step)
  }
  const transitions = taken()
  if (!transitions.includes(name)) throw new Error(`${machine}: the way to ${name} could not be played again`)
  const turn = conversation.history.filter((trace) => !isWithoutTrace(trace)).length
  const where = point === 'transmit.after-perform' ? inTransmit(conversation) : { point }
  if (where.answer) {
    conversation.play(where.answer)
    steps.push(where.answer)
  }
  const step = steps.length
  for (let turns = 0; turns < onward_steps_max; turns++) {
    const next = homewards.get(placeOf(conversation))?.happening.step
    if (next === undefined || !plays(conversation, next)) break
    steps.push(next)
  }
  const path = { id: `${machine}/cut at ${where.point}, ${name}`, policy, steps }
  return { path, transitions, point: where.point, turn, step, ...('index' in where && { index: where.index }) }
}

interface Where {
  point: CrashPoint
  index?: number
  /** Brings the far side to answer the call that is cut. */
  answer?: { answers: string }
}

/**
 * The first call of the turn, once its far side has heard and answered it. A turn that calls nobody is cut between arming its
 * timers and its ack, and so is one whose calls wait until an ask of an earlier turn is over.
 */
function inTransmit(conversation: Drive): Where {
  const { record, revision } = conversation.loaded()!
  const index = record.effects.findIndex(({ type }) => type !== 'raiseAlert')
  const waiting = Object.values(record.pending).some((ask) => (ask.revision ?? revision) !== revision)
  if (index < 0 || waiting) return { point: 'settle.timers-armed' }
  const { ask } = record.effects[index]!
  return { point: 'transmit.after-perform', index, ...(ask !== undefined && { answer: { answers: ask } }) }
}
