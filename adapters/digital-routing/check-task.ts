/**
 * How a task stands, read as the webhook that may have been lost (E41): the state's own event, with the task's own time, so
 * that what is older than what was already heard changes nothing. Digital Routing forgets a closed task after 15 minutes,
 * so an unknown one is closed (flows.md 2.7).
 */
import type { ConversationEvent } from '../../machines/events.ts'
import type { Answer } from '../http.ts'
import { nestedObject } from '../loose-body.ts'
import { agreed, failureOfStatus } from '../status-failure.ts'
import { webhookDoor } from './webhook-door.ts'

/** `{}` for a state that says nothing new. Throws `EffectError` when the service could not be asked. */
export function checkTaskAnswer(answer: Answer, taskId: string, at: string): { heard?: ConversationEvent } {
  if (answer.status === 404) {
    return {
      heard: { type: 'task.closed', id: `${taskId}.unknown`, at, taskId, variables: {}, disposition: 'UNKNOWN' },
    }
  }
  if (!agreed(answer)) throw failureOfStatus('digital-routing', 'get task', answer)
  const task = nestedObject(answer.body)
  if (typeof task.state !== 'string' || task.state === '') return {}
  const read = webhookDoor.parse({ eventType: task.state, task: { ...task, taskId } }, at)
  return read.kind === 'task' ? { heard: read.event } : {}
}
