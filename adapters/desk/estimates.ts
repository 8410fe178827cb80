/**
 * Estimated wait times: QUEUED webhooks with seconds, as the router's script sends them (flows.md 2.6).
 * Pure: it only says what is due; `duties.ts` keeps the time.
 */

import { aheadOf, freePlacesFor, measuredHandlingMs, placesFor } from './crew.ts'
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
  return (floor, task, at) => {
    const { automatic, estimates: always, estimateAfterMs, averageHandlingMs } = settings()
    if (task.state !== 'QUEUED' || !(automatic || always || floor.agents.size > 0)) return []
    if (!differs(task.estimatedWaitTime, estimateOf(floor, task, averageHandlingMs, at))) return []
    const dueMs =
      task.estimatedAt === undefined
        ? Date.parse(task.waitingSince) + estimateAfterMs
        : Date.parse(task.estimatedAt) + between_ms
    const decide: ReturnType<DutiesOf>[number]['decide'] = (now, current, at) => {
      const fresh = estimateOf(now, current, averageHandlingMs, at)
      if (current.state !== 'QUEUED' || !differs(current.estimatedWaitTime, fresh)) return undefined
      return queueTask(current, fresh, [], at)
    }
    return [{ name: 'estimate', dueMs, decide }]
  }
}

/** Whole seconds; -1 when not known. Without people of its own the desk takes the average that it was told. */
function estimateOf(floor: Floor, task: Task, averageHandlingMs: number, at: string): number {
  return floor.agents.size > 0 ? measuredEstimate(floor, task, at) : toldEstimate(floor, task, averageHandlingMs)
}

/**
 * What a task must wait until an agent is free for it: with c places, all taken, one falls free every h/c on average (h the
 * measured handling time), and it must do so once more than there are tasks ahead. Over the states of an M/M/c queue these
 * estimates average to Erlang C's mean wait. -1 while nobody is at work or too little has been measured.
 */
export function measuredEstimate(floor: Floor, task: Task, at: string): number {
  const places = placesFor(floor, task)
  const turns = aheadOf(floor, task) + 1 - freePlacesFor(floor, task, at)
  if (places > 0 && turns <= 0) return 0
  const handlingMs = measuredHandlingMs(floor, task.scriptSelector)
  return places === 0 || handlingMs === undefined ? -1 : Math.round((turns * handlingMs) / places / 1_000)
}

/** People ahead in the same queue, times the average handling time. */
function toldEstimate(floor: Floor, task: Task, averageHandlingMs: number): number {
  let ahead = 0
  for (const id of floor.waiting) {
    if (id === task.taskId) break
    if (floor.tasks.get(id)?.scriptSelector === task.scriptSelector) ahead += 1
  }
  return Math.round((ahead * averageHandlingMs) / 1_000)
}

function differs(known: EstimatedWait | undefined, seconds: number): boolean {
  if (typeof known !== 'number' || known < 0) return seconds >= 0
  return seconds < 0 || Math.abs(known - seconds) >= change_s
}

const change_s = 30
const between_ms = 60_000
