/**
 * How often the generated paths of a machine go each way of its chart: what the console colours it by. Written beside the
 * machine, where `runtime/chart/path-coverage.ts` reads it.
 */
import { type ChartTransition, chartOf } from '../../machines/chart.ts'
import { latestDefinition } from '../../machines/definitions.ts'
import { markOf, type PathCoverage } from '../../runtime/chart/path-coverage.ts'
import type { Goal } from './goals.ts'
import type { Suite } from './suite.ts'

export function walkedBy({ machine, paths, reaches, unreachable }: Suite): PathCoverage {
  const chart = chartOf(latestDefinition(machine)!.machine)
  const times = new Map<Goal, number>()
  for (const goals of reaches.values()) for (const goal of goals) times.set(goal, (times.get(goal) ?? 0) + 1)
  const states = chart.states.map(({ path }) => [path, times.get(`states: ${path}`) ?? 0] as const)
  const ways = chart.transitions.map((one) => [one.id, times.get(goalOf(machine, one)) ?? 0] as const)
  const why = new Map(unreachable.map(({ what, why }) => [what, why]))
  return {
    chart: markOf(chart),
    paths: paths.length,
    steps: paths.reduce((sum, { steps }) => sum + steps.length, 0),
    states: Object.fromEntries(states.filter(([, count]) => count > 0)),
    transitions: Object.fromEntries(ways),
    unreachable: Object.fromEntries(
      chart.transitions.flatMap((one) => {
        const reason = why.get(goalOf(machine, one))
        return reason === undefined ? [] : [[one.id, reason]]
      }),
    ),
  }
}

/** The goal of taking a transition of the chart. */
export const goalOf = (machine: string, { source, event, guard, target }: ChartTransition): Goal =>
  `transitions: ${source || machine}: ${event || 'always'}${guard ? ` [${guard}]` : ''}${target === undefined ? '' : ` → ${target}`}`
