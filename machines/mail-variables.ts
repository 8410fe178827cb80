/**
 * What the Create Task node adds to the task of a mail by itself (seed l.45-50, EM8): the mail that was answered, so that
 * webhook flows can answer in its thread (CR3), and its subject once more as an ECC variable, for the agent. Pure.
 */
import type { Variable } from './effects.ts'

/** `messageId` as in the mail's header, with its angle brackets; addresses are parted by commas, as Webex Connect has them. */
export function mailVariables(mail: { messageId: string; subject: string; cc: string[]; bcc: string[] }): Variable[] {
  return [
    { key: 'user_DR_EmailSubject', value: mail.subject },
    { key: 'EmailMessageID', value: mail.messageId },
    { key: 'EmailSubject', value: mail.subject },
    { key: 'EmailCCRecipients', value: mail.cc.join(',') },
    { key: 'EmailBCCRecipients', value: mail.bcc.join(',') },
  ]
}
