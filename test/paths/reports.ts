/**
 * The reports of several machines at once, the largest machine first. Where all mutants are judged, those of one machine are
 * shared out among the threads. The same as one after the other.
 */
import { latestDefinition } from '../../machines/definitions.ts'
import { transitionsOf } from './chart.ts'
import type { Cover } from './goals.ts'
import { type Ask, inThreads, threads_max } from './in-threads.ts'
import type { ToldSuite } from './jobs.ts'
import { inTurns, mutants_one_in, type Part, strengthBy } from './mutation/strength.ts'
import type { Judged } from './mutation/verdict.ts'
import type { Report } from './report.ts'

export interface Reported {
  report: Report
  verdicts: Judged[]
  suite: ToldSuite
}

interface Options {
  seed: number
  cover: Cover
  /** Every mutant, with proofs of equivalence, instead of one in a hundred. */
  allMutants: boolean
}

/** In the order of the machines. Rejects with what a thread threw; nothing runs on then. */
export function reportsOf(
  machines: readonly string[],
  options: Options,
  tells: (machine: string, stage: string) => void,
): Promise<Reported[]> {
  return inThreads(async (ask) => {
    const largestFirst = [...machines].sort((one, other) => sizeOf(other) - sizeOf(one))
    const reports = new Map(
      await Promise.all(
        largestFirst.map(async (machine) => {
          return [machine, await reported(ask, machine, options, (stage) => tells(machine, stage))] as const
        }),
      ),
    )
    return machines.map((machine) => reports.get(machine)!)
  })
}

const sizeOf = (machine: string): number => transitionsOf(latestDefinition(machine)!.machine).length

async function reported(
  ask: Ask,
  machine: string,
  { allMutants, ...suite }: Options,
  tells: (stage: string) => void,
): Promise<Reported> {
  const which = { machine, ...suite }
  const sample = { seed: suite.seed, one_in: mutants_one_in }
  const parts: Part[] = allMutants ? Array.from({ length: threads_max }, (_, turn) => ({ turn, of: threads_max })) : []
  const judging = parts.map((part) => ask('verdicts', { ...which, part }, tells))
  const walking = ask('walks', { ...which, ...(allMutants ? {} : { judges: sample }) }, tells)
  const [{ walks, suite: told, verdicts: sampled }, ...judged] = await Promise.all([walking, ...judging])
  const verdicts = allMutants ? inTurns(judged) : sampled
  const mutation = strengthBy(machine, verdicts, allMutants ? 'all' : sample)
  return { report: { ...walks, mutation }, verdicts, suite: told }
}
