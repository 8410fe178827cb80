/**
 * All paths of a suite on a running system, many beside each other, and what came of them. Speaks to a site that is there.
 */
import { stopwatch } from '../../../adapters/clock.ts'
import type { Path } from '../line.ts'
import type { Difference } from './compare.ts'
import { type CpuMs, cpuSince } from './cpu.ts'
import { inLanes } from './in-lanes.ts'
import type { Way } from './live-side.ts'
import type { LiveSite } from './site.ts'
import { type Walked, walk } from './walk.ts'

export interface LiveReport {
  machine: string
  paths: number
  steps: number
  /** Steps about what was forgotten by then, since its retention was over: they can be played nowhere. */
  forgotten: number
  turns: number
  /** How the steps went in. */
  ways: Record<Way, number>
  /** Calls that reached the far side. */
  effects: number
  /** Nodes killed between steps. */
  kills: number
  seconds: number
  /** Processor time that it took. */
  cpuMs: CpuMs
  differences: Difference[]
}

export interface LiveOptions {
  /** Told after every path. */
  progress?: (done: number, all: number) => void
  /** How many nodes are killed, at even distances. */
  kills?: number
}

let customers = 0

/** Never throws for a difference; it is part of the report. */
export async function walkAll(
  site: LiveSite,
  machine: string,
  paths: readonly Path[],
  { progress = () => {}, kills = 0 }: LiveOptions = {},
): Promise<LiveReport> {
  const elapsed = stopwatch()
  let done = 0
  const killing = killAlong(site, kills, () => done / paths.length)
  const cpuMs = cpuSince(site)
  const walked = await inLanes(paths, async (path) => {
    const one = await walk(site, machine, path, ++customers)
    progress(++done, paths.length)
    return one
  })
  const killed = await killing.ended()
  await site.quiet()
  const sum = (of: (one: Walked) => number) => walked.reduce((total, one) => total + of(one), 0)
  const ways = Object.fromEntries(
    (['door', 'far side', 'timer', 'stored'] as const).map((way) => [way, sum((one) => one.ways[way])]),
  ) as Record<Way, number>
  return {
    machine,
    paths: walked.length,
    steps: sum(({ steps }) => steps),
    forgotten: sum(({ forgotten }) => forgotten),
    turns: sum(({ turns }) => turns),
    ways,
    effects: sum(({ effects }) => effects),
    kills: killed,
    seconds: Math.round(elapsed() / 100) / 10,
    cpuMs: cpuMs(),
    differences: walked.flatMap(({ difference, afterwards }) => difference ?? afterwards() ?? []),
  }
}

const look_again_ms = 50

/** One after the other while paths are walked; none any more once they are. */
function killAlong(site: LiveSite, kills: number, done: () => number): { ended(): Promise<number> } {
  let killed = 0
  const run = async () => {
    while (killed < kills && done() < 1) {
      if (done() >= killed / kills) {
        await site.killOne()
        killed++
      } else await new Promise((resolve) => setTimeout(resolve, look_again_ms))
    }
    return killed
  }
  const running = run()
  return { ended: () => running }
}
