/**
 * Connect's messaging API version 2 as the runtime sees it (flows.md 4.4, samples/outbound): puts a text into the
 * receiver's handset, a mail into the mailboxes of its receivers and, where asked, reports Submitted and Delivered. Speaks
 * to `calls.ts`. Invariant: a mail keeps the headers it was given, and has a Message-ID that answers can name.
 */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { newMessageId } from '../mail-ids.ts'
import type { Call, Calls } from './calls.ts'
import type { Delivery, HandsetText, MailItem } from './entries.ts'
import { arrived, conversationIn, receiptsOf } from './receipts.ts'

export function openConnectDoors(server: FastifyInstance, calls: Calls): void {
  server.post('/v2/messages', (request, reply) => calls.take(request, reply, sending(request.body)))
}

function sending(body: unknown): Call {
  const parsed = Message.safeParse(body)
  const message = parsed.success ? parsed.data : undefined
  return {
    name: 'sendMessage',
    about(floor) {
      const conversationId = conversationIn(message?.callbackData ?? '')
      const taskId = floor.taskOfConversation.get(conversationId) ?? ''
      return { taskId, conversationId, customer: message ? firstReceiverOf(message) : '' }
    },
    decide(_floor, at) {
      if (!message) return { answer: malformed }
      if (message.channel === 'sms') {
        const texts = textsOf(message, at)
        const deliveries = texts.flatMap((text) => receiptsFor(message, text, text.number, at))
        return { answer: queued(texts), draft: { type: 'textsSent', data: { texts }, deliveries } }
      }
      const mails = mailsOf(message, at)
      const deliveries = mails.flatMap((mail) => receiptsFor(message, mail, mail.to.join(','), at))
      return { answer: queued(mails), draft: { type: 'mailsSent', data: { mails }, deliveries } }
    },
  }
}

/** One text for each number. */
function textsOf({ from, to, content: { text } }: SmsMessage, at: string): HandsetText[] {
  return to.flatMap(({ msisdn, correlationId }) =>
    msisdn.map((number) => ({ at, number, from, text, transid: randomUUID(), correlationId })),
  )
}

/** One mail for each entry of `to`. */
function mailsOf({ from, fromName, to, cc, bcc, subject, content, headers }: MailMessage, at: string): MailItem[] {
  return to.map(({ email, correlationId }) => ({
    at,
    from,
    fromName,
    to: email,
    cc,
    bcc,
    subject,
    text: content.text,
    headers: { 'Message-ID': newMessageId(from), ...headers },
    transid: randomUUID(),
    correlationId,
  }))
}

function receiptsFor(
  { notifyUrl, callbackData, channel }: Message,
  { transid, correlationId }: { transid: string; correlationId: string },
  destination: string,
  at: string,
): Delivery[] {
  return receiptsOf({ notifyUrl, callbackData, channel, transid, destination, correlationId }, arrived, at)
}

const firstReceiverOf = (message: Message): string =>
  (message.channel === 'sms' ? message.to[0]?.msisdn[0] : message.to[0]?.email[0]) ?? ''

const words = z.string().min(1)
const envelope = {
  from: words,
  content: z.object({ type: z.literal('text'), text: z.string() }),
  callbackData: z.string().max(2000).default(''),
  notifyUrl: z.url().optional(),
}
const correlationId = z.string().default('')

type Message = z.infer<typeof Message>
type SmsMessage = Extract<Message, { channel: 'sms' }>
type MailMessage = Extract<Message, { channel: 'email' }>
const Message = z.discriminatedUnion('channel', [
  z.object({
    ...envelope,
    channel: z.literal('sms'),
    to: z.array(z.object({ msisdn: z.array(words).min(1), correlationId })).min(1),
  }),
  z.object({
    ...envelope,
    channel: z.literal('email'),
    fromName: z.string().default(''),
    to: z.array(z.object({ email: z.array(words).min(1), correlationId })).min(1),
    cc: z.array(words).default([]),
    bcc: z.array(words).default([]),
    subject: z.string().default(''),
    headers: z.record(z.string(), z.string()).default({}),
  }),
])

const queued = (sent: readonly { transid: string }[]) => ({
  status: 200,
  body: { response: sent.map(({ transid }) => ({ code: '1001', transid, description: 'Queued' })) },
})
const malformed = { status: 400, body: { response: [{ code: '1002', description: 'Invalid request' }] } }
