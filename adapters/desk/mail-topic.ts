/**
 * What mails of one conversation have in common: their subject without what mail programs put before it. Pure.
 * The store of conversations tells those of one customer apart by it, agents and customers answer under it.
 */

/** `RE: Fwd:  Claim  4471` and `claim 4471` are one topic. Empty for a mail without a subject. */
export function topicOf(subject: string): string {
  return bare(subject).toLowerCase()
}

/** The subject of an answer: one `Re: `, however many the mail had. */
export function replySubject(subject: string): string {
  return `Re: ${bare(subject)}`.trim()
}

function bare(subject: string): string {
  const text = subject.replace(/\s+/g, ' ').trim()
  const rest = text.replace(prefix, '')
  return rest === text ? text : bare(rest)
}

/** Answered, forwarded and sent by itself, as programs in English, German, Dutch and Swedish say it. */
const prefix = /^(re|fwd?|aw|wg|sv|antw|automatic reply)\s*(\[\d+\])?\s*:\s*/i
