/**
 * A conversation as a path: the steps that lead a machine through what was recorded, one a turn, for a test that drives it
 * alone. Texts are as they were stored, masked (T7). Pure; made from the turns as a node reads them.
 */
import type { AskAnswer } from '../runtime/envelope.ts'
import type { TurnReading } from '../runtime/history.ts'

/** One step; the first key says what it is. Ids that the machine makes or learns itself are left out. */
export type PathStep = Record<string, unknown>

/** One step a turn, and `{later: seconds}` where more time passed than a step takes. */
export function pathOf(turns: readonly TurnReading[]): PathStep[] {
  return turns.flatMap((turn, index) => {
    const before = turns[index - 1]
    const step = stepOf(turn, taskIdBefore(turns.slice(0, index)))
    const idle_s = before && !('timer' in step) ? secondsBetween(before, turn) - step_s : 0
    return idle_s > 0 ? [{ later: idle_s }, step] : [step]
  })
}

/** What a step takes when it is driven. */
const step_s = 1

const secondsBetween = (before: TurnReading, after: TurnReading): number =>
  Math.round((Date.parse(after.at) - Date.parse(before.at)) / 1_000)

function stepOf({ event, heard }: TurnReading, ownTaskId: string | undefined): PathStep {
  const { mediaResourceId: _made, ...data } = event.data as Record<string, unknown>
  const type = event.type.replace('parley.', '')
  if (type === 'ask.answered') return answerStep(data as unknown as AskAnswer, heard)
  if (type === 'timer.due') return { timer: String(data.timer).split('.')[2] }
  if (type.startsWith('task.')) return { task: type.slice('task.'.length), ...without(data, ownTaskId) }
  switch (type) {
    case 'message.received': {
      const { text, ...more } = data
      return { says: text, ...more }
    }
    case 'form.submitted': {
      const { fields, title: _title, ...more } = data as { fields: { name: string; value: string }[]; title: string }
      return { form: Object.fromEntries(fields.map(({ name, value }) => [name, value])), ...more }
    }
    case 'postback.received':
      return { press: data.identifier }
    case 'thread.closed':
      return { closes: data.thread }
    case 'effect.failed':
      return { lost: data.effect, ...(data.direction === undefined ? {} : { direction: data.direction }) }
    default:
      return { receipt: data.status }
  }
}

function answerStep({ ask, output, error }: AskAnswer, heard: TurnReading['heard']): PathStep {
  const code = error === undefined ? {} : { code: error.code }
  if (heard === 'stale') return { late: ask, ...(output === undefined ? {} : { with: output }), ...code }
  return error === undefined ? { answers: ask, with: output } : { fails: ask, ...code }
}

/** The task that counts is the one a path has by itself; any other one is named. */
function without({ taskId, ...data }: Record<string, unknown>, ownTaskId: string | undefined): PathStep {
  return taskId === ownTaskId ? data : { ...data, taskId }
}

function taskIdBefore(turns: readonly TurnReading[]): string | undefined {
  const asked = turns.flatMap(({ effects }) => effects).findLast(({ type }) => type === 'createTask')
  return (asked?.payload as { taskId?: string } | undefined)?.taskId
}
