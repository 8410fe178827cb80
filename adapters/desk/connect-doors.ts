/**
 * Connect's messaging API version 2 as the runtime sees it (flows.md 4.4, samples/outbound): puts the text into the
 * receiver's handset or mailbox and, where asked, reports Submitted and Delivered. Speaks to `calls.ts`.
 */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Call, Calls } from './calls.ts'
import type { HandsetText } from './entries.ts'
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
      return { taskId, conversationId, customer: message ? (receiversOf(message).at(0)?.address ?? '') : '' }
    },
    decide(_floor, at) {
      const receivers = message ? receiversOf(message) : []
      if (!message || receivers.length === 0) return { answer: malformed }
      const texts = receivers.map(({ address, correlationId }): HandsetText => {
        return {
          at,
          number: address,
          from: message.from,
          text: message.content.text,
          transid: randomUUID(),
          correlationId,
        }
      })
      return {
        answer: {
          status: 200,
          body: { response: texts.map(({ transid }) => ({ code: '1001', transid, description: 'Queued' })) },
        },
        draft: {
          type: 'textsSent',
          data: { texts },
          deliveries: texts.flatMap((text) => receiptsOf(receiptFor(message, text), arrived, at)),
        },
      }
    },
  }
}

type Message = z.infer<typeof Message>
const Message = z.object({
  channel: z.enum(['sms', 'email']),
  from: z.string().min(1),
  to: z.array(
    z.object({
      msisdn: z.array(z.string().min(1)).default([]),
      email: z.array(z.string().min(1)).default([]),
      correlationId: z.string().default(''),
    }),
  ),
  content: z.object({ type: z.literal('text'), text: z.string() }),
  callbackData: z.string().max(2000).default(''),
  notifyUrl: z.url().optional(),
})

function receiversOf(message: Message): { address: string; correlationId: string }[] {
  return message.to.flatMap(({ msisdn, email, correlationId }) =>
    (message.channel === 'sms' ? msisdn : email).map((address) => ({ address, correlationId })),
  )
}

function receiptFor({ notifyUrl, callbackData, channel }: Message, { transid, number, correlationId }: HandsetText) {
  return { notifyUrl, callbackData, channel, transid, destination: number, correlationId }
}

const malformed = { status: 400, body: { response: [{ code: '1002', description: 'Invalid request' }] } }
