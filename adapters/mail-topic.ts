/**
 * What mails of one conversation have in common: their subject without what mail programs put before it (flows.md section
 * 3). Used by the door, by webhooks of email tasks and by the desk. Pure.
 */

/** `RE: Fwd:  Claim  4471` and `claim 4471` are one topic. Empty for a mail without a subject. */
export const topicOf = (subject: string): string => bare(subject).toLowerCase()

/** The subject of an answer: one `Re: `, however many the mail had. */
export const replySubject = (subject: string): string => `Re: ${bare(subject)}`.trim()

function bare(subject: string): string {
  const text = subject.normalize('NFC').replace(/\s+/g, ' ').trim()
  const rest = text.replace(prefix, '')
  return rest === text ? text : bare(rest)
}

/** Answered, forwarded (`Re[2]:` too) and sent by itself, as mail programs say it in a dozen languages. */
const prefix =
  /^(re|aw|antw|sv|vs|rif|odp|fwd?|wg|tr|rv|automatic reply|automatische antwort|out of office|autoreply)\s*(\[\d+\])?\s*:\s*/i
