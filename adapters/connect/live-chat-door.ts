/**
 * The door for live chat from Connect: `inbound/livechat-*.json` become messages, form answers, pressed buttons and
 * closed windows (flows.md 4.2). What a chat window says of itself (typing, profiles) is ignored (E6).
 * Reads none of the fields that the vendor declares unstable (`thread_title`, `extras`, …).
 */
import type { Address, ConversationEvent } from '../../machines/events.ts'
import { type Door, type Heard, MalformedBody } from '../adapter.ts'
import { fingerprint } from '../fingerprint.ts'
import { normaliseAsset } from '../identity.ts'
import { type Fields, nestedObject, objectAt, requiredTextAt, textAt, textOr } from '../loose-body.ts'
import { utcMoment } from '../moment.ts'
import { inboundFiles, liveChatAttachments } from './live-chat-attachments.ts'
import { formAnswerOf } from './live-chat-form.ts'
import { scanVerdict } from './scan-verdict.ts'

const body_bytes_max = 1_048_576

/**
 * Hears a live chat event. The customer is `userId` as it is, the asset `appId`. Unhandled: an event type nobody knows,
 * a form or a button whose nested JSON cannot be read, a closed window that names no user.
 * Throws `MalformedBody` without an event type, user or application, and for a message that has neither text nor files.
 */
export const liveChatDoor: Door = { name: 'live-chat', body_bytes_max, parse }

function parse(body: unknown, receivedAt: string): Heard {
  const fields = objectAt(body)
  const id = textOr(fields.tid, '') || textOr(fields.transid, '') || fingerprint('live-chat', JSON.stringify(fields))
  const name = requiredTextAt(fields, 'event').toLowerCase()
  if (silent.has(name)) return { kind: 'ignored', eventId: id, reason: 'a chat window speaking of itself' }
  const hear = hearings.get(name)
  if (!hear) return { kind: 'unhandled', eventId: id, reason: 'unknown live chat event' }
  const said = hear(fields, { id, at: utcMoment(fields.ts) ?? receivedAt, ...threadOf(fields) })
  if ('ignored' in said) return { kind: 'ignored', eventId: id, reason: said.ignored }
  if ('unhandled' in said) return { kind: 'unhandled', eventId: id, reason: said.unhandled }
  const heard: Heard = { kind: 'customer', address: addressOf(fields), event: said }
  return 'attachments' in said ? { ...heard, files: inboundFiles(fields) } : heard
}

type Said = ConversationEvent | { ignored: string } | { unhandled: string }
interface Common {
  id: string
  at: string
  thread?: string
}

const hearings = new Map<string, (fields: Fields, common: Common) => Said>([
  ['mo', message],
  ['onformresponse', formResponse],
  ['onpostback', postback],
  ['onthreadclosed', threadClosed],
])

/** E6: events that change no conversation. */
const silent = new Set(['typingindicator', 'onprofilecreate', 'onprofileupdate', 'updatethreadack'])

/** E7: older widgets send these as messages. */
const legacy_typing = 'typing_indicator'
const legacy_close = 'closechat'

function message(fields: Fields, common: Common): Said {
  const written = textAt(fields, 'message')
  const literal = written?.trim().toLowerCase()
  if (literal === legacy_typing) return { ignored: 'a typing indicator of an older widget' }
  if (literal === legacy_close) return { type: 'thread.closed', ...common }
  const attachments = liveChatAttachments(fields)
  if (fields.message === undefined && attachments.length === 0) {
    throw new MalformedBody([{ path: 'message', expected: 'a string', found: 'nothing' }])
  }
  return {
    type: 'message.received',
    ...common,
    text: literal ? (written ?? '') : '',
    scan: scanVerdict(fields),
    ...(attachments.length === 0 ? {} : { attachments }),
  }
}

/** What a scan that failed has not seen is not handed on (E109): of such a form only its questions are left. */
function formResponse(fields: Fields, common: Common): Said {
  const answer = formAnswerOf(fields.attachments)
  if (!answer) return { unhandled: 'a form answer that cannot be read' }
  const verdict = scanVerdict(fields)
  if (verdict !== 'failed') return { type: 'form.submitted', ...common, ...answer, scan: verdict }
  const withheld = answer.fields.map((field) => ({ ...field, value: '' }))
  return { type: 'form.submitted', ...common, title: answer.title, fields: withheld, scan: 'masked' }
}

function postback(fields: Fields, common: Common): Said {
  const pressed = nestedObject(fields.interactiveData)
  const identifier = textOr(pressed.identifier, '')
  if (identifier === '') return { unhandled: 'a pressed button without its identifier' }
  return { type: 'postback.received', ...common, reference: textOr(pressed.reference, ''), identifier }
}

function threadClosed(fields: Fields, common: Common): Said {
  if (textOr(fields.userId, '') === '') return { unhandled: 'a closed window without its user' }
  return { type: 'thread.closed', ...common }
}

function threadOf(fields: Fields): { thread?: string } {
  const thread = textOr(fields.thread_id, '') || textOr(fields.threadId, '')
  return thread === '' ? {} : { thread }
}

/** The user is checked for being there, and passed on as written: no two spellings of it are one. */
function addressOf(fields: Fields): Address {
  requiredTextAt(fields, 'userId')
  const asset = normaliseAsset('live-chat', requiredTextAt(fields, 'appId'))
  return { channel: 'live-chat', asset, customer: textAt(fields, 'userId') ?? '' }
}
