/**
 * How long a task may ring and how long it may wait (flows.md 2.7), and how many may wait. Pure: it only says what is due;
 * `duties.ts` keeps the time.
 */
import { ringOut } from './agent-acts.ts'
import { isRinging, queueOf } from './crew.ts'
import type { DutiesOf } from './duties.ts'
import type { MediaLimits } from './entries.ts'
import type { Floor } from './floor.ts'
import { closeTask } from './task-acts.ts'

/** RONA: an offer that nobody accepts in the queue's `ringMs` is taken back. */
export const ringDuty: DutiesOf = (floor, task) => {
  if (!isRinging(task)) return []
  const { offeredAt } = task
  const dueMs = Date.parse(offeredAt ?? '') + queueOf(floor, task.scriptSelector).ringMs
  return [
    {
      name: 'ring',
      dueMs,
      decide: (now, current, at) =>
        isRinging(current) && current.offeredAt === offeredAt
          ? ringOut(current, now.agents.get(current.ownerId ?? ''), at)
          : undefined,
    },
  ]
}

/** A task that waited as long as its media type allows is closed; the customer is told by its CLOSED webhook. */
export const waitDuty: DutiesOf = (floor, task) => {
  if (task.state !== 'QUEUED') return []
  const { waitingSince } = task
  return [
    {
      name: 'waitMax',
      dueMs: Date.parse(waitingSince) + mediaLimitsOf(floor, task.mediaType).waitMaxMs,
      decide: (_now, current, at) =>
        current.state === 'QUEUED' && current.waitingSince === waitingSince
          ? closeTask(current, 'CD_MAX_DIALOG_LIFETIME_EXCEEDED', [], at)
          : undefined,
    },
  ]
}

export function mediaLimitsOf({ media }: Floor, mediaType: string): MediaLimits {
  return media.get(mediaType) ?? { mediaType, limit: null, waitMaxMs: usual_wait_ms[mediaType] ?? 3 * day_ms }
}

/** True when no further task of this media type may wait. */
export function isMediaFull(floor: Floor, mediaType: string): boolean {
  const { limit } = mediaLimitsOf(floor, mediaType)
  if (limit === null) return false
  let waiting = 0
  for (const id of floor.waiting) if (floor.tasks.get(id)?.mediaType === mediaType) waiting += 1
  return waiting >= limit
}

const day_ms = 24 * 3_600_000
const usual_wait_ms: Record<string, number> = { Chat: 2 * 3_600_000, 'Web Callback': 2 * 3_600_000 }
