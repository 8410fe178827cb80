/**
 * A mail as Connect's messaging API takes it (samples/outbound/email-notification.json), and the id by which an answer to
 * it is recognised. Every mail from here is an automatic answer and says so (RFC 3834), so that machines do not answer it.
 * Keeps: the same bytes for the same payload and key.
 */
import type { OutboundMail, OutboundMessage } from '../../machines/effects.ts'
import { correlationIdOf, receiptFields } from './message-codec.ts'

/** The body of `POST /v2/messages` for a mail. `key` is the effect's idempotency key: its id is made of it. */
export function emailBody(message: OutboundMessage, mail: OutboundMail, key: string, notifyUrl?: string): string {
  const { address, text } = message
  return JSON.stringify({
    channel: 'email',
    from: mail.from,
    fromName: mail.fromName,
    to: [{ email: [address.customer], correlationId: correlationIdOf(message) }],
    cc: mail.cc,
    bcc: mail.bcc,
    subject: mail.subject,
    content: { type: 'text', text },
    headers: mailHeaders(mail, key),
    ...receiptFields(message, key, notifyUrl),
  })
}

/** What a mail says of itself besides its own fields: its thread, and that a machine wrote it. */
export const mailHeaders = ({ from, inReplyTo, references }: OutboundMail, key: string): Record<string, string> => ({
  'Message-ID': messageIdOf(key, from),
  ...(inReplyTo === '' ? {} : { 'In-Reply-To': inReplyTo }),
  ...(references.length === 0 ? {} : { References: references.join(' ') }),
  'Auto-Submitted': 'auto-replied',
  'X-Auto-Response-Suppress': 'All',
})

/** `<parley.0123456789abcdef.42.0@corp.example>`: the actor, so that an answer needs no look-up. */
export const messageIdOf = (key: string, mailbox: string): string => `<parley.${key}@${mailbox.split('@').at(-1)}>`

/** The actor whose mail has this id, or undefined when it is not one of ours. Who answers must still belong to the thread. */
export const actorOfMessageId = (id: string): string | undefined => /^<parley\.([0-9a-f]{16})\./.exec(id)?.[1]
