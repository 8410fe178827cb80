/**
 * Twilio's forms in the words of the doors that take them: a text as the SMS door has it, a status as the receipts door
 * has it. So that what becomes of either is the same as when Connect posts it, its way through the dead letters too.
 * Pure. Throws `MalformedBody` for what Twilio would not send.
 */
import { MalformedBody } from '../adapter.ts'
import type { TextOrigin } from '../text-line.ts'

/** The body for the SMS door. `MessageSid` is the event's identity, `MediaUrl0` and so on are files. */
export function textBody(form: URLSearchParams): object {
  return {
    tid: required(form, 'MessageSid'),
    channel: 'SMS',
    oa: required(form, 'From'),
    da: required(form, 'To'),
    message: present(form, 'Body'),
    keyword: '',
    attachments: Array.from({ length: countOfMedia(form) }, (_, index) => ({
      name: `attachment-${index + 1}`,
      url: form.get(`MediaUrl${index}`) ?? '',
      contentType: form.get(`MediaContentType${index}`) ?? '',
    })),
  }
}

/** `origin`: the query of the address that was given along. The body for the receipts door; undefined for the stages before Twilio has handed the message on, which say nothing. */
export function receiptBody(form: URLSearchParams, { actor, correlationId, key }: TextOrigin): object | undefined {
  const transid = required(form, 'MessageSid')
  const stage = required(form, 'MessageStatus').toLowerCase()
  if (underWay.has(stage)) return undefined
  return {
    deliveryInfoNotification: {
      transid,
      // One message has one receipt a stage, however often Twilio tells of it.
      subtid: stage,
      correlationid: correlationId,
      callbackData: { actor, key },
      deliveryInfo: { deliveryStatus: statuses.get(stage) ?? stage, code: form.get('ErrorCode') ?? '' },
    },
  }
}

const underWay = new Set(['accepted', 'scheduled', 'queued', 'sending'])
const statuses = new Map([
  ['sent', 'Submitted'],
  ['delivered', 'Delivered'],
  ['read', 'Read'],
  ['undelivered', 'Failed'],
  ['failed', 'Failed'],
])

/** Twilio sends ten at most. */
const media_max = 10
const countOfMedia = (form: URLSearchParams): number => Math.min(Number(form.get('NumMedia') ?? 0) || 0, media_max)

function required(form: URLSearchParams, name: string): string {
  const value = present(form, name).trim()
  if (value === '') throw malformed(name, 'an empty string')
  return value
}

function present(form: URLSearchParams, name: string): string {
  const value = form.get(name)
  if (value === null) throw malformed(name, 'nothing')
  return value
}

const malformed = (path: string, found: string) => new MalformedBody([{ path, expected: 'a string', found }])
