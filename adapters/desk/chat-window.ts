/**
 * The customer's chat window: writes to the runtime's live chat door as Connect would, and shows what came in.
 * Speaks to the door over HTTP, reads the floor, and journals which threads are closed. What a customer writes is not
 * kept here: the runtime has it.
 *
 * | door | does |
 * |---|---|
 * | POST /desk/handset/chat/open {user, app, thread?} | gives {user, app, thread}, drawing a thread when none is named; 409 when it was closed |
 * | POST /desk/handset/chat/say {…, text?, attachments?, pciInfo?, malwareinfo?, securityscaninfo?} | writes; attachments are [{file, size, id, contentType}], and the last three are what Connect's checks would say |
 * | POST /desk/handset/chat/form {…, fields, title?} | answers a form: `fields` are {name: value} for the newest form in that thread, or a whole list |
 * | POST /desk/handset/chat/press {…, identifier, reference?} | presses a button, of the newest question in that thread unless `reference` names another |
 * | POST /desk/handset/chat/typing {…, typing?} | `start` (default) or `stop` |
 * | POST /desk/handset/chat/close {…} | closes the window: messages to its thread fail from now on (7312) |
 * | GET /desk/handset/chat/inbox?user=&thread= | {items: [{at, type, text, form?, quickReplies?, threadId, appId, transid, correlationId}]}, oldest first |
 *
 * `…` is {user, app, thread, tid?}. All POSTs but `open` give back the door's status and body.
 */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import {
  type ChatForm,
  type ChatWindow,
  chatClosed,
  chatFormAnswer,
  chatMessage,
  chatPostback,
  chatTyping,
} from './chat-bodies.ts'
import type { ChatItem } from './entries.ts'
import type { Floor } from './floor.ts'
import type { InboundPost } from './inbound-post.ts'
import type { Journal } from './journal.ts'
import { Refused } from './refused.ts'

export function openChatWindow(
  server: FastifyInstance,
  means: { inbound: InboundPost; journal: Pick<Journal, 'floor' | 'write'>; clock: Clock },
): void {
  const { inbound, journal, clock } = means
  const post = <Body>(act: string, schema: z.ZodType<Body>, bodyOf: (asked: Body, at: string) => object) =>
    server.post(`/desk/handset/chat/${act}`, async (request, reply) => {
      const asked = schema.parse(request.body)
      return inbound.post('live-chat', bodyOf(asked, new Date(clock.now()).toISOString()), reply)
    })

  server.post('/desk/handset/chat/open', async (request) => {
    const { user, app, thread = randomUUID() } = Open.parse(request.body)
    if (journal.floor.closedThreads.has(thread)) throw new Refused(409, 'this thread was closed; open a new one')
    return { user, app, thread }
  })
  post('say', Say, ({ text, attachments, ...rest }, at) => chatMessage(rest, text, attachments, at, rest))
  post('form', Form, ({ fields, title, ...window }, at) =>
    chatFormAnswer(window, formOf(journal.floor, window, fields, title), at),
  )
  post('press', Press, ({ identifier, reference, ...window }, at) =>
    chatPostback(window, buttonOf(journal.floor, window, identifier, reference), at),
  )
  post('typing', Typing, ({ typing, ...window }, at) => chatTyping(window, typing, at))
  server.post('/desk/handset/chat/close', async (request, reply) => {
    const window = Window.parse(request.body)
    const { user, app, thread } = window
    await journal.write((floor) => ({
      ...(floor.closedThreads.has(thread) ? {} : { entry: { type: 'threadClosed', data: { user, app, thread } } }),
      result: undefined,
    }))
    return inbound.post('live-chat', chatClosed(window, new Date(clock.now()).toISOString()), reply)
  })
  server.get('/desk/handset/chat/inbox', async (request) => {
    const { user, thread } = Inbox.parse(request.query)
    const items = journal.floor.chats.get(user) ?? []
    return { items: items.filter(({ threadId }) => thread === undefined || threadId === thread).map(shown) }
  })
}

type FilledIn = ChatForm['fields']

/** The answer to the newest form of the thread, or, when every field is given whole, to any. */
function formOf(
  floor: Floor,
  window: ChatWindow,
  given: Record<string, string> | FilledIn,
  title: string | undefined,
): ChatForm {
  const asked = newest(floor, window, (item) => item.form !== undefined)
  const relatedTid = asked?.transid ?? randomUUID()
  if (Array.isArray(given)) return { title: title ?? asked?.form?.title ?? '', fields: given, relatedTid }
  if (!asked?.form) throw new Refused(409, 'there is no form in this thread; give its fields as a list')
  const names = asked.form.fields.map(({ name }) => name)
  const strange = Object.keys(given).find((name) => !names.includes(name))
  if (strange !== undefined) throw new Refused(400, `the form has no field ${strange}; it has ${names.join(', ')}`)
  const fields = asked.form.fields.map(({ name, label, type, mandatory }) => {
    return { name, label, type, value: given[name] ?? '', mandatory }
  })
  return { title: title ?? asked.form.title, fields, relatedTid }
}

/** A button that is not there may be pressed all the same: old windows do (E79). */
function buttonOf(floor: Floor, window: ChatWindow, identifier: string, reference: string | undefined) {
  const question = newest(floor, window, ({ quickReplies }) =>
    reference === undefined ? quickReplies !== undefined : quickReplies?.reference === reference,
  )?.quickReplies
  if (!question && reference === undefined) throw new Refused(409, 'there is no question in this thread; name one')
  const title = question?.options.find((option) => option.identifier === identifier)?.title ?? identifier
  return { reference: reference ?? question?.reference ?? '', identifier, title }
}

function newest(floor: Floor, { user, thread }: ChatWindow, fits: (item: ChatItem) => boolean): ChatItem | undefined {
  return floor.chats.get(user)?.findLast((item) => item.threadId === thread && fits(item))
}

function shown({ user: _user, ...item }: ChatItem) {
  return item
}

const words = z.string().min(1)
const window = { user: words, app: words, thread: words, tid: words.optional() }
const Window = z.strictObject(window)
const Open = z.strictObject({ user: words, app: words, thread: words.optional() })
const Say = z.strictObject({
  ...window,
  text: z.string().default(''),
  attachments: z.array(z.unknown()).default([]),
  pciInfo: z.unknown().optional(),
  malwareinfo: z.unknown().optional(),
  securityscaninfo: z.unknown().optional(),
})
const Field = z.strictObject({
  name: words,
  label: z.string().default(''),
  type: z.string().default('text'),
  value: z.string(),
  mandatory: z.boolean().default(false),
})
const Form = z.strictObject({
  ...window,
  fields: z.union([z.record(z.string(), z.string()), z.array(Field)]),
  title: z.string().optional(),
})
const Press = z.strictObject({ ...window, identifier: words, reference: words.optional() })
const Typing = z.strictObject({ ...window, typing: z.enum(['start', 'stop']).default('start') })
const Inbox = z.object({ user: words, thread: words.optional() })
