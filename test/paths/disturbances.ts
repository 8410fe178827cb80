/**
 * What the world does to a path: an event told twice, two in the wrong order, one lost, an answer late, lost or refused, a
 * restart in between. Each makes other paths of a path; the invariants must hold on all of them. Webhooks keep the time at
 * which they were sent, so that a late one is late.
 */
import type { Step, Trace } from '../drive.ts'

export const disturbances = [
  'duplicated',
  'swapped',
  'webhook lost',
  'answer late',
  'answer lost',
  'answer failed',
] as const
export type Disturbance = (typeof disturbances)[number]

export interface Disturbed {
  disturbance: Disturbance
  /** Which step is disturbed, from 0. */
  index: number
  /** What is played from that step on, instead. */
  rest: Step[]
}

/** All of them, one at a time, at every step where there is something to disturb. */
export function disturbed(steps: Step[]): Disturbed[] {
  return steps.flatMap((step, index) => {
    const after = steps.slice(index + 1)
    const made = (disturbance: Disturbance, ...rest: Step[]): Disturbed => ({ disturbance, index, rest })
    const [following, ...others] = after
    return [
      made('duplicated', step, again(step), ...after),
      ...(following ? [made('swapped', following, step, ...others)] : []),
      ...('task' in step ? [made('webhook lost', ...after)] : []),
      ...('answers' in step ? answers(step, after, made) : []),
    ]
  })
}

/** A second time it comes to somebody who no longer waits. */
function again(step: Step): Step {
  if ('answers' in step) return { late: step.answers, ...(step.with ? { with: step.with } : {}) }
  if ('fails' in step) return { late: step.fails, code: step.code ?? 'failed' }
  return 'timer' in step ? { lateTimer: step.timer } : step
}

function answers(
  step: Extract<Step, { answers: string }>,
  after: Step[],
  made: (disturbance: Disturbance, ...rest: Step[]) => Disturbed,
): Disturbed[] {
  const [following, ...others] = after
  return [
    made('answer late', ...noAnswer, again(step), ...after),
    made('answer lost', ...(following ? [following] : []), ...noAnswer, ...others),
    made('answer failed', { fails: step.answers }, ...after),
  ]
}

/** Whichever of the two stands behind the ask; the one that is not armed does not happen. */
const noAnswer: Step[] = [{ timer: 'askTimeout' }, { timer: 'transferDeadline' }]

/** The steps with the time at which each webhook was sent written down: what is played later is then old. */
export function dated(steps: Step[], history: readonly Trace[]): Step[] {
  return steps.map((step, index) => {
    const cause = history[index]?.cause
    return 'task' in step && cause?.kind === 'event' ? { ...step, at: cause.event.at } : step
  })
}
