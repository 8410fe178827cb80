/**
 * A line that mails go out on without Connect: a mail server. What conversations say goes through its adapter, what people write
 * through `connect/agents-texts-door.ts`. T6: the Message-ID is whoever's who makes the mail, the same on every attempt.
 */
import type { Call } from './adapter.ts'

export interface OutgoingMail {
  from: string
  fromName: string
  to: string
  cc: readonly string[]
  bcc: readonly string[]
  subject: string
  text: string
  messageId: string
  /** Beside those that the fields above make: its thread, and whether a machine wrote it. */
  headers: Record<string, string>
}

export interface MailLine {
  /** Whether the mails of this mailbox go this way. */
  sends(mailbox: string): boolean
  /** Resolves once the far side has taken it. Throws `EffectError`. */
  send(mail: OutgoingMail, call: Pick<Call, 'signal'>): Promise<void>
}
