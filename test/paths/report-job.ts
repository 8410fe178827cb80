/**
 * One machine's report as a job that a thread can do: what goes in and comes back is plain data.
 */
import type { Judged } from './mutation/verdict.ts'
import { type Report, reportOf } from './report.ts'
import { type Suite, suiteOf } from './suite.ts'

export interface Job {
  machine: string
  seed: number
  allMutants: boolean
}

export interface Done {
  report: Report
  verdicts: Judged[]
  suite: ToldSuite
}

/** A suite as other threads need it. */
export type ToldSuite = Omit<Suite, 'graphs'>

export function done({ machine, seed, allMutants }: Job, tells: (stage: string) => void): Done {
  const verdicts: Judged[] = []
  const judges = (some: Judged[]) => void verdicts.push(...some)
  const report = reportOf(machine, seed, { allMutants, tells, judges })
  const { graphs: _, ...suite } = suiteOf(machine, seed)
  return { report, verdicts, suite }
}
