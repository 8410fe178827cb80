/**
 * The door for email from Connect: `inbound/email-mo-*.json` become messages (EM1, flows.md 4.3). Which conversation a mail
 * belongs to by its references is `runtime/mail-threads.ts`'s to find; this door names it by customer, mailbox and subject.
 */
import type { Attachment, Mail } from '../../machines/events.ts'
import { maskText } from '../../machines/sensitive-data.ts'
import { type Door, type Heard, type InboundFiles, MalformedBody } from '../adapter.ts'
import { fingerprint } from '../fingerprint.ts'
import { normaliseAsset, normaliseCustomer } from '../identity.ts'
import { type Fields, objectAt, requiredTextAt, textAt, textOr } from '../loose-body.ts'
import { topicOf } from '../mail-topic.ts'
import { utcMoment } from '../moment.ts'
import { emailAttachments } from './email-attachments.ts'
import { mailHtml, mailText } from './mail-body.ts'
import { headersOf, idsIn, isAutomatic, mailboxesIn } from './mail-headers.ts'
import { scanVerdict } from './scan-verdict.ts'

/** 26 MiB: files of 25 MB in all may come inside the body. */
const body_bytes_max = 27_262_976

/**
 * Hears a mail. The customer is its sender in lower case, the asset its `appId`. A mail from a mailbox to itself is ignored,
 * as the platform does (E12). Throws `MalformedBody` without a sender or an application, and for a mail that has neither
 * subject, text nor files.
 */
export const emailDoor: Door = { name: 'email', body_bytes_max, parse }

function parse(body: unknown, receivedAt: string): Heard {
  const fields = objectAt(body)
  const from = senderOf(fields)
  const asset = normaliseAsset('email', requiredTextAt(fields, 'appId'))
  const id = textOr(fields.messageId, '') || textOr(fields.transId, '') || fingerprint('email', JSON.stringify(fields))
  const mail = mailOf(fields, from)
  if (mail.to.length === 1 && mail.to[0] === from) {
    return { kind: 'ignored', eventId: id, reason: 'a mail from a mailbox to itself' }
  }
  const { attachments, files } = emailAttachments(fields)
  const { text, found, whole } = mailText(textIn(fields, attachments))
  if (whole) {
    attachments.push({ name: 'message.txt', contentType: 'text/plain', url: '' })
    files.bytes.push(whole)
  }
  const topic = topicOf(maskText(mail.subject).text)
  return {
    kind: 'customer',
    address: { channel: 'email', asset, customer: from, topic },
    event: {
      type: 'message.received',
      id,
      at: utcMoment(fields.timestamp) ?? receivedAt,
      text,
      scan: found ? 'masked' : scanVerdict(fields),
      ...(attachments.length === 0 ? {} : { attachments }),
      mail,
    },
    ...filesOf(files),
  }
}

function senderOf(fields: Fields): string {
  const [sender] = mailboxesIn(requiredTextAt(fields, 'emailId'))
  if (sender) return normaliseCustomer('email', sender)
  throw new MalformedBody([{ path: 'emailId', expected: 'an email address', found: 'another text' }])
}

function mailOf(fields: Fields, from: string): Mail {
  const headers = headersOf(fields.headers)
  return {
    from,
    fromName: textOr(fields.senderName, ''),
    subject: textOr(fields.subject, ''),
    messageId: textOr(fields.messageId, ''),
    inReplyTo: idsIn(textOr(fields.inReplyTo, '') || headers('in-reply-to')).at(0) ?? '',
    references: idsIn(headers('references')),
    to: mailboxesIn(fields.toAddresses),
    cc: mailboxesIn(fields.ccRecipients),
    bcc: mailboxesIn(fields.bccRecipients),
    html: mailHtml(textOr(fields.strippedHTML, '') || textOr(fields.htmlMessage, '')),
    automatic: isAutomatic(headers, from),
  }
}

/** What the customer wrote themselves, without what they quoted, where the provider could tell. */
function textIn(fields: Fields, attachments: readonly Attachment[]): string {
  const whole = textAt(fields, 'message')
  const nothing = whole === undefined && fields.subject === undefined && fields.htmlMessage === undefined
  if (nothing && attachments.length === 0) {
    throw new MalformedBody([{ path: 'message', expected: 'a string', found: 'nothing' }])
  }
  return textOr(fields.strippedText, '') || (whole ?? '').trim()
}

const filesOf = (files: InboundFiles): { files?: InboundFiles } => (files.bytes.length === 0 ? {} : { files })
