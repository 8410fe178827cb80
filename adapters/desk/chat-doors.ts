/**
 * Connect's messaging API version 1 as the runtime sees it: live chat (flows.md 4.4, samples/outbound/livechat-*.json).
 * Puts words, forms and questions into the receiver's chat window and, where asked, reports what became of them.
 * Invariant: what goes to a closed thread is taken like the rest, and is told of as failed; it reaches nobody (E72).
 */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Call, Calls } from './calls.ts'
import type { ChatItem } from './entries.ts'
import { arrived, conversationIn, invalidThread, receiptsOf } from './receipts.ts'

export function openChatDoors(server: FastifyInstance, calls: Calls): void {
  server.post('/v1/messages', (request, reply) => calls.take(request, reply, sending(request.body)))
}

function sending(body: unknown): Call {
  const parsed = Message.safeParse(body)
  const message = parsed.success ? parsed.data : undefined
  return {
    name: 'sendMessage',
    about(floor) {
      const conversationId = conversationIn(message?.callbackData ?? '')
      const taskId = floor.taskOfConversation.get(conversationId) ?? ''
      return { taskId, conversationId, customer: message?.destination.userId ?? '' }
    },
    decide(floor, at) {
      if (!message) return { answer: malformed }
      const item = itemOf(message, at)
      const { transid, threadId, user: destination, correlationId } = item
      const closed = floor.closedThreads.has(threadId)
      const { notifyUrl, callbackData } = message
      const receipt = { notifyUrl, callbackData, correlationId, transid, destination, channel: 'rt' } as const
      const deliveries = receiptsOf(receipt, closed ? invalidThread : arrived, at)
      return {
        answer: { status: 200, body: { response: [{ code: '1001', transid, description: 'Queued' }] } },
        draft: { type: 'chatsSent', data: { chats: closed ? [] : [item] }, deliveries },
      }
    },
  }
}

function itemOf(message: Message, at: string): ChatItem {
  const { type, threadId, appId, destination, correlationId } = message
  const common = { at, user: destination.userId, appId, threadId, transid: randomUUID(), correlationId }
  if (type === 'form') return { ...common, type, text: message.form.title, form: message.form }
  if (type === 'message') return { ...common, type, text: message.message }
  return { ...common, type, text: message.message, quickReplies: message.quickReplies }
}

const words = z.string().min(1)
const envelope = {
  channel: z.literal('rt'),
  appId: words,
  destination: z.object({ userId: words }),
  threadId: words,
  correlationId: z.string().default(''),
  callbackData: z.string().max(2000).default(''),
  notifyUrl: z.url().optional(),
}
const FormField = z.object({
  name: words,
  label: z.string(),
  type: words,
  options: z.array(z.string()).exactOptional(),
  mandatory: z.boolean(),
})
const Option = z.object({ title: words, identifier: words, payload: z.record(z.string(), z.string()).default({}) })

type Message = z.infer<typeof Message>
const Message = z.discriminatedUnion('type', [
  z.object({ ...envelope, type: z.literal('message'), message: words }),
  z.object({
    ...envelope,
    type: z.literal('form'),
    form: z.object({ reference: words, title: z.string(), fields: z.array(FormField).min(1) }),
  }),
  z.object({
    ...envelope,
    type: z.literal('messageWithQuickReplies'),
    message: words,
    quickReplies: z.object({ reference: words, options: z.array(Option).min(1) }),
  }),
])

const malformed = { status: 400, body: { response: [{ code: '1002', description: 'Invalid request' }] } }
