/**
 * The mail that a customer writes in tests, unless a step says otherwise.
 */
import type { Mail } from '../machines/events.ts'

/** A customer's mail, unless a step says otherwise; each has an id of its own, `<m0@x>` the first. */
export const usualMail: Mail = {
  from: 'ana.ruiz@example.test',
  fromName: 'Ana Ruiz',
  subject: 'Claim 4471',
  messageId: '',
  inReplyTo: '',
  references: [],
  to: ['support@corp.example'],
  cc: [],
  bcc: [],
  html: '',
  automatic: false,
}
