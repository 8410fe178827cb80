/**
 * Estimated wait times: QUEUED webhooks with seconds, as the router's script sends them (flows.md 2.6).
 * Pure: it only says what is due; `duties.ts` keeps the time.
 */

import type { DutiesOf } from './duties.ts'
import type { EstimatedWait, Task } from './entries.ts'
import type { Floor } from './floor.ts'
import { queueTask } from './task-acts.ts'

export interface EstimateSettings {
  /** True sends estimates even without the automatic agent. */
  estimates: boolean
  /** From the moment a task waits until its first estimate. */
  estimateAfterMs: number
  averageHandlingMs: number
}

export const defaultEstimates: EstimateSettings = {
  estimates: false,
  estimateAfterMs: 1_000,
  averageHandlingMs: 60_000,
}

/** An estimate soon after a task begins to wait, then whenever it moved by 30 s, at most once in 60 s. */
export function estimates(settings: () => EstimateSettings & { automatic: boolean }): DutiesOf {
  return (floor, task) => {
    const { automatic, estimates: always, estimateAfterMs, averageHandlingMs } = settings()
    if (task.state !== 'QUEUED' || !(automatic || always)) return []
    const seconds = estimateOf(floor, task, averageHandlingMs)
    if (!differs(task.estimatedWaitTime, seconds)) return []
    const dueMs =
      task.estimatedAt === undefined
        ? Date.parse(task.waitingSince) + estimateAfterMs
        : Date.parse(task.estimatedAt) + between_ms
    const decide: ReturnType<DutiesOf>[number]['decide'] = (now, current, at) => {
      const fresh = estimateOf(now, current, averageHandlingMs)
      if (current.state !== 'QUEUED' || !differs(current.estimatedWaitTime, fresh)) return undefined
      return queueTask(current, fresh, [], at)
    }
    return [{ name: 'estimate', dueMs, decide }]
  }
}

/** People ahead in the same queue, times the average handling time, in whole seconds. */
function estimateOf(floor: Floor, task: Task, averageHandlingMs: number): number {
  let ahead = 0
  for (const id of floor.waiting) {
    if (id === task.taskId) break
    if (floor.tasks.get(id)?.scriptSelector === task.scriptSelector) ahead += 1
  }
  return Math.round((ahead * averageHandlingMs) / 1_000)
}

function differs(known: EstimatedWait | undefined, seconds: number): boolean {
  return typeof known !== 'number' || known < 0 || Math.abs(known - seconds) >= change_s
}

const change_s = 30
const between_ms = 60_000
