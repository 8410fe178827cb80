/**
 * How the generated paths go over a machine's chart: kept beside the machine (`machines/<id>.paths.json`), since to make them
 * takes seconds. `test/paths/walked.ts` writes it; here it is read, for the chart it was made of and for no other.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Chart } from '../../machines/chart.ts'

export interface PathCoverage {
  /** `markOf` the chart they were made of. */
  chart: string
  /** How many generated paths there are, and their steps in all. */
  paths: number
  steps: number
  /** By state, and by id of a transition: how many paths get there. */
  states: Record<string, number>
  transitions: Record<string, number>
  /** By id of a transition: why no conversation takes it. */
  unreachable: Record<string, string>
}

/** The same for the same states, transitions, guards and actions. */
export const markOf = (chart: Chart): string =>
  createHash('sha256').update(JSON.stringify(chart)).digest('hex').slice(0, 16)

/** Undefined where no paths were made of just this chart. */
export function pathCoverageOf(chart: Chart): PathCoverage | undefined {
  const file = new URL(`../../machines/${encodeURIComponent(chart.machine)}.paths.json`, import.meta.url)
  try {
    const known = JSON.parse(readFileSync(file, 'utf8')) as PathCoverage
    return known.chart === markOf(chart) ? known : undefined
  } catch {
    return undefined // a machine of another program
  }
}
