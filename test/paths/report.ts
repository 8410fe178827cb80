/**
 * What `parley paths` and the test of the same name tell of a machine: how many paths, what they cover, how often they were
 * disturbed, what broke, and how strong they are.
 */
import { stopwatch } from '../../adapters/clock.ts'
import { definitions } from '../../machines/definitions.ts'
import { random } from '../../runtime/random.ts'
import { besideApproved, type Traces } from './approved-traces.ts'
import { type Cover, type Criterion, countsFor, criteria, type Goal, type Unreachable } from './goals.ts'
import type { Path } from './line.ts'
import type { Strength } from './mutation/strength.ts'
import { oneOfAKind } from './one-of-a-kind.ts'
import { type Suite, suiteOf } from './suite.ts'
import { type Fault, shortest, tried, triedDisturbed, triedRestarted } from './trial.ts'

/** Ids of all machines, in their order. */
export const machines: string[] = [...new Set(definitions.map(({ id }) => id))]

export interface Covered {
  covered: number
  total: number
  ratio: number
}

export interface Report extends Walks {
  /** How strong the paths are, told by faults planted in the machine. */
  mutation: Strength
}

export interface Walks {
  machine: string
  seed: number
  /** What the paths are made for; what they cover of the rest is told as well. */
  cover: Cover
  paths: number
  steps: number
  coverage: Record<Criterion, Covered>
  unreachable: Unreachable[]
  /** How many disturbed paths were tried, by what was done to them. */
  disturbances: Record<string, number>
  /** One of a kind, by its shortest steps. */
  violations: Fault[]
  traces: Traces
}

/**
 * Every path is restarted between any two of its turns. The few that take every transition are disturbed at every step; of all
 * others one in so many disturbances is tried.
 */
export const disturbances_one_in = 50

/** Generates, plays and disturbs; takes seconds. `tells` hears what is being done, for people who wait. */
export function walksOf(
  machine: string,
  seed: number,
  tells: (stage: string) => void = () => {},
  cover: Cover = criteria,
): Walks {
  tells('generates paths')
  const generating = stopwatch()
  const suite = suiteOf(machine, seed, cover)
  tells(`judges ${suite.paths.length} paths, generated in ${inSeconds(generating())} s`)
  const judging = stopwatch()
  const asTheyAre = suite.paths.flatMap((path) => tried(machine, path))
  tells(`disturbs them, judged in ${inSeconds(judging())} s`)
  const counts = new Map<string, number>()
  const everywhere = new Set(essential(suite))
  const { int } = random(seed)
  const isDrawn = () => int(1, disturbances_one_in) === 1
  const restarted = suite.paths.flatMap((path) => triedRestarted(machine, path))
  const disturbed = suite.paths.flatMap((path) =>
    triedDisturbed(machine, path, counts, everywhere.has(path) ? undefined : isDrawn),
  )
  const { paths, unreachable } = suite
  return {
    machine,
    seed,
    cover,
    paths: paths.length,
    steps: paths.reduce((sum, { steps }) => sum + steps.length, 0),
    coverage: coverageOf(suite),
    unreachable,
    disturbances: { restarted: suite.paths.length, ...Object.fromEntries(counts) },
    violations: shortestOf(suite, [...asTheyAre, ...restarted, ...disturbed]),
    traces: besideApproved(suite),
  }
}

export function coverageOf({ goals, reaches }: Pick<Suite, 'goals' | 'reaches'>): Record<Criterion, Covered> {
  const reached = new Set([...reaches.values()].flatMap((some) => [...some]))
  const row = (criterion: Criterion): Covered => {
    const wanted = [...goals].filter((goal) => countsFor(criterion, goal))
    const covered = wanted.filter((goal) => reached.has(goal)).length
    return { covered, total: wanted.length, ratio: wanted.length === 0 ? 1 : covered / wanted.length }
  }
  return Object.fromEntries(criteria.map((criterion) => [criterion, row(criterion)])) as Report['coverage']
}

const inSeconds = (ms: number): string => (ms / 1_000).toFixed(2)

/** One of a kind, each by the fewest steps that show it. */
export const shortestOf = (suite: Suite, faults: Fault[]): Fault[] =>
  oneOfAKind(faults).map((fault) => shortest(suite.machine, fault, graphOf(suite, fault)))

const graphOf = ({ graphs }: Suite, { policy }: Fault) => graphs.find((one) => one.policy === policy)!.graph

/** The few paths that take every transition between them. */
function essential({ paths, reaches }: Suite): Path[] {
  const open = new Set<Goal>(paths.flatMap(({ id }) => transitionsIn(reaches.get(id)!)))
  const chosen: Path[] = []
  while (open.size > 0) {
    const gain = ({ id }: Path) => transitionsIn(reaches.get(id)!).filter((goal) => open.has(goal)).length
    const best = paths.reduce((a, b) => (gain(b) > gain(a) ? b : a))
    for (const goal of transitionsIn(reaches.get(best.id)!)) open.delete(goal)
    chosen.push(best)
  }
  return chosen
}

const transitionsIn = (goals: Set<Goal>): Goal[] => [...goals].filter((goal) => countsFor('transitions', goal))
