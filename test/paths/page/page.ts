/**
 * The report of `parley paths` as one page that stands on its own: each statechart coloured by what the paths cover, the paths
 * behind every line of it, state by event, disturbances, broken invariants, both mutation scores with the survivors. Reads
 * reports; generates nothing. Light or dark as its reader prefers.
 */
import { type Chart, chartOf } from '../../../machines/chart.ts'
import { latestDefinition } from '../../../machines/definitions.ts'
import { layOut } from '../../../runtime/chart/layout.ts'
import { escaped, svgOf } from '../../../runtime/chart/svg.ts'
import type { ToldSuite } from '../jobs.ts'
import type { Report } from '../report.ts'
import { sequence } from '../table.ts'
import { goalOf } from '../walked.ts'
import { script } from './script.ts'
import { style } from './style.ts'

/** A report, and the suite that it is about. */
export interface Reported {
  report: Report
  suite: ToldSuite
}

/** The whole page. */
export async function pageOf(reported: Reported[]): Promise<string> {
  const sections = await Promise.all(reported.map(sectionOf))
  const reports = reported.map(({ report }) => report)
  const links = reports.map(({ machine }) => `<a href="#${machine}">${machine}</a>`).join('')
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>Paths of ${reports.map(({ machine }) => machine).join(', ')}</title><style>${style}</style>`,
    `<header><h1>Paths</h1><nav>${links}</nav><p>seed ${reports[0]?.seed ?? ''}</p></header><main>`,
    ...sections,
    `</main><script>${script}</script></html>`,
    '',
  ].join('\n')
}

async function sectionOf({ report, suite }: Reported): Promise<string> {
  const { machine } = report
  const chart = chartOf(latestDefinition(machine)!.machine)
  return [
    `<section id="${machine}"><h2>${machine}</h2>`,
    figures(report),
    `<div class="drawing">${svgOf(await layOut(chart))}</div>`,
    `<p class="hint">Press a line of the chart, or a cell below, for the paths that go there.</p><div class="paths" aria-live="polite"></div>`,
    broken(report),
    `<details><summary>State by event: ${report.coverage.stateEvent.covered} of ${report.coverage.stateEvent.total}</summary>${matrix(suite)}</details>`,
    survivors(report),
    unreached(report),
    `<script type="application/json">${JSON.stringify(dataOf(suite, chart)).replaceAll('<', '\\u003c')}</script></section>`,
  ].join('\n')
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const row = (...cells: (string | number)[]): string =>
  `<tr>${cells.map((cell, at) => `<t${at === 0 ? 'h' : 'd'}>${escaped(String(cell))}</t${at === 0 ? 'h' : 'd'}>`).join('')}</tr>`

function figures({ paths, steps, coverage, disturbances, violations, mutation }: Report): string {
  const { score, invariantScore, live, equivalent, judged } = mutation
  const which = judged === 'all' ? 'all' : `one in ${judged.one_in}`
  return [
    '<div class="figures">',
    `<table><caption>${paths} paths, ${steps} steps</caption>`,
    ...Object.entries(coverage).map(([name, { covered, total, ratio }]) =>
      row(name, `${covered} of ${total}`, percent(ratio)),
    ),
    '</table><table><caption>Disturbed paths</caption>',
    ...Object.entries(disturbances).map(([name, count]) => row(name, count)),
    `</table><table><caption>Strength (${which} mutants)</caption>`,
    row('killed by traces', percent(score)),
    row('by invariants alone', percent(invariantScore)),
    row('live', live),
    row('proven equivalent', equivalent),
    row('invariants broken', violations.length),
    '</table></div>',
  ].join('\n')
}

function broken({ violations }: Report): string {
  return violations
    .map(({ id, found, policy, steps }) =>
      [
        `<details class="broken" open><summary>${escaped(found)}</summary><p>${escaped(id)}, policy ${policy}; parley paths --replay ${escaped(id)}</p>`,
        `<ol>${steps.map((step) => `<li><code>${escaped(JSON.stringify(step))}</code></li>`).join('')}</ol>`,
        `<pre>${escaped(sequence(steps).join('\n')).replaceAll('&#10;', '\n')}</pre></details>`,
      ].join(''),
    )
    .join('\n')
}

function matrix({ goals, reaches }: ToldSuite): string {
  const reached = new Set([...reaches.values()].flatMap((some) => [...some]))
  const cells = [...goals].filter((goal) => goal.startsWith(cellGoal))
  const split = cells.map((goal) => goal.slice(cellGoal.length).split(' × ') as [string, string])
  const states = [...new Set(split.map(([state]) => state))].sort()
  const events = [...new Set(split.map(([, event]) => event))]
  const cell = (state: string, event: string): string => {
    const goal = `${cellGoal}${state} × ${event}`
    if (!goals.has(goal)) return '<td></td>'
    const is = reached.has(goal) ? 'yes' : 'no'
    return `<td class="${is}" data-goal="${escaped(goal)}" title="${escaped(`${state} × ${event}`)}">${is === 'yes' ? '●' : '○'}</td>`
  }
  return [
    `<div class="matrix"><table><tr><th></th>${events.map((event) => `<th><span>${escaped(event)}</span></th>`).join('')}</tr>`,
    ...states.map(
      (state) => `<tr><th>${escaped(state)}</th>${events.map((event) => cell(state, event)).join('')}</tr>`,
    ),
    '</table></div>',
  ].join('\n')
}
const cellGoal = 'stateEvent: '

function survivors({ mutation }: Report): string {
  if (mutation.survivors.length === 0) return ''
  const lines = mutation.survivors.map(
    ({ id, lacks }) => `<li>${escaped(id)}${lacks ? '' : ' (not proven equivalent)'}</li>`,
  )
  return `<details><summary>Mutants that survive: ${lines.length}</summary><ul>${lines.join('')}</ul></details>`
}

function unreached({ unreachable }: Report): string {
  if (unreachable.length === 0) return ''
  const lines = unreachable.map(({ what, why }) => `<li>${escaped(what)} <small>${escaped(why)}</small></li>`)
  return `<details><summary>Cannot be reached: ${lines.length}</summary><ul>${lines.join('')}</ul></details>`
}

/** What the script needs: which transition of the chart is which goal, and which paths reach it. */
function dataOf({ machine, paths, reaches }: ToldSuite, chart: Chart) {
  const byGoal: Record<string, number[]> = {}
  for (const [index, { id }] of paths.entries()) {
    for (const goal of reaches.get(id) ?? []) {
      if (goal.startsWith('pairs: ')) continue
      byGoal[goal] = [...(byGoal[goal] ?? []), index]
    }
  }
  return {
    transitions: Object.fromEntries(chart.transitions.map((one) => [one.id, goalOf(machine, one)])),
    byGoal,
    paths: paths.map(({ id, policy, steps }) => ({ id, policy, steps: steps.map((step) => JSON.stringify(step)) })),
  }
}
