/**
 * The verdicts in Stryker's open report schema (mutation-testing-report-schema, version 2), so that its viewers show them.
 * A file is the chart of a machine as JSON; a mutant's location is its event there, else its state. Pure.
 */
import type { Definition } from '../../../machines/definitions.ts'
import { type Chart, chartOf } from './chart.ts'
import type { Position } from './mutant.ts'
import type { Judged, Status } from './verdict.ts'

export interface StrykerReport {
  schemaVersion: '2'
  /** In percent: what counts as good, and what as poor. */
  thresholds: { high: number; low: number }
  files: Record<string, { language: 'json'; source: string; mutants: StrykerMutant[] }>
}

interface StrykerMutant {
  id: string
  mutatorName: string
  replacement: string
  location: Location
  status: 'Killed' | 'Survived' | 'CompileError' | 'Ignored'
  statusReason: string
}

/** Lines and columns begin at 1. */
interface Location {
  start: { line: number; column: number }
  end: { line: number; column: number }
}

export const strykerReport = (judged: { definition: Definition; verdicts: Judged[] }[]): StrykerReport => ({
  schemaVersion: '2',
  thresholds: { high: 100, low: 80 },
  files: Object.fromEntries(
    judged.map(({ definition, verdicts }) => {
      const source = sourceOf(chartOf(definition.machine))
      const mutants = verdicts.map((verdict) => mutantOf(source, verdict))
      return [`machines/${definition.id}.json`, { language: 'json', source, mutants }]
    }),
  ),
})

const sourceOf = (chart: Chart): string => JSON.stringify(chart, null, 2)

const statuses: Record<Status, { status: StrykerMutant['status']; statusReason: string }> = {
  killed: { status: 'Killed', statusReason: '' },
  survived: { status: 'Survived', statusReason: 'the suite lacks a path' },
  'not proven': { status: 'Survived', statusReason: 'may be equivalent: not proven within the bound' },
  stillborn: { status: 'CompileError', statusReason: 'XState refuses the chart' },
  equivalent: { status: 'Ignored', statusReason: 'equivalent: alike whatever can happen anywhere' },
}

function mutantOf(source: string, { mutant, status, told }: Judged): StrykerMutant {
  const { id, kind: mutatorName, change: replacement, at } = mutant
  const why = told ? `${told.facet}, by ${told.steps.map((step) => JSON.stringify(step)).join(' ')}` : ''
  const { statusReason, ...mapped } = statuses[status]
  const reason = [statusReason, why].filter((part) => part !== '').join(': ')
  return { id, mutatorName, replacement, location: locationIn(source, at), ...mapped, statusReason: reason }
}

function locationIn(source: string, { state, event }: Position): Location {
  const lines = source.split('\n')
  const path = state === '' ? [] : state.split('.')
  const begin = path.reduce((from, key, depth) => lineOf(lines, from + 1, 4 * (depth + 1), key, '{'), 0)
  const inState = lineOf(lines, begin + 1, 4 * (path.length + 1), event.replace(/^after /, ''), '[')
  const end = endOf(lines, begin)
  const first = inState > begin && inState < end ? inState : begin
  const last = endOf(lines, first)
  return { start: { line: first + 1, column: 1 }, end: { line: last + 1, column: lines[last]!.length + 1 } }
}

/** The line that opens this key at this indent, or `from` when there is none. */
function lineOf(lines: string[], from: number, indent: number, key: string, opens: '{' | '['): number {
  const head = `${' '.repeat(indent)}"${key}": ${opens}`
  const found = lines.findIndex((line, at) => at >= from && line.startsWith(head))
  return found === -1 ? from : found
}

/** The line that closes what this one opens: the next of the same indent, or the line itself. */
function endOf(lines: string[], begin: number): number {
  const indent = lines[begin]!.search(/\S/)
  if (!/[{[]$/.test(lines[begin]!)) return begin
  return lines.findIndex((line, at) => at > begin && line.search(/\S/) === indent)
}
