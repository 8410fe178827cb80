/**
 * What `parley paths --protocol` tells: whether anything is wrong in so many runs of the runtime's promises, and, with each
 * promise broken in turn, whether a run shows it. Shared out among threads in pieces of a fixed size: the same on any number.
 */
import { type Ask, inThreads, threads_max } from '../in-threads.ts'
import { protocolMutants } from './protocol-mutants.ts'
import { joined, type Runs, type Seeds, type Wrong } from './runs.ts'

export interface ProtocolReport extends Runs {
  seed: number
  /** The promises that were broken, one at a time, and the first run that shows each. */
  mutation: { score: number; mutants: number; survivors: string[]; killed: { name: string; by: Wrong }[] }
}

const runs_a_job = 1_000
/** Of a broken promise, until one shows it. */
const runs_until_shown_max = 30_000

/** Seconds for thousands of runs. */
export function protocolReport(seeds: Seeds, tells: (stage: string) => void): Promise<ProtocolReport> {
  return inThreads(async (ask) => {
    const [runs, mutation] = await Promise.all([
      allRuns(ask, seeds, tells),
      allBroken(ask, { ...seeds, runs: runs_until_shown_max }),
    ])
    return { seed: seeds.seed, ...runs, mutation }
  })
}

async function allRuns(ask: Ask, { seed, runs }: Seeds, tells: (stage: string) => void): Promise<Runs> {
  let done = 0
  const pieces = Array.from({ length: Math.ceil(runs / runs_a_job) }, async (_, piece) => {
    const before = piece * runs_a_job
    const some = await ask('runs', { seed: seed + before, runs: Math.min(runs_a_job, runs - before) })
    done += some.runs
    tells(`${done} of ${runs} runs`)
    return some
  })
  return joined(await Promise.all(pieces))
}

async function allBroken(ask: Ask, seeds: Seeds): Promise<ProtocolReport['mutation']> {
  const names = protocolMutants.map(({ name }) => name)
  const shares = Array.from({ length: threads_max }, (_, turn) =>
    names.filter((_, index) => index % threads_max === turn),
  )
  const shown = await Promise.all(
    shares.map(async (names) => (await ask('shows', { ...seeds, names })).map((by, at) => ({ name: names[at]!, by }))),
  )
  const by = new Map(shown.flat().map(({ name, by }) => [name, by]))
  const killed = names.flatMap((name) => {
    const first = by.get(name)
    return first ? [{ name, by: first }] : []
  })
  const survivors = names.filter((name) => by.get(name) === undefined)
  return { score: killed.length / names.length, mutants: names.length, survivors, killed }
}
