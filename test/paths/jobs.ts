/**
 * What a thread can be asked for: the walks of a machine, verdicts on some of its mutants, a suite by another seed, runs of the
 * protocol's model. What goes in and comes back is plain data, and the same whichever thread does it.
 */
import type { Cover } from './goals.ts'
import { judgedBy, type Part } from './mutation/strength.ts'
import type { Judged } from './mutation/verdict.ts'
import { original } from './protocol/protocol.ts'
import { protocolMutants } from './protocol/protocol-mutants.ts'
import { firstWrong, type Runs, runsOf, type Seeds, type Wrong } from './protocol/runs.ts'
import { type Repeat, repeatOf } from './repeat.ts'
import { type Walks, walksOf } from './report.ts'
import { type Suite, suiteOf } from './suite.ts'

type Tells = (stage: string) => void

/** A suite as other threads need it. */
export type ToldSuite = Omit<Suite, 'graphs'>

/** Which suite. */
interface Which {
  machine: string
  seed: number
  cover: Cover
}

const jobs = {
  /** A thread makes the suite of a machine once, whatever it is asked about it. */
  walks({ judges, ...which }: Which & { judges?: Part }, tells: Tells): Walked {
    const { machine, seed, cover } = which
    const walks = walksOf(machine, seed, tells, cover)
    const { graphs: _, ...suite } = suiteOf(machine, seed, cover)
    return { walks, suite, verdicts: judges ? jobs.verdicts({ ...which, part: judges }, tells) : [] }
  },
  verdicts: ({ machine, seed, cover, part }: Which & { part: Part }, tells: Tells): Judged[] =>
    judgedBy(suiteOf(machine, seed, cover), part, tells),
  repeat: ({ machine, seed }: Omit<Which, 'cover'>): Repeat => repeatOf(machine, seed),
  runs: (seeds: Seeds): Runs => runsOf(original, seeds),
  /** By the name of a broken promise: the first run that shows it. */
  shows: ({ names, ...seeds }: Seeds & { names: string[] }): (Wrong | undefined)[] =>
    names.map((name) => firstWrong(protocolMutants.find((mutant) => mutant.name === name)!.protocol, seeds)),
}

export interface Walked {
  walks: Walks
  suite: ToldSuite
  verdicts: Judged[]
}

export type Kind = keyof typeof jobs
export type Asked<One extends Kind> = Parameters<(typeof jobs)[One]>[0]
export type Done<One extends Kind> = ReturnType<(typeof jobs)[One]>

export const done = <One extends Kind>({ kind, asked }: { kind: One; asked: Asked<One> }, tells: Tells): Done<One> =>
  (jobs[kind] as (asked: Asked<One>, tells: Tells) => Done<One>)(asked, tells)
