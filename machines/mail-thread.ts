/**
 * The thread of an email conversation: what the next mail from us answers, and who may write into it. Pure.
 * Email_Inbound_Flow remembers it; the CREATED and TRANSFERRED flows answer in it (CR3, TR5, E67).
 */
import type { Context } from './context.ts'
import type { OutboundMail } from './effects.ts'
import type { Mail } from './events.ts'

export interface MailThread {
  /** As the customer wrote it, card data masked. */
  subject: string
  /** The newest mail of a person in it: what the next answer answers. */
  messageId: string
  /** Ids of the mails before, oldest first. */
  references: string[]
  cc: string[]
  bcc: string[]
  /** Everybody who may write into it, in lower case: the customer, and those the thread had in copy. */
  people: string[]
  /** The mail that the last notice about card data or files was sent for, and when (A39). */
  noticed: { id: string; at_ms: number } | null
}

/** As many as mail programs keep: the first, which names the thread, and the last ones. */
const references_max = 20

/** The thread once that mail is in it; a machine's mail changes nothing. `thread` is null before the first. */
export function threadAfter(thread: MailThread | null, mail: Mail, customer: string): MailThread | null {
  if (mail.automatic) return thread
  const known = thread ? [...thread.references, thread.messageId] : mail.references
  const before = [...new Set([...known, mail.inReplyTo].filter((id) => id !== '' && id !== mail.messageId))]
  return {
    subject: thread?.subject ?? mail.subject,
    messageId: mail.messageId || (thread?.messageId ?? ''),
    references: before.length > references_max ? [before[0]!, ...before.slice(1 - references_max)] : before,
    cc: mail.cc,
    bcc: mail.bcc,
    people: [...new Set([...(thread?.people ?? []), customer, mail.from, ...mail.cc, ...mail.bcc])],
    noticed: thread?.noticed ?? null,
  }
}

/** A39: a mail that needs a notice gets one, unless the last one is not long ago; told by `noticed` naming it. */
export function noticedAfter(
  thread: MailThread | null,
  id: string,
  at_ms: number,
  interval_seconds: number,
): MailThread | null {
  if (thread === null) return null
  const isSoon = thread.noticed !== null && at_ms - thread.noticed.at_ms < interval_seconds * 1_000
  return isSoon ? thread : { ...thread, noticed: { id, at_ms } }
}

/** What an answer in the thread says of itself. `copies` is false for what is between us and one sender. */
export function answerIn({ mail, turn }: Context, copies: boolean): OutboundMail {
  const { subject = '', messageId = '', references = [], cc = [], bcc = [] } = mail ?? {}
  const everybody = copies && turn.asset.policy.noticeCopies === 'everyone'
  return {
    from: turn.asset.address,
    fromName: turn.asset.senderName,
    subject: /^re:/i.test(subject) ? subject : `Re: ${subject}`.trim(),
    cc: everybody ? cc : [],
    bcc: everybody ? bcc : [],
    inReplyTo: messageId,
    references: [...references, messageId].filter((id) => id !== ''),
  }
}
