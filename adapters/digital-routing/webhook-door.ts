/**
 * The door of Digital Routing's webhooks: CREATED, QUEUED, ROUTED, TRANSFERRED and CLOSED of one task.
 * Webhooks come late, twice and out of order (flows.md section 1, decision 7); this door only reads one, the machine judges.
 * Field names are matched case-insensitively, since the product spells them in more than one way (flows.md 2.9).
 */
import type { TaskEvent } from '../../machines/events.ts'
import { actorVariable } from '../../machines/task-context.ts'
import type { Door, Heard } from '../adapter.ts'
import { fingerprint } from '../fingerprint.ts'
import { normaliseAsset } from '../identity.ts'
import { caseless, type Fields, objectAt, requiredTextAt, scalarText, textOr } from '../loose-body.ts'
import { topicOf } from '../mail-topic.ts'
import { utcMoment } from '../moment.ts'
import { channelOfTask } from './media.ts'

const body_bytes_max = 1_048_576

/**
 * Hears `dr-webhooks/*.json`. An unknown event type is `unhandled`, and so is a ROUTED without its agent.
 * Throws `MalformedBody` without an event type or a task id.
 */
export const webhookDoor: Door = { name: 'digital-routing', body_bytes_max, parse }

function parse(body: unknown, receivedAt: string): Heard {
  const envelope = caseless(objectAt(body))
  const task = caseless(objectAt(envelope.task, 'task'))
  const taskId = requiredTextAt(task, 'taskid', 'task.taskId')
  const eventType = requiredTextAt(envelope, 'eventtype', 'eventType').toUpperCase()
  const variables = variablesOf(task.variables)
  const said = { eventType, taskId, task, variables, moment: momentOf(task, envelope) }
  const id = textOr(envelope.eventid, fingerprintOf(said))

  const event = eventOf(said, { id, at: said.moment ?? receivedAt })
  if ('unhandled' in event) return { kind: 'unhandled', eventId: id, reason: event.unhandled }
  const channel = channelOfTask(textOr(task.mediachannel, ''), textOr(task.mediatype, ''))
  const destination = normaliseAsset(channel, textOr(task.destination, ''))
  const actor = findVariable(variables, actorVariable)
  const topic = channel === 'email' ? { topic: topicOf(findVariable(variables, 'EmailSubject') ?? '') } : {}
  const identity = { actor, taskId, channel, destination, origin: textOr(task.origin, ''), ...topic }
  return { kind: 'task', task: identity, event }
}

interface Said {
  eventType: string
  taskId: string
  task: Fields
  variables: Record<string, string>
  moment: string | undefined
}

/** The task's own time comes first: a webhook sent again, or late, still says when the task changed (E40). */
const momentOf = (task: Fields, envelope: Fields): string | undefined =>
  utcMoment(task.lastupdatedtime) ?? utcMoment(envelope.eventtime)

function eventOf(said: Said, heard: { id: string; at: string }): TaskEvent | { unhandled: string } {
  const { task, taskId, variables } = said
  const mediaResourceId = findVariable(variables, 'user_DR_MediaResourceID')
  const scriptSelector = textOr(task.scriptselector, '')
  const fields = {
    ...heard,
    taskId,
    variables,
    ...(mediaResourceId === undefined ? {} : { mediaResourceId }),
    ...(scriptSelector === '' ? {} : { scriptSelector }),
  }
  const agentId = textOr(task.ownerid, '')
  const disposition = textOr(task.dispositioncode, '')
  switch (said.eventType) {
    case 'CREATED':
      return { type: 'task.created', ...fields }
    case 'QUEUED':
      return { type: 'task.queued', ...fields, estimatedWaitSeconds: estimatedWaitSeconds(task.estimatedwaittime) }
    case 'ROUTED':
      return agentId === '' ? { unhandled: 'ROUTED without ownerId' } : { type: 'task.routed', ...fields, agentId }
    case 'TRANSFERRED':
      return { type: 'task.transferred', ...fields, agentId, cause: disposition }
    case 'CLOSED':
      return { type: 'task.closed', ...fields, disposition }
    default:
      return { unhandled: 'unknown eventType' }
  }
}

/** Two webhooks without an id are one when they say the same of the same task at the same time (flows.md section 12). */
function fingerprintOf({ eventType, taskId, task, variables, moment }: Said): string {
  const says = [task.ownerid, task.dispositioncode, task.scriptselector, task.estimatedwaittime].map((value) =>
    textOr(value, ''),
  )
  const sorted = Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1))
  return fingerprint(taskId, eventType, ...says, moment ?? '', JSON.stringify(sorted))
}

/** QU2, QU3, A15: null unless it is a number, or a string of one, that is not negative. Decimals stay. */
function estimatedWaitSeconds(raw: unknown): number | null {
  const text = scalarText(raw)?.trim() ?? ''
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

function variablesOf(raw: unknown): Record<string, string> {
  if (!Array.isArray(raw)) return {}
  return Object.fromEntries(
    raw.flatMap((entry: unknown) => {
      const { key, value } = caseless(typeof entry === 'object' && entry !== null ? { ...entry } : {})
      const name = textOr(key, '')
      // No plain object can carry this name safely; nobody means it.
      return name === '' || name === '__proto__' ? [] : [[name, variableText(value)] as const]
    }),
  )
}

const variableText = (value: unknown): string =>
  value === null || value === undefined ? '' : (scalarText(value) ?? JSON.stringify(value))

/** The first non-empty variable of that name, in whatever case. */
function findVariable(variables: Record<string, string>, name: string): string | undefined {
  const found = Object.entries(variables).find(
    ([key, value]) => key.toLowerCase() === name.toLowerCase() && value !== '',
  )
  return found?.[1]
}
