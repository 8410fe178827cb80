/**
 * A played scenario as a table that people read: who did what, and where the conversation stood afterwards. Pure. The
 * Markdown is what is approved and kept beside the scenario, so it says nothing that differs from run to run.
 */
import type { Row } from './effect-row.ts'
import type { Scenario } from './scenario.ts'

/** The rows of one step. `at_ms` is virtual time since the scenario began, `state` where the conversation stands now. */
export interface StepRows {
  at_ms: number
  rows: Row[]
  state: string
}

/** One line of the table; `number`, `when` and `state` stand only where they are new. */
export interface Line extends Row {
  number: string
  when: string
  state: string
}

export const head: Line = { number: '#', when: 'when', who: 'who', what: 'what', state: 'state' }

export function linesOf(steps: readonly StepRows[]): Line[] {
  let when = ''
  let state = ''
  return steps.flatMap((step, index) => {
    const moment = `+${duration(step.at_ms)}`
    const lines = step.rows.map((row, place): Line => {
      const isLast = place === step.rows.length - 1
      return {
        number: place === 0 ? String(index + 1) : '',
        when: place === 0 && moment !== when ? moment : '',
        ...row,
        state: isLast && step.state !== state ? step.state : '',
      }
    })
    when = moment
    state = step.state
    return lines
  })
}

export function markdown(scenario: Scenario, steps: readonly StepRows[]): string {
  const rows = [head, ...linesOf(steps)].map(
    ({ number, when, who, what, state }) => `| ${[number, when, who, what, state].map(cell).join(' | ')} |`,
  )
  rows.splice(1, 0, '|---|---|---|---|---|')
  const about = scenario.about === undefined ? [] : [scenario.about.trim(), '']
  return [`# ${scenario.scenario}`, '', ...about, settingOf(scenario), '', ...rows, ''].join('\n')
}

/** Which flow, which asset and how it behaves: `sms-inbound · sms/14155550100 · hardened, menuTimeoutSeconds 60`. */
export function settingOf({ flow, asset, policy: { preset, ...own } }: Scenario): string {
  const otherwise = Object.entries(own).map(([key, value]) => `${key} ${JSON.stringify(value)}`)
  return [...(flow === undefined ? [] : [flow]), asset, [preset, ...otherwise].join(', ')].join(' · ')
}

/** Nothing a customer writes may break the table or be taken for markup. */
const cell = (text: string): string => text.replace(/[\\`*|<]/g, '\\$&').replace(/\s*\n\s*/g, ' ')

/** `0 s`, `5 s`, `15 min`, `2 min 14 s`, `0.5 s`: whole units, the largest first. */
function duration(ms: number): string {
  const parts: string[] = []
  let left_ms = ms
  for (const [unit, unit_ms] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
  ] as const) {
    const amount = Math.floor(left_ms / unit_ms)
    left_ms -= amount * unit_ms
    if (amount > 0) parts.push(`${amount} ${unit}`)
  }
  return [...parts, ...(left_ms > 0 || parts.length === 0 ? [`${left_ms / 1_000} s`] : [])].join(' ')
}
