/**
 * What an agent writes, as Connect's `POST /v2/messages` takes it (samples/outbound/sms-v2.json, email-notification.json): a text
 * to one number, or a mail to one customer. Pure. Invariant: card data is masked here (T7), and of a mail's headers only those
 * of its thread go on.
 */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { maskText } from '../../machines/sensitive-data.ts'
import { newMessageId } from '../mail-ids.ts'
import type { OutgoingMail } from '../mail-line.ts'

export type AgentsWords = { transid: string; correlationId: string } & (
  | { channel: 'sms'; from: string; to: string; text: string }
  | { channel: 'email'; mail: OutgoingMail }
)

const words = z.string().min(1)
const masked = words.transform((text) => maskText(text).text)
const content = z.object({ type: z.literal('text'), text: masked })
const transid = words.max(100).default(() => randomUUID())

const Text = z
  .object({
    channel: z.literal('sms'),
    from: words,
    to: z.tuple([z.object({ msisdn: z.tuple([words]), correlationId: words })]),
    content,
    transid,
  })
  .transform(
    ({ from, to: [{ msisdn, correlationId }], content: { text }, ...rest }): AgentsWords => ({
      ...rest,
      from: from.replace(/^\+/, ''),
      to: `+${msisdn[0].replace(/^\+/, '')}`,
      correlationId,
      text,
    }),
  )

const address = z.email()
/** Ids of mails, and nothing that could end a header. */
const ids = z.string().regex(/^[^\r\n]{0,8000}$/)
const Mail = z
  .object({
    channel: z.literal('email'),
    from: address.toLowerCase(),
    fromName: z.string().default(''),
    to: z.tuple([z.object({ email: z.tuple([address]), correlationId: words })]),
    cc: z.array(address).max(100).default([]),
    bcc: z.array(address).max(100).default([]),
    subject: z.string().transform((text) => maskText(text).text),
    content,
    headers: z
      .object({ 'Message-ID': ids.optional(), 'In-Reply-To': ids.exactOptional(), References: ids.exactOptional() })
      .default({}),
    transid,
  })
  .transform(
    ({ channel, transid, to: [{ email, correlationId }], content: { text }, headers, ...mail }): AgentsWords => {
      const { 'Message-ID': messageId = newMessageId(mail.from), ...thread } = headers
      return { channel, transid, correlationId, mail: { ...mail, to: email[0], text, messageId, headers: thread } }
    },
  )

/** Undefined for what is neither. */
export const agentsWordsIn = (body: unknown): AgentsWords | undefined => z.union([Text, Mail]).safeParse(body).data
