/**
 * The door for SMS from Connect: `inbound/sms-mo-*.json` becomes `message.received` (flows.md 4.1).
 */
import { type Door, type Heard, MalformedBody } from '../adapter.ts'
import { fingerprint } from '../fingerprint.ts'
import { normaliseAsset, normaliseCustomer } from '../identity.ts'
import { type Fields, objectAt, requiredTextAt, textAt, textOr } from '../loose-body.ts'
import { utcMoment } from '../moment.ts'
import { inboundFiles, liveChatAttachments } from './live-chat-attachments.ts'
import { scanVerdict } from './scan-verdict.ts'

const body_bytes_max = 1_048_576

/**
 * Hears an SMS. Throws `MalformedBody` without sender (`oa`) or service number (`da`), with a text that is no text, or
 * with neither `message` nor `keyword`. A blank message is normal (E5).
 * Files come along where a provider has them (MMS), under the rules of a live chat.
 */
export const smsDoor: Door = { name: 'sms', body_bytes_max, parse }

function parse(body: unknown, receivedAt: string): Heard {
  const fields = objectAt(body)
  const customer = normaliseCustomer('sms', requiredTextAt(fields, 'oa'))
  const asset = normaliseAsset('sms', requiredTextAt(fields, 'da'))
  const text = textOf(fields)
  const at = utcMoment(fields.ts) ?? receivedAt
  const attachments = liveChatAttachments(fields)
  return {
    kind: 'customer',
    address: { channel: 'sms', asset, customer },
    event: {
      type: 'message.received',
      id: idOf(fields, { asset, customer, at, text }),
      at,
      text,
      scan: scanVerdict(fields),
      ...(attachments.length > 0 ? { attachments } : {}),
    },
    ...(attachments.length > 0 ? { files: inboundFiles(fields) } : {}),
  }
}

/** With a keyword configured, the provider moves the first word there, and a one-word message is left empty (E4). */
function textOf(fields: Fields): string {
  const keyword = textAt(fields, 'keyword') ?? ''
  const message = textAt(fields, 'message')
  if (fields.message === undefined && keyword.trim() === '') {
    throw new MalformedBody([{ path: 'message', expected: 'a string', found: 'nothing' }])
  }
  return `${keyword} ${message ?? ''}`.trim()
}

/** CONTRACTS section 3: `tid`, else `transid`. With neither, what makes the message (flows.md section 12). */
function idOf(fields: Fields, says: { asset: string; customer: string; at: string; text: string }): string {
  const { asset, customer, at, text } = says
  return textOr(fields.tid, '') || textOr(fields.transid, '') || fingerprint('sms', asset, customer, at, text)
}
