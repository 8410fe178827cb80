/**
 * How strong a suite is, in numbers: of the mutants that live and are not proven equivalent, the share it kills; told
 * twice, by traces and by invariants alone, since traces come from the machine itself. Pure.
 */
import type { MutantKind, Position } from './mutant.ts'
import type { Facet } from './questions.ts'
import type { Judged } from './verdict.ts'

export interface Score {
  machine: string
  mutants: number
  stillborn: number
  equivalent: number
  /** All less the stillborn and those proven equivalent. */
  live: number
  traces: Share
  /** Absent where no invariants were given. */
  invariants?: Share
  /** What the killed were first told by: the state, an effect, a wait, what is remembered. */
  toldBy: Partial<Record<Facet, number>>
  kinds: Partial<Record<MutantKind, { live: number; killed: number }>>
  survivors: Survivor[]
}

export interface Share {
  killed: number
  /** Of the live ones, from 0 to 1. */
  score: number
}

export interface Survivor {
  id: string
  kind: MutantKind
  at: Position
  /** The shortest steps that tell it from its original, and the policy they need: a path that the suite lacks. */
  lacks?: { policy: string; steps: object[] }
}

export function scoreOf(machine: string, verdicts: Judged[]): Score {
  const count = (is: (verdict: Judged) => boolean): number => verdicts.filter(is).length
  const living = verdicts.filter(isLive)
  const killed = living.filter(({ status }) => status === 'killed')
  const broken = count(({ broken }) => broken !== undefined)
  return {
    machine,
    mutants: verdicts.length,
    stillborn: count(({ status }) => status === 'stillborn'),
    equivalent: count(({ status }) => status === 'equivalent'),
    live: living.length,
    traces: shareOf(killed.length, living.length),
    ...(broken > 0 && { invariants: shareOf(broken, living.length) }),
    toldBy: tally(killed.map(({ told }) => told!.facet)),
    kinds: byKind(living),
    survivors: living.filter(({ status }) => status !== 'killed').map(survivorOf),
  }
}

const isLive = ({ status }: Judged): boolean => status !== 'stillborn' && status !== 'equivalent'

const shareOf = (killed: number, live: number): Share => ({ killed, score: live === 0 ? 1 : killed / live })

function tally<Name extends string>(names: Name[]): Partial<Record<Name, number>> {
  const counts: Partial<Record<Name, number>> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function byKind(living: Judged[]): Score['kinds'] {
  const kinds: Score['kinds'] = {}
  for (const { mutant, status } of living) {
    const { live, killed } = kinds[mutant.kind] ?? { live: 0, killed: 0 }
    kinds[mutant.kind] = { live: live + 1, killed: killed + (status === 'killed' ? 1 : 0) }
  }
  return kinds
}

const survivorOf = ({ mutant: { id, kind, at }, told }: Judged): Survivor => ({
  ...{ id, kind, at },
  ...(told && { lacks: { policy: told.policy, steps: told.steps } }),
})

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** The score as a person reads it; survivors with their place in the chart and what would kill them. */
export function scoreText(score: Score): string {
  const { machine, mutants, stillborn, equivalent, live, traces, invariants, survivors } = score
  const head = `${machine}: ${mutants} mutants, ${stillborn} stillborn, ${equivalent} equivalent, ${live} live`
  const scores = [
    `traces kill ${traces.killed}, ${percent(traces.score)}`,
    ...(invariants ? [`invariants alone ${invariants.killed}, ${percent(invariants.score)}`] : []),
  ]
  const left = survivors.map(({ id, lacks }) =>
    lacks
      ? `  lacks a path (${lacks.policy}): ${id}\n    ${lacks.steps.map((step) => JSON.stringify(step)).join(' ')}`
      : `  not proven: ${id}`,
  )
  return [head, `  ${scores.join('; ')}`, ...left].join('\n')
}
