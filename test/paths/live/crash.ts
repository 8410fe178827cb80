/**
 * Every transition of a machine cut by a crash, at three points of the turn that takes it. Starting a node takes seconds, so
 * conversations are gathered: one a transition of all the machines, each brought to the point and held there by the node, until
 * one SIGKILL ends all of them at once. A node that is started anew takes over, and each must go on to its end as on the
 * machine alone.
 */
import { stopwatch } from '../../../adapters/clock.ts'
import { actorIdOf } from '../../../adapters/identity.ts'
import type { CrashPoint } from '../../../runtime/crash-points.ts'
import { addressOf } from './assets.ts'
import type { Difference } from './compare.ts'
import { type CpuMs, cpuSince } from './cpu.ts'
import { type Cut, type CutPoint, type Cuts, cut_points } from './cuts.ts'
import { inLanes } from './in-lanes.ts'
import type { LiveSite } from './site.ts'
import { type Walked, walk } from './walk.ts'

export interface CrashReport {
  kills: number
  seconds: number
  /** Processor time that it took. */
  cpuMs: CpuMs
  machines: MachineReport[]
}

export interface MachineReport {
  machine: string
  /** In the chart. */
  transitions: number
  /**
   * By point: of how many transitions the turn was held there when the node was killed. What is cut at the last of the usual
   * points is not counted for what stands in for it.
   */
  cut: Record<string, number>
  /** Of the usual points, those that a transition was cut at neither there nor where it stands in, and why. */
  notCut: { transition: string; point: string; why: string }[]
  conversations: number
  steps: number
  turns: number
  /** That reached the far side, each once by its key; and those of them that were called for again after the kill. */
  effects: number
  repeated: number
  differences: Difference[]
}

export interface CrashOptions {
  /** At these only; all three unless said. */
  points?: readonly CutPoint[]
  /** Told in words how far it is. */
  progress?: (line: string) => void
}

interface Conversation {
  machine: string
  cut: Cut
  /** Tells its customer from all others of the site. */
  number: number
  actor: string
  /** Under which the node holds it. */
  held: string
}

interface Played extends Conversation {
  walked: Walked
  wasHeld: boolean
}

/** On a site without a node; a last one is left. Never throws for a difference; it is part of the report. */
export async function crashAll(
  site: LiveSite,
  all: readonly Cuts[],
  { points = cut_points, progress = () => {} }: CrashOptions = {},
): Promise<CrashReport> {
  let customers = 0
  const rounds = points.map((point) => {
    const cuts = all.flatMap(({ machine, at }) => at[point].map((cut) => ({ machine, cut })))
    return cuts.sort((one, other) => other.cut.step - one.cut.step).map((one) => conversationOf(one, ++customers))
  })
  const elapsed = stopwatch()
  const used = cpuSince(site)
  const played: Played[] = []
  await site.start(holding(rounds[0]))
  for (const [place, round] of rounds.entries())
    played.push(...(await playRound(site, points[place]!, round, rounds[place + 1], progress)))
  await site.quiet()
  const seconds = Math.round(elapsed() / 100) / 10
  const machines = all.map((cuts) => {
    const own = played.filter(({ machine }) => machine === cuts.machine)
    return reportOf(site, cuts, own, points)
  })
  return { kills: points.length, seconds, cpuMs: used(), machines }
}

function conversationOf({ machine, cut }: Pick<Conversation, 'machine' | 'cut'>, number: number): Conversation {
  const actor = actorIdOf(addressOf(machine, cut.path.policy, number))
  const effect = cut.index === undefined ? '' : `.${cut.index}`
  return { machine, cut, number, actor, held: `${cut.point}:${actor}.${cut.turn}${effect}` }
}

const holding = (round: readonly Conversation[] = []): Record<string, string> =>
  round.length > 0 ? { PARLEY_HOLD_AT: round.map(({ held }) => held).join(',') } : {}

const held_ms_max = 30_000
const look_again_ms = 20

/** Brings all of them to the point, kills the node there, and leads them to their ends on the next one. */
async function playRound(
  site: LiveSite,
  point: CutPoint,
  round: readonly Conversation[],
  next: readonly Conversation[] | undefined,
  progress: CrashOptions['progress'] & {},
): Promise<Played[]> {
  progress(`${round.length} conversations to ${point} …`)
  const begun = await inLanes(round, (one) => beginWalk(site, one))
  const elapsed = stopwatch()
  let held = site.held()
  while (held.size < round.length && elapsed() < held_ms_max) {
    await new Promise((resolve) => setTimeout(resolve, look_again_ms))
    held = site.held()
  }
  progress(`${held.size} held at ${point}; the node is killed, and another one started …`)
  await site.kill()
  await site.start(holding(next))
  return inLanes(begun, async ({ one, goOn, walking }) => {
    goOn()
    return { ...one, walked: await walking, wasHeld: held.has(one.held) }
  })
}

interface Begun {
  one: Conversation
  /** For when its node has been killed. */
  goOn: () => void
  walking: Promise<Walked>
}

/** Resolves when the step that brings it to the point has gone in, or when it ended before. */
function beginWalk(site: LiveSite, one: Conversation): Promise<Begun> {
  const { machine, cut, number } = one
  let goOn = () => {}
  const untilKilled = new Promise<void>((resolve) => {
    goOn = resolve
  })
  return new Promise((resolve, reject) => {
    const isThere = () => resolve({ one, goOn, walking })
    const untilOver = () => {
      isThere()
      return untilKilled
    }
    const walking = walk(site, machine, cut.path, number, { step: cut.step, untilOver })
    walking.then(isThere, reject)
  })
}

function reportOf(
  site: LiveSite,
  { machine, transitions, never }: Cuts,
  played: readonly Played[],
  points: readonly CutPoint[],
): MachineReport {
  const sum = (of: (one: Walked) => number) => played.reduce((total, { walked }) => total + of(walked), 0)
  const cut = cutBy(played)
  const missed = points.flatMap((point) =>
    transitions
      .filter((transition) => !cut.get(point)!.has(transition) && !cut.get(standIns[point] ?? point)!.has(transition))
      .map((transition) => ({ transition, point, why: whyNot(never, transition) })),
  )
  return {
    machine,
    transitions: transitions.length,
    cut: Object.fromEntries([...cut].map(([point, { size }]) => [point, size])),
    notCut: missed,
    conversations: played.length,
    steps: sum(({ steps }) => steps),
    turns: sum(({ turns }) => turns),
    effects: sum(({ effects }) => effects),
    repeated: played.flatMap(({ actor }) => site.far.callsOf(actor)).filter(({ attempts }) => attempts > 1).length,
    differences: played.flatMap(({ walked: { difference, afterwards } }) => difference ?? afterwards() ?? []),
  }
}

const standIns: Partial<Record<CutPoint, CrashPoint>> = { 'transmit.after-perform': 'settle.timers-armed' }

function cutBy(played: readonly Played[]): Map<CrashPoint, Set<string>> {
  const points = [...cut_points, ...Object.values(standIns)]
  const heldAt = (point: CrashPoint) => played.filter(({ cut, wasHeld }) => wasHeld && cut.point === point)
  const cut = new Map(points.map((point) => [point, new Set(heldAt(point).flatMap(({ cut }) => cut.transitions))]))
  for (const [point, standIn] of Object.entries(standIns))
    for (const transition of cut.get(point as CutPoint)!) cut.get(standIn)!.delete(transition)
  return cut
}

/** The only reason that is not in the machine. */
export const not_held = 'the conversation was not held there'

const whyNot = (never: Cuts['never'], missed: string): string =>
  never.find(({ transition }) => transition === missed)?.why ?? not_held
