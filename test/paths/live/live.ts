/**
 * All paths of a suite on a running system, many beside each other, and what came of them. Speaks to a site that is there.
 */
import { stopwatch } from '../../../adapters/clock.ts'
import type { Path } from '../line.ts'
import type { Difference } from './compare.ts'
import type { Way } from './live-side.ts'
import type { CpuMs, LiveSite } from './site.ts'
import { type Walked, walk } from './walk.ts'

export interface LiveReport {
  machine: string
  paths: number
  steps: number
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

/** Many at once make broker and node write in batches. */
const at_once_max = 128
/**
 * A call that waits for its answer is given up by the wall's clock, too, so no path may take long beside too many others: on
 * a machine that takes longer than this for a step, there are fewer of them.
 */
const step_ms_max = 1_000
const at_once_min = 16

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
  const waiting = paths.values()
  const walked: Walked[] = []
  let lanes = 0
  const lane = async () => {
    lanes++
    for (const path of waiting) {
      const took = stopwatch()
      const one = await walk(site, machine, path, ++customers)
      walked.push(one)
      progress(walked.length, paths.length)
      if (took() / one.steps > step_ms_max && lanes > at_once_min) break
    }
    lanes--
  }
  const killing = killAlong(site, kills, () => walked.length / paths.length)
  const cpuMs = cpuSince(site)
  await Promise.all(Array.from({ length: at_once_max }, lane))
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

function cpuSince(site: LiveSite): () => CpuMs {
  const before = site.cpuMs()
  return () => {
    const now = site.cpuMs()
    const used = (who: keyof CpuMs) => (now[who] === null || before[who] === null ? null : now[who] - before[who])
    return { walker: used('walker'), nodes: used('nodes'), brokers: used('brokers') }
  }
}
