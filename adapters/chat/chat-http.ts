/**
 * The chat door's paths beside the socket: files of customers, and what others say in our threads in Connect's words.
 *
 * | door | does |
 * |---|---|
 * | POST /v1/chat/files?app=&id=&name= | a file of the customer, as the body, with the window's token as Authorization: Bearer; `stored` or a problem as over the socket |
 * | POST /v1/messages | a message to one of our threads as Connect takes it (`livechat-*.json`), with the inbound token; `type: typing` with `typing: start` or `stop` is shown and not kept |
 */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { maskText } from '../../machines/sensitive-data.ts'
import { type ChatLine, isOwnThread } from '../chat-messages.ts'
import { file_bytes_max } from '../inbound-file.ts'
import { jsonIn } from '../json-in.ts'
import { type ChatDoorMeans, mayCome } from './chat-door.ts'
import { fileBody } from './window-body.ts'

type Refuse = (reply: FastifyReply, status: number, detail: string, retryAfterSeconds?: number) => unknown

/** `guarded` asks for what the inbound doors ask for, and answers itself where it is missing. */
export function openChatPaths(
  app: FastifyInstance,
  means: ChatDoorMeans,
  refuse: Refuse,
  isRefused: (request: FastifyRequest, reply: FastifyReply) => boolean,
): void {
  app.options('/v1/chat/files', (request, reply) => withCors(request, reply, means).code(204).send())
  app.post('/v1/chat/files', { bodyLimit: file_bytes_max }, (request, reply) =>
    takeFile(request, withCors(request, reply, means), means, refuse),
  )
  app.post('/v1/messages', async (request, reply) => {
    if (isRefused(request, reply)) return reply
    const parsed = Said.safeParse(jsonIn(request.body))
    if (!parsed.success || !isOwnThread(parsed.data.threadId)) {
      return refuse(reply, 400, 'expected a live chat message to a thread of this chat door')
    }
    const { threadId } = parsed.data
    if (parsed.data.type === 'typing') {
      means.threads.tellTyping(threadId, parsed.data.typing)
      return answered('', '1001', 'Queued')
    }
    const { transid = randomUUID() } = parsed.data
    if (await means.threads.isClosed(threadId)) return answered(transid, '7312', 'Invalid thread id')
    await means.threads.append(threadId, lineOf(parsed.data, transid, new Date(means.clock.now()).toISOString()))
    return answered(transid, '1001', 'Queued')
  })
}

const answered = (transid: string, code: string, description: string) => ({
  response: [{ code, transid, description }],
})

async function takeFile(request: FastifyRequest, reply: FastifyReply, means: ChatDoorMeans, refuse: Refuse) {
  const query = FileQuery.safeParse(request.query)
  const token = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  if (!query.success) return refuse(reply, 400, 'expected app, id and name in the query')
  const { app, id, name } = query.data
  if (!mayCome(request, means.originsOf(app) ?? [])) return refuse(reply, 401, 'this website may not chat here')
  const session = means.tokens.read(token, app)
  if (!session) return refuse(reply, 401, 'expected the token of a chat window as Authorization: Bearer')
  if (await means.threads.isClosed(session.thread)) return refuse(reply, 409, 'this chat has ended')
  const at = new Date(means.clock.now()).toISOString()
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const contentType = (request.headers['content-type'] ?? '').split(';')[0]!.trim() || 'application/octet-stream'
  const answer = await means.deliver(fileBody(session, { id, at, file: { name, contentType, bytes } }))
  if (answer.status !== 200) return refuse(reply, answer.status, answer.detail, answer.retryAfterSeconds)
  await means.threads.append(session.thread, { key: `window ${id}`, at, from: 'customer', kind: 'file', text: name })
  return { type: 'stored', id, duplicate: answer.duplicate ?? false }
}

/** Only for the pages that may chat. */
function withCors(request: FastifyRequest, reply: FastifyReply, { originsOf }: ChatDoorMeans): FastifyReply {
  const { app = '' } = request.query as { app?: string }
  const { origin } = request.headers
  if (origin === undefined || !mayCome(request, originsOf(app) ?? [])) return reply
  return reply.headers({
    'access-control-allow-origin': origin,
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-allow-methods': 'POST',
    'access-control-max-age': '86400',
    vary: 'origin',
  })
}

function lineOf(said: Exclude<Said, { type: 'typing' }>, transid: string, at: string): ChatLine {
  const common = { key: `said ${transid}`, at, from: 'business' } as const
  if (said.type === 'form') return { ...common, kind: 'form', text: said.form.title, form: said.form }
  const { text } = maskText(said.message)
  if (said.type === 'message') return { ...common, kind: 'message', text }
  return { ...common, kind: 'quickReplies', text, quickReplies: said.quickReplies }
}

const words = z.string().min(1)
const FileQuery = z.object({ app: words, id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), name: words.max(200) })
const envelope = { threadId: words, transid: words.optional() }
const Field = z.object({
  name: words,
  label: z.string().default(''),
  type: z.string().default('text'),
  options: z.array(z.string()).optional(),
  mandatory: z.boolean().default(false),
})
type Said = z.output<typeof Said>
const Said = z.discriminatedUnion('type', [
  z.object({ ...envelope, type: z.literal('message'), message: words }),
  z.object({
    ...envelope,
    type: z.literal('form'),
    form: z.object({ reference: words, title: z.string(), fields: z.array(Field).min(1) }),
  }),
  z.object({
    ...envelope,
    type: z.literal('messageWithQuickReplies'),
    message: words,
    quickReplies: z.object({
      reference: words,
      options: z.array(z.object({ title: words, identifier: words })).min(1),
    }),
  }),
  z.object({ ...envelope, type: z.literal('typing'), typing: z.enum(['start', 'stop']) }),
])
