/**
 * Tasks as Digital Routing writes them: the bodies of `POST /drapi/v1/tasks` and of its task action.
 * Keeps: the same bytes for the same payload and tracking id, and the keys of the samples in their order.
 */
import type { PayloadOf, Variable } from '../../machines/effects.ts'
import { uuidOf } from '../fingerprint.ts'

/** The body of Create Task, for a new task and for a re-injection alike (TR3). The destination is the asset (A2, DE5). */
export function createTaskBody(task: PayloadOf<'createTask'>, trackingId: string): string {
  return JSON.stringify({
    trackingId: trackingIdOf(trackingId),
    taskId: task.taskId,
    direction: 'inbound',
    destination: task.address.asset,
    origin: task.origin,
    customerId: task.customerId,
    mediaType: task.mediaType,
    mediaChannel: task.mediaChannel,
    preferredOwner: '',
    scriptSelector: task.scriptSelector,
    variables: task.variables.map(wireVariable),
  })
}

/** The body of End Task: the task action `Close` with the disposition the conversation chose (SM11). */
export function endTaskBody(task: PayloadOf<'endTask'>): string {
  return JSON.stringify({
    taskId: task.taskId,
    operation: 'Close',
    dispositionCode: task.disposition,
    variables: task.variables.map(wireVariable),
  })
}

/** `WebexConnect_<uuid>`: takes the UUID of the tracking id, or makes one of it. */
function trackingIdOf(trackingId: string): string {
  const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.exec(trackingId)?.[0] ?? uuidOf(trackingId)
  return `WebexConnect_${uuid}`
}

const wireVariable = ({ key, value }: Variable) => ({ key, type: 'String', value })
