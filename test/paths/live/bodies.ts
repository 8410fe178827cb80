/**
 * An event of a path as the provider would post it: which door, and which body. Undefined where no provider can say just
 * that (a text message with a file, a closed window that names none): then it is stored as a gateway would have stored it.
 * Whether a body says what the path means is asked of the door itself.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Door, Heard } from '../../../adapters/adapter.ts'
import { emailDoor } from '../../../adapters/connect/email-door.ts'
import { liveChatDoor } from '../../../adapters/connect/live-chat-door.ts'
import { receiptsDoor } from '../../../adapters/connect/receipts-door.ts'
import { smsDoor } from '../../../adapters/connect/sms-door.ts'
import {
  type ChatWindow,
  chatClosed,
  chatFormAnswer,
  chatMessage,
  chatPostback,
} from '../../../adapters/desk/chat-bodies.ts'
import { nested } from '../../../adapters/desk/check-results.ts'
import { mailBody } from '../../../adapters/desk/mail-bodies.ts'
import { webhookDoor } from '../../../adapters/digital-routing/webhook-door.ts'
import { type Address, ConversationEvent, type EventOf, type TaskEvent } from '../../../machines/events.ts'
import { plain } from '../../drive.ts'

export interface Posted {
  path: string
  body: object
}

/** The request that says exactly this event at this address; undefined when there is none. */
export function posted(actor: string, address: Address, heard: object): Posted | undefined {
  const event = ConversationEvent.parse(heard)
  const written = bodyOf(actor, address, event)
  if (written === undefined) return undefined
  const { door, path, body } = written
  return saysIt(door, body, address, event) ? { path, body } : undefined
}

type Written = { door: Door; path: string; body: object }

function bodyOf(actor: string, address: Address, event: ConversationEvent): Written | undefined {
  if (event.type.startsWith('task.')) return webhook(address, event as TaskEvent)
  if (event.type === 'receipt.updated') return receipt(actor, event)
  if (event.type === 'effect.failed') return undefined
  if (address.channel === 'live-chat') return chat(address, event)
  if (event.type !== 'message.received' || event.attachments) return undefined
  return event.mail ? email(address, event) : sms(address, event)
}

function saysIt(door: Door, body: object, address: Address, event: ConversationEvent): boolean {
  let said: Heard
  try {
    said = door.parse(plain(body), event.at)
  } catch {
    return false
  }
  if (!('event' in said) || ('files' in said && said.files?.bytes.length)) return false
  if (said.kind === 'customer' && !isDeepStrictEqual(said.address, address)) return false
  return isDeepStrictEqual(bare(said.event), bare(event))
}

/** A receipt has no id of its own: the door makes one. */
const bare = ({ id, ...event }: ConversationEvent) => plain(event.type === 'receipt.updated' ? event : { id, ...event })

const verdicts = {
  clean: undefined,
  masked: { isPCIValidationDone: true, isPCICompliance: false },
  failed: { isPCIValidationDone: false, isPCICompliance: false },
}

type Message = EventOf<'message.received'>

function sms({ asset, customer }: Address, { id, at, text, scan }: Message): Written {
  const said = { tid: id, channel: 'SMS', message: text, keyword: '', oa: customer, da: asset, ts: at }
  const verdict = verdicts[scan]
  const body = verdict ? { ...said, pciInfo: nested(verdict) } : said
  return { door: smsDoor, path: '/v1/inbound/sms', body }
}

function email({ asset }: Address, { id, at, text, scan, mail }: Message): Written {
  const { from, fromName, to, cc, bcc, subject, html, inReplyTo, automatic } = mail!
  const headers: Record<string, string> = automatic ? { 'Auto-Submitted': 'auto-replied' } : {}
  const verdict = verdicts[scan]
  const sent = { app: asset, from, fromName, to: to.join(','), cc, bcc, subject, text, quoted: '', html, headers }
  const checks = verdict ? { pciInfo: verdict } : {}
  const body = mailBody({ ...sent, messageId: id, inReplyTo, attachments: [], checks }, at)
  return { door: emailDoor, path: '/v1/inbound/email', body }
}

function chat({ asset, customer }: Address, event: ConversationEvent): Written | undefined {
  const { id, at } = event
  const thread = 'thread' in event ? (event.thread ?? '') : ''
  const window: ChatWindow = { user: customer, app: asset, thread, tid: id }
  const of = (body: object): Written => ({ door: liveChatDoor, path: '/v1/inbound/live-chat', body })
  if (event.type === 'thread.closed') return of(chatClosed(window, at))
  if (event.type === 'postback.received') return of(chatPostback(window, { ...event, title: event.identifier }, at))
  if (event.type === 'form.submitted') {
    const answer = chatFormAnswer(window, { ...event, relatedTid: 'form' }, at)
    const verdict = verdicts[event.scan]
    return of(verdict ? { ...answer, pciInfo: nested(verdict) } : answer)
  }
  if (event.type !== 'message.received' || event.attachments) return undefined
  const verdict = verdicts[event.scan]
  return of(chatMessage(window, event.text, [], at, verdict ? { pciInfo: verdict } : {}))
}

const media = { sms: 'SMS', 'live-chat': 'Live Chat/In App Messaging', email: 'Email' }

function webhook({ channel, asset, customer }: Address, event: TaskEvent): Written {
  const own = {
    ...('estimatedWaitSeconds' in event ? { estimatedWaitTime: event.estimatedWaitSeconds } : {}),
    ...('agentId' in event ? { ownerId: event.agentId } : {}),
    ...('disposition' in event ? { dispositionCode: event.disposition } : {}),
    ...('cause' in event ? { dispositionCode: event.cause } : {}),
    ...(event.scriptSelector === undefined ? {} : { scriptSelector: event.scriptSelector }),
  }
  const task = {
    taskId: event.taskId,
    mediaChannel: media[channel],
    destination: asset,
    origin: customer,
    variables: Object.entries(event.variables).map(([key, value]) => ({ key, type: 'String', value })),
    lastUpdatedTime: event.at,
    ...own,
  }
  const eventType = event.type.slice('task.'.length).toUpperCase()
  return {
    door: webhookDoor,
    path: '/v1/webhooks/digital-routing',
    body: { eventId: event.id, eventType, eventTime: event.at, task },
  }
}

function receipt(actor: string, { correlationId, status, code, at }: EventOf<'receipt.updated'>): Written {
  const deliveryInfo = { deliveryStatus: status, code, timeStamp: at }
  const body = {
    deliveryInfoNotification: { deliveryInfo, correlationid: correlationId, callbackData: JSON.stringify({ actor }) },
  }
  return { door: receiptsDoor, path: '/v1/receipts', body }
}
