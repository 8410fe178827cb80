/**
 * accept: a request body → one stored event, or a precise refusal. Card data is masked before anything is stored or
 * logged (T7); 200 is said only when the stream has the event. What is well-formed but nobody's is answered 200 and set
 * aside, since a 4xx would make providers retry or drop for ever (CONTRACTS section 3).
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import { type Door, type Heard, MalformedBody, type TaskIdentity } from '../../adapters/adapter.ts'
import type { Clock } from '../../adapters/clock.ts'
import { withoutFiles } from '../../adapters/without-files.ts'
import type { Address, ConversationEvent } from '../../machines/events.ts'
import { maskDeep, mayContinueNumber } from '../../machines/sensitive-data.ts'
import { actorOfTaskId } from '../../machines/task-id.ts'
import { maskAcrossMessages } from '../across-messages.ts'
import type { Activity } from '../activity.ts'
import type { DecideFiles } from '../attachments.ts'
import { crashPoint } from '../crash-points.ts'
import type { SetAside } from '../dead-letters.ts'
import { envelopeOf } from '../envelope.ts'
import { jsonBody } from '../json-body.ts'
import type { Log } from '../log.ts'
import type { MailBelongs, MailThreads } from '../mail-threads.ts'
import { maskedEvent } from '../masked-event.ts'
import { type Problem, problem } from '../problem.ts'
import { contextOf, type Loaded } from '../record.ts'
import { letterHead } from '../retried-letters.ts'
import { message_bytes_max, subject } from '../streams.ts'
import type { UnhandledCounts } from '../unhandled-counts.ts'
import type { Bindings } from './activate.ts'

export interface AcceptParts {
  js: JetStreamClient
  clock: Clock
  bindings: Bindings
  /** Whether any configured asset has this id; a webhook names its asset without a channel when it must. */
  knowsAsset: (id: string) => boolean
  mailThreads: MailThreads
  actorIdOf: (address: Address) => string
  recordOf: (actor: string) => Promise<Loaded | undefined>
  /** Whose conversation an Engage id, or an actor's own, names. */
  actorOf: (id: string) => string | undefined
  limit: (actor: string) => number
  /** Whether all that was stored of an actor was erased: what comes late for it leaves no trace. */
  wasErased: (actor: string) => Promise<boolean>
  decideFiles: DecideFiles
  setAside: SetAside
  counts: UnhandledCounts
  activity: Activity
  log: Log
  /** The span at the door, or that of whoever sent it. */
  traceparent?: string | undefined
  /** The dead letter that a body comes back from. */
  letter?: string
}

export interface Accepted {
  eventId: string
  duplicate: boolean
  /** Why nothing handles it. */
  unhandled?: string
}

export type AcceptAnswer =
  | { status: 200; body: Accepted }
  | { status: number; body: Problem; retryAfterSeconds?: number }

/** Never throws: what goes wrong is an answer. `raw` is the body as it came. */
export function accept(parts: AcceptParts, door: Door, raw: Uint8Array): Promise<AcceptAnswer> {
  return parts.activity.during(async () => {
    try {
      return await acceptOrThrow(parts, door, raw)
    } catch (error) {
      if (error instanceof MalformedBody) return refuse(problem('malformed-body', error.message, error.errors))
      parts.log.error({ code: 'not-stored', door: door.name, err: error }, 'an event could not be stored')
      return refuse(problem('not-stored', 'the broker did not store the event; send it again'), store_retry_seconds)
    }
  })
}

const store_retry_seconds = 2

async function acceptOrThrow(parts: AcceptParts, door: Door, raw: Uint8Array): Promise<AcceptAnswer> {
  if (raw.length > door.body_bytes_max) {
    const found = `expected at most ${door.body_bytes_max} bytes, found ${raw.length}`
    return refuse(problem('body-too-large', found))
  }
  const read = jsonBody(raw)
  if ('expected' in read) {
    const detail = `body: expected ${read.expected}, found ${read.found}`
    return refuse(problem('malformed-body', detail, [{ path: '', ...read }]))
  }
  const body = read.value
  const receivedAt = new Date(parts.clock.now()).toISOString()
  const heard = door.parse(body, receivedAt)
  const unhandled: Unhandled = (eventId, reason, counted = reason) => {
    parts.counts.add(door.name, counted)
    return setAsideUnhandled(parts, door, eventId, reason, body, receivedAt)
  }

  switch (heard.kind) {
    case 'ignored':
      return { status: 200, body: { eventId: heard.eventId, duplicate: false } }
    case 'unhandled':
      return unhandled(heard.eventId, heard.reason)
    case 'customer':
      return acceptCustomer(parts, door, heard, unhandled)
    case 'task': {
      const found = await actorOfTask(parts, heard.task, heard.event)
      if (!('unhandled' in found)) return store(parts, door, found.actor, heard.event)
      if (await anyErased(parts, actorsNamedBy(parts, heard.task))) return ofNobody(parts, door, heard.event.id)
      return unhandled(heard.event.id, found.unhandled)
    }
    case 'receipt': {
      const actor = heard.actor ?? correlatedActor(parts, heard.event)
      const known = actor !== undefined && (await parts.recordOf(actor)) !== undefined
      if (!known && (await anyErased(parts, [actor]))) return ofNobody(parts, door, heard.event.id)
      if (!known) return unhandled(heard.event.id, 'a receipt for a message no conversation here has sent')
      return store(parts, door, actor, heard.event)
    }
  }
}

/** Some far sides give back the correlation id alone: `conv:<conversation or actor>:<purpose>`. */
function correlatedActor({ actorOf }: AcceptParts, event: ConversationEvent): string | undefined {
  const [, id] = event.type === 'receipt.updated' ? (/^conv:([^:]+):/.exec(event.correlationId) ?? []) : []
  return id === undefined ? undefined : actorOf(id)
}

async function anyErased({ wasErased }: AcceptParts, actors: readonly (string | undefined)[]): Promise<boolean> {
  for (const actor of actors) if (actor && actor_id.test(actor) && (await wasErased(actor))) return true
  return false
}

/** It may be told, and counted; it must not be kept. */
function ofNobody({ counts }: AcceptParts, door: Door, eventId: string): AcceptAnswer {
  const unhandled = 'the customer was erased'
  counts.add(door.name, unhandled)
  return { status: 200, body: { eventId, duplicate: false, unhandled } }
}

/** `counted` is the reason without what only this event says. */
type Unhandled = (eventId: string, reason: string, counted?: string) => Promise<AcceptAnswer>

async function acceptCustomer(
  parts: AcceptParts,
  door: Door,
  { address, event, files }: Extract<Heard, { kind: 'customer' }>,
  unhandled: Unhandled,
): Promise<AcceptAnswer> {
  if (!parts.bindings(address)) {
    return unhandled(
      event.id,
      `no ${address.channel} asset ${address.asset} is configured`,
      'no such asset is configured',
    )
  }
  const { topic: _all, ...customer } = address
  const wait_ms = parts.limit(parts.actorIdOf(customer))
  if (wait_ms > 0) {
    const seconds = Math.ceil(wait_ms / 1_000)
    return refuse(problem('too-many-messages', `this customer may write again in ${seconds} s`), seconds)
  }
  const found = await conversationOf(parts, address, event)
  if ('ignored' in found) return { status: 200, body: { eventId: event.id, duplicate: false } }
  if ('unhandled' in found) return unhandled(event.id, found.unhandled)
  const decided = await parts.decideFiles(nameOf(door, found.actor, event), event, files, found.actor)
  return store(parts, door, found.actor, decided, found.address)
}

/** A mail belongs to the conversation that it answers; everything else to the one of its customer and asset. */
async function conversationOf(parts: AcceptParts, address: Address, event: ConversationEvent): Promise<MailBelongs> {
  if (event.type === 'message.received' && event.mail) return parts.mailThreads.conversationOf(address, event.mail)
  return { actor: parts.actorIdOf(address), address }
}

/**
 * Whose task it is: by our extension variable, by the task id we made, or, for a conversation adopted from elsewhere, by
 * asset and customer together with Engage's id of the conversation (A40, small print of CONTRACTS 6a).
 */
async function actorOfTask(
  parts: AcceptParts,
  task: TaskIdentity,
  event: ConversationEvent,
): Promise<{ actor: string } | { unhandled: string }> {
  if (task.destination !== '' && !parts.knowsAsset(task.destination)) {
    return { unhandled: 'the task names an asset that is not configured' }
  }
  for (const actor of [task.actor, actorOfTaskId(task.taskId)]) {
    if (actor && actor_id.test(actor) && (await parts.recordOf(actor))) return { actor }
  }
  const actor = actorOfOrigin(parts, task)
  if (actor !== undefined) {
    const loaded = await parts.recordOf(actor)
    const named = 'mediaResourceId' in event ? event.mediaResourceId : undefined
    if (loaded && named && contextOf(loaded.record).conversationId === named) return { actor }
  }
  return { unhandled: 'no conversation here has this task' }
}

const actorsNamedBy = (parts: AcceptParts, task: TaskIdentity) => [
  task.actor,
  actorOfTaskId(task.taskId),
  actorOfOrigin(parts, task),
]

function actorOfOrigin(parts: AcceptParts, { channel, destination, origin, topic }: TaskIdentity): string | undefined {
  if (!channel || destination === '' || origin === '') return undefined
  const about = topic === undefined ? {} : { topic }
  return parts.actorIdOf({ channel, asset: destination, customer: origin, ...about })
}

const actor_id = /^[0-9a-f]{16}$/

async function store(
  parts: AcceptParts,
  door: Door,
  actor: string,
  event: ConversationEvent,
  address?: Address,
): Promise<AcceptAnswer> {
  const masked = await maskedTogether(parts, actor, event)
  const { traceparent } = parts
  const stored = Object.assign(envelopeOf(actor, `/doors/${door.name}`, masked, address), { traceparent })
  const envelope = utf8.encode(JSON.stringify(stored))
  if (envelope.length > event_bytes_max) {
    const found = `expected an event of at most ${event_bytes_max} bytes, found ${envelope.length}`
    return refuse(problem('body-too-large', found))
  }
  crashPoint('accept.before-store')
  const { letter } = parts
  const once = letter === undefined ? { msgID: nameOf(door, actor, event) } : { headers: letterHead(letter) }
  const { duplicate } = await parts.js.publish(subject.in(actor), envelope, { ...once, timeout: store_timeout_ms })
  crashPoint('accept.after-store')
  return { status: 200, body: { eventId: event.id, duplicate } }
}

/** T7. The record is read only where the message may complete a card number that those before it began. */
async function maskedTogether(parts: AcceptParts, actor: string, event: ConversationEvent): Promise<ConversationEvent> {
  const masked = maskedEvent(event)
  if (masked.type !== 'message.received' || !mayContinueNumber(masked.text)) return masked
  return maskAcrossMessages(masked, (await parts.recordOf(actor))?.record.tail).event
}
/** The same event, however often it comes (E1). */
const nameOf = (door: Door, actor: string, { id }: ConversationEvent): string => `${door.name}:${actor}:${id}`

const utf8 = new TextEncoder()
const store_timeout_ms = 3_000
/** Its dead letter must fit, too. */
const event_bytes_max = message_bytes_max - 4_096

async function setAsideUnhandled(
  parts: AcceptParts,
  door: Door,
  eventId: string,
  reason: string,
  body: unknown,
  at: string,
): Promise<AcceptAnswer> {
  const content = { door: door.name, body: maskDeep(withoutFiles(body)) }
  await parts.setAside({ kind: 'unhandled', actor: '', reason, at, attempts: 1, content }, `${door.name}:${eventId}`)
  parts.log.warn({ code: 'dead-letter-unhandled', door: door.name }, reason)
  return { status: 200, body: { eventId, duplicate: false, unhandled: reason } }
}

function refuse(body: Problem, retryAfterSeconds?: number): AcceptAnswer {
  return { status: body.status, body, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) }
}
