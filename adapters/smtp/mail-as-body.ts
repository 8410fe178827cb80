/**
 * A mail as it came over SMTP or IMAP, written as Connect would post it, so that the one email door reads both: what is masked,
 * looked into, refused or set aside is the same (`adapters/connect/email-door.ts`). Pure.
 */
import { convert } from 'html-to-text'
import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime'
import { MalformedBody } from '../adapter.ts'
import { writtenPart } from './written-part.ts'

export interface MailEnvelope {
  /** Who handed the mail over: empty for the null sender of bounces, undefined where only the mail's Return-Path says it. */
  from: string | undefined
  /** The application id of the asset that it goes to. */
  app: string
}

/**
 * The body of `POST /v1/inbound/email`, one for each of `envelopes`. Of the headers only those go along that the door
 * reads. Throws `MalformedBody` for what is no mail: no header, or parts nested without end.
 */
export async function mailBodies(raw: Uint8Array, envelopes: readonly MailEnvelope[]): Promise<object[]> {
  const mail = await parsed(raw)
  const common = commonFields(mail)
  const [author = ''] = addressesOf(mail.from ? [mail.from] : [])
  const handed = returnPathIn(mail) ?? author
  return envelopes.map(({ app, from = handed }) => ({
    channel: 'email',
    event: 'Inbound Message',
    event_identifier: 'MO',
    assetType: 'email',
    ...common,
    appId: app,
    emailId: author || from,
    headers: { ...headersOf(mail), 'return-path': `<${from}>` },
  }))
}

/** As the last server noted it (RFC 5321, 4.4); empty for `<>`. */
const returnPathIn = ({ headers }: Email): string | undefined =>
  headers.find(({ key }) => key === 'return-path')?.value.replace(/[<>\s]/g, '')

async function parsed(raw: Uint8Array): Promise<Email> {
  try {
    const mail = await PostalMime.parse(raw, { forceRfc822Attachments: true, attachmentEncoding: 'base64' })
    if (mail.headers.some(({ value }) => value !== '')) return mail
  } catch {
    // The parser's words may quote the mail: they go no further.
  }
  throw new MalformedBody([{ path: '', expected: 'a mail (RFC 5322)', found: `${raw.length} bytes that are none` }])
}

function commonFields(mail: Email): object {
  const text = (mail.text ?? textOfHtml(mail.html ?? '')).slice(0, text_chars_max)
  return {
    senderName: mail.from?.name ?? '',
    toAddresses: addressesOf(mail.to ?? []),
    ccRecipients: addressesOf(mail.cc ?? []),
    bccRecipients: addressesOf(mail.bcc ?? []),
    subject: mail.subject ?? '',
    message: text,
    strippedText: writtenPart(text),
    htmlMessage: mail.html ?? '',
    messageId: mail.messageId ?? '',
    inReplyTo: mail.inReplyTo ?? '',
    attachments: mail.attachments.filter((file) => !isDecoration(file)).map(fileOf),
  }
}

/** Bare addresses; a group is its members. */
const addressesOf = (entries: readonly Address[]): string[] =>
  entries.flatMap((entry) => entry.group ?? [entry]).flatMap(({ address }) => (address ? [address] : []))

/** The words of a mail that has HTML alone; pictures and the addresses of links are left to the HTML. */
function textOfHtml(html: string): string {
  if (html === '') return ''
  const text = convert(html.slice(0, html_chars_max), {
    wordwrap: false,
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { ignoreHref: true } },
    ],
    limits: { maxDepth: depth_max, ellipsis: '[…]' },
  })
  return text.trim()
}

/** The door reads no more. */
const text_chars_max = 1_000_000
const html_chars_max = 2_000_000
const depth_max = 200

/** The small pictures that HTML is set with (signatures, icons) are nobody's files; a large one was put there to be seen. */
function isDecoration({ related, contentId, mimeType, content }: Attachment): boolean {
  const isInside = related === true && contentId !== undefined && mimeType.startsWith('image/')
  return isInside && typeof content === 'string' && content.length <= decoration_chars_max
}

/** In base64: 15 kB of picture. */
const decoration_chars_max = 20_000

function fileOf({ filename, mimeType, content }: Attachment): object {
  const name = filename ?? (mimeType === 'message/rfc822' ? 'mail.eml' : 'attachment')
  return { name, contentType: mimeType, content: typeof content === 'string' ? content : '' }
}

function headersOf({ headers }: Email): Record<string, string> {
  const passed = headers.filter(({ key }) => passed_headers.includes(key)).reverse()
  return Object.fromEntries(passed.map(({ key, value }) => [key, value]))
}

const passed_headers = [
  ...['date', 'in-reply-to', 'references', 'content-type', 'auto-submitted', 'precedence', 'list-id'],
  ...['x-autoreply', 'x-autorespond', 'x-failed-recipients', 'x-auto-response-suppress'],
]
