/**
 * Digital Routing's webhook, word for word as in samples/dr-webhooks/*.json, ready for the outgoing queue.
 * Pure but for the event id, which is drawn once when the webhook is queued and kept on every try.
 */
import { randomUUID } from 'node:crypto'
import type { Delivery, Task, TaskState } from './entries.ts'

/** `task` as it is after the act; `eventType` is the state it tells of, which a late QUEUED may not share with the task. */
export function webhookOf(eventType: TaskState, task: Task, at: string): Delivery {
  const eventId = randomUUID()
  return {
    id: eventId,
    kind: 'webhook',
    lane: task.taskId,
    type: eventType,
    taskId: task.taskId,
    to: '',
    body: {
      eventId,
      eventType,
      eventTime: at,
      task: { ...commonFields(task, eventType, at), ...ownFields[eventType](task) },
    },
  }
}

function commonFields(task: Task, state: TaskState, at: string) {
  return {
    taskId: task.taskId,
    destination: task.destination,
    origin: task.origin,
    customerId: task.customerId,
    mediaType: task.mediaType,
    mediaChannel: task.mediaChannel,
    scriptSelector: task.scriptSelector,
    direction: task.direction,
    variables: task.variables,
    state,
    createdTime: task.createdTime,
    lastUpdatedTime: at,
  }
}

const ownFields: Record<TaskState, (task: Task) => object> = {
  CREATED: () => ({}),
  QUEUED: (task) => (task.estimatedWaitTime === undefined ? {} : { estimatedWaitTime: task.estimatedWaitTime }),
  ROUTED: (task) => ({ ownerId: task.ownerId }),
  TRANSFERRED: (task) => ({ ownerId: task.ownerId, dispositionCode: task.dispositionCode }),
  CLOSED: (task) => ({ dispositionCode: task.dispositionCode }),
}
