/**
 * One suite by a seed of its own: what breaks on it, and what it does not cover. On a machine that is as it should be
 * whatever breaks is a false alarm.
 */
import { random } from '../../runtime/random.ts'
import { coverageOf, disturbances_one_in, shortestOf } from './report.ts'
import { newSuiteOf } from './suite.ts'
import { type Fault, tried, triedDisturbed, triedRestarted } from './trial.ts'

export interface Repeat {
  seed: number
  paths: number
  steps: number
  /** Disturbed paths that were tried. */
  disturbed: number
  /** Criteria of which something was not covered. */
  uncovered: string[]
  /** One of a kind, by its shortest steps. */
  violations: Fault[]
}

/** Every path as it is, and one in so many of its disturbances. */
export function repeatOf(machine: string, seed: number): Repeat {
  const suite = newSuiteOf(machine, seed)
  const counts = new Map<string, number>()
  const { int } = random(seed)
  const isDrawn = () => int(1, disturbances_one_in) === 1
  const faults = suite.paths.flatMap((path) => [
    ...tried(machine, path),
    ...(isDrawn() ? triedRestarted(machine, path) : []),
    ...triedDisturbed(machine, path, counts, isDrawn),
  ])
  const coverage = Object.entries(coverageOf(suite))
  return {
    seed,
    paths: suite.paths.length,
    steps: suite.paths.reduce((sum, { steps }) => sum + steps.length, 0),
    disturbed: [...counts.values()].reduce((sum, count) => sum + count, 0),
    uncovered: coverage.flatMap(([criterion, { ratio }]) => (ratio < 1 ? criterion : [])),
    violations: shortestOf(suite, faults),
  }
}
