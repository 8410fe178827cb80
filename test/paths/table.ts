/**
 * The report of a machine as people read it: a table of what is covered, what cannot be reached and why, and every fault by
 * its steps and as a sequence diagram (Mermaid).
 */
import type { Step } from '../drive.ts'
import type { Traces } from './approved-traces.ts'
import { criteria } from './goals.ts'
import type { Strength } from './mutation/strength.ts'
import type { Report } from './report.ts'
import type { Fault } from './trial.ts'

export function table({
  machine,
  paths,
  steps,
  cover,
  coverage,
  unreachable,
  disturbances,
  violations,
  mutation,
  traces,
}: Report): string {
  const rows = criteria.map((criterion) => {
    const { covered, total, ratio } = coverage[criterion]
    const counts = `${String(covered).padStart(6)} of ${String(total).padStart(5)}`
    const unasked = cover.includes(criterion) ? '' : ', not asked for'
    return `  ${criterion.padEnd(12)} ${counts}  ${(100 * ratio).toFixed(1)} %${unasked}`
  })
  const disturbed = Object.entries(disturbances).map(([name, count]) => `${name} ${count}`)
  return [
    `${machine}: ${paths} paths, ${steps} steps`,
    ...rows,
    ...unreachable.map(({ what, why }) => `  not reachable: ${what} (${why})`),
    `  disturbed: ${disturbed.join(', ')}`,
    ...strength(mutation),
    violations.length === 0 ? '  every invariant holds' : `  ${violations.length} invariants broken`,
    ...traceLines(traces),
    ...violations.map(shown),
  ].join('\n')
}

const differ_max = 20

function traceLines({ asApproved, differ }: Traces): string[] {
  if (asApproved === null) return ['  no approved traces of this seed and these criteria']
  if (asApproved) return ['  every turn as in the approved traces']
  const more = differ.length > differ_max ? [`    and ${differ.length - differ_max} more`] : []
  return [
    '  otherwise than in the approved traces:',
    ...differ.slice(0, differ_max).map((line) => `    ${line}`),
    ...more,
  ]
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** Both scores, and where in the chart the faults stand that no trace shows. */
function strength({ score, invariantScore, mutants, live, equivalent, judged, survivors }: Strength): string[] {
  const which = judged === 'all' ? 'all' : `one in ${judged.one_in}, seed ${judged.seed}`
  return [
    `  mutants: ${mutants} judged (${which}), ${equivalent} proven equivalent, ${live} live; traces kill ${percent(score)}, invariants alone ${percent(invariantScore)}`,
    ...survivors.map(({ id, lacks }) =>
      lacks
        ? `    survives: ${id}; a path that shows it: ${JSON.stringify(lacks.steps)}`
        : `    not proven equivalent: ${id}`,
    ),
  ]
}

const shown = ({ id, policy, found, steps }: Fault): string =>
  [
    '',
    `  ${found}`,
    `  (${id}, policy ${policy}; see it whole with --replay ${id})`,
    ...steps.map((step) => `    ${JSON.stringify(step)}`),
    '',
    ...sequence(steps).map((line) => `    ${line}`),
  ].join('\n')

/** The steps as a Mermaid sequence diagram. */
export function sequence(steps: Step[]): string[] {
  return ['sequenceDiagram', ...steps.map((step) => `  ${whoOf(step)}->>Conversation: ${wordsOf(step)}`)]
}

function whoOf(step: Step): string {
  if ('task' in step) return 'Routing'
  if ('answers' in step || 'fails' in step || 'late' in step || 'lost' in step || 'receipt' in step) return 'Adapter'
  return 'timer' in step || 'lateTimer' in step || 'later' in step ? 'Clock' : 'Customer'
}

/** The first word of a step and its value; punctuation that Mermaid reads is left out. */
function wordsOf(step: Step): string {
  const [[word, value] = ['', '']] = Object.entries(step)
  return `${word} ${typeof value === 'string' ? value : JSON.stringify(value)}`.replace(/[;#{}"]/g, '')
}
