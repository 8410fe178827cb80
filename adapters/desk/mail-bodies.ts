/**
 * A mail from a customer as Connect posts it (samples/inbound/email-mo-*.json): the keys of the samples in their order,
 * headers and check results as JSON inside strings. Pure but for the id it draws.
 */
import { randomUUID } from 'node:crypto'
import { nested, secure, unscanned } from './check-results.ts'

/** Addresses are bare, ids with their angle brackets, `content` is base64. */
export interface SentMail {
  app: string
  from: string
  fromName: string
  to: string
  cc: string[]
  bcc: string[]
  subject: string
  text: string
  /** What it answers, as mail programs repeat it below the text. */
  quoted: string
  html: string
  messageId: string
  inReplyTo: string
  headers: Record<string, string>
  attachments: { name: string; contentType: string; content: string }[]
  /** What Connect's checks would say; when left out, that nobody has looked yet (flows.md A48). */
  checks: { pciInfo?: unknown; malwareinfo?: unknown; securityscaninfo?: unknown }
}

export function mailBody(mail: SentMail, at: string): object {
  const { text, html, quoted, checks } = mail
  return {
    channel: 'email',
    event: 'Inbound Message',
    event_identifier: 'MO',
    appId: mail.app,
    assetType: 'email',
    emailId: mail.from,
    senderName: mail.fromName,
    toAddresses: mail.to,
    ccRecipients: mail.cc.join(','),
    bccRecipients: mail.bcc.join(','),
    subject: mail.subject,
    message: quoted === '' ? text : `${text}\n\n${quoted.replace(/^/gm, '> ')}`,
    strippedText: text,
    htmlMessage: html,
    strippedHTML: html,
    messageId: mail.messageId,
    inReplyTo: mail.inReplyTo,
    headers: JSON.stringify(mail.headers),
    timestamp: at,
    transId: randomUUID(),
    attachments: mail.attachments,
    pciInfo: nested(checks.pciInfo ?? unscanned),
    ...(checks.malwareinfo === undefined ? {} : { malwareinfo: nested(checks.malwareinfo) }),
    securityscaninfo: nested(checks.securityscaninfo ?? unchecked),
  }
}

const unchecked = { ...secure, isSecurityValidationDone: false }
