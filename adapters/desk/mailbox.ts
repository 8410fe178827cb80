/**
 * The customers' mailboxes: mails to the runtime's email door as Connect would post them, and what came in.
 * Speaks to the door over HTTP and reads the floor. What a customer writes is not kept here: the runtime has it.
 *
 * | door | does |
 * |---|---|
 * | POST /desk/handset/mail/send {from, fromName?, to, subject?, text?, html?, cc?, bcc?, attachments?, inReplyTo?, reply?, via?, messageId?, headers?, pciInfo?, malwareinfo?, securityscaninfo?} | writes to the mailbox `to` of an asset; attachments are [{name, contentType, content}] with base64 content, the last three what Connect's checks would say |
 * | GET /desk/handset/mail/inbox?address= | {items: [{at, from, fromName, to, cc, subject, text, headers, transid, correlationId}]}, oldest first |
 *
 * `reply: true` answers the newest mail in the mailbox of `from`, `reply: address` the newest in that one: its subject,
 * its thread in In-Reply-To and References, its text quoted below. 409 when there is none. The POST gives back the door's
 * status and body; 404 for a mailbox that is no asset's. `via: smtp` sends it as a mail program does, to the runtime's SMTP
 * listener, where no provider has checked anything; the answer is {reply}.
 */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { newMessageId } from '../mail-ids.ts'
import { replySubject } from '../mail-topic.ts'
import type { MailItem } from './entries.ts'
import { type Floor, normalised } from './floor.ts'
import type { InboundPost } from './inbound-post.ts'
import { mailBody, type SentMail } from './mail-bodies.ts'
import { sendBySmtp } from './mail-by-smtp.ts'
import { Refused } from './refused.ts'

/** The id of the email asset that has a mailbox; undefined when none has. */
export type AppOfMailbox = (address: string) => string | undefined

export function openMailbox(
  server: FastifyInstance,
  means: { inbound: InboundPost; floor: Floor; clock: Clock; appOfMailbox: AppOfMailbox; mailUrl: () => string },
): void {
  const { inbound, floor, clock, appOfMailbox, mailUrl } = means
  server.post('/desk/handset/mail/send', async (request, reply) => {
    const asked = Send.parse(request.body)
    const app = appOfMailbox(normalised(asked.to))
    if (app === undefined) throw new Refused(404, `no email asset has the mailbox ${asked.to}; configure one`)
    const mail = sentMail(app, asked, answeredBy(floor, asked))
    if (asked.via === 'smtp') return sendBySmtp(listening(mailUrl()), mail, reply)
    return inbound.post('email', mailBody(mail, new Date(clock.now()).toISOString()), reply)
  })

  server.get('/desk/handset/mail/inbox', async (request) => {
    const { address } = Inbox.parse(request.query)
    return { items: (floor.mailboxes.get(normalised(address)) ?? []).map(shown) }
  })
}

function listening(url: string): string {
  if (url !== '') return url
  throw new Refused(409, 'the runtime takes no mail by SMTP; set PARLEY_SMTP_PORT')
}

/** The mail that is answered; undefined for a new one. */
function answeredBy(floor: Floor, { from, reply }: Asked): MailItem | undefined {
  if (reply === undefined) return undefined
  const mailbox = reply === true ? from : reply
  const newest = floor.mailboxes.get(normalised(mailbox))?.at(-1)
  if (!newest) throw new Refused(409, `there is no mail in the mailbox ${mailbox} to reply to`)
  return newest
}

function sentMail(app: string, asked: Asked, answered: MailItem | undefined): SentMail {
  const { reply: _reply, via: _via, pciInfo, malwareinfo, securityscaninfo, ...written } = asked
  const inReplyTo = written.inReplyTo ?? answered?.headers['Message-ID'] ?? ''
  const references = [answered?.headers.References, inReplyTo].filter(Boolean).join(' ')
  return {
    ...written,
    app,
    subject: written.subject ?? (answered ? replySubject(answered.subject) : ''),
    quoted: answered?.text ?? '',
    messageId: written.messageId ?? newMessageId(written.from),
    inReplyTo,
    headers: {
      'Auto-Submitted': 'no',
      ...(references === '' ? {} : { References: references }),
      ...written.headers,
    },
    checks: { pciInfo, malwareinfo, securityscaninfo },
  }
}

/** A receiver does not see who else had a blind copy. */
function shown({ bcc: _bcc, ...mail }: MailItem) {
  return mail
}

const words = z.string().min(1)
type Asked = z.infer<typeof Send>
const Send = z.strictObject({
  from: words,
  fromName: z.string().default(''),
  to: words,
  subject: z.string().optional(),
  text: z.string().default(''),
  html: z.string().default(''),
  cc: z.array(words).default([]),
  bcc: z.array(words).default([]),
  attachments: z.array(z.strictObject({ name: words, contentType: words, content: z.base64() })).default([]),
  inReplyTo: words.optional(),
  reply: z.union([z.literal(true), words]).optional(),
  via: z.enum(['connect', 'smtp']).default('connect'),
  messageId: words.optional(),
  headers: z.record(z.string(), z.string()).default({}),
  pciInfo: z.unknown().optional(),
  malwareinfo: z.unknown().optional(),
  securityscaninfo: z.unknown().optional(),
})
const Inbox = z.object({ address: words })
