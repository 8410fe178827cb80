/**
 * What a chat window and Parley say to each other over the WebSocket at `/v1/chat`, and the lines that a thread is kept as.
 * One JSON object a frame. Owned here; `adapters/chat/` speaks it, `/asyncapi.json` publishes it.
 */
import { z } from 'zod'

const words = z.string().min(1)
/** Drawn by the window: the same again when it does not know whether it was heard. */
const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

export const text_chars_max = 10_000

/** From the window. `hello` comes first, within ten seconds. */
export const FromWindow = z.discriminatedUnion('type', [
  /** `token` goes on where an earlier `welcome` was given; `after` is the `seq` of the last line that was seen. */
  z.strictObject({ type: z.literal('hello'), token: words.optional(), after: z.int().min(0).optional() }),
  z.strictObject({ type: z.literal('message'), id, text: z.string().min(1).max(text_chars_max) }),
  /** The answer to the newest form of that reference, by the names of its fields. */
  z.strictObject({
    type: z.literal('form'),
    id,
    reference: words,
    fields: z.record(z.string(), z.string().max(text_chars_max)),
  }),
  z.strictObject({
    type: z.literal('postback'),
    id,
    reference: words,
    identifier: words,
    title: z.string().default(''),
  }),
  z.strictObject({ type: z.literal('typing'), typing: z.enum(['start', 'stop']) }),
  /** The customer ends the chat; the thread is closed at once. */
  z.strictObject({ type: z.literal('close') }),
])
export type FromWindow = z.output<typeof FromWindow>

const Form = z.object({
  reference: z.string(),
  fields: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      type: z.string(),
      options: z.array(z.string()).optional(),
      mandatory: z.boolean(),
    }),
  ),
})
const QuickReplies = z.object({
  reference: z.string(),
  options: z.array(z.object({ title: z.string(), identifier: z.string() })),
})

/** One line of a thread as it is stored, card data masked. `key` names it: a line that comes twice is one. */
export const ChatLine = z.object({
  key: z.string(),
  at: z.string(),
  from: z.enum(['customer', 'business']),
  kind: z.enum(['message', 'form', 'quickReplies', 'formAnswer', 'postback', 'file', 'closed']),
  text: z.string(),
  form: Form.optional(),
  quickReplies: QuickReplies.optional(),
})
export type ChatLine = z.output<typeof ChatLine>

/** To the window. */
export const ToWindow = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), token: z.string(), thread: z.string(), resumed: z.boolean() }),
  /** In the order of `seq`, each once; the customer's own lines too, from every tab. */
  z.object({ type: z.literal('line'), seq: z.int(), ...ChatLine.shape }),
  /** The frame of that id is stored, or was before. */
  z.object({ type: z.literal('stored'), id: z.string(), duplicate: z.boolean() }),
  /** It was not. 429 and 503 may be sent again, under the same id, after so many seconds; others not. */
  z.object({
    type: z.literal('refused'),
    id: z.string(),
    status: z.int(),
    detail: z.string(),
    retryAfterSeconds: z.int().optional(),
  }),
  z.object({ type: z.literal('typing'), typing: z.enum(['start', 'stop']) }),
])
export type ToWindow = z.output<typeof ToWindow>

/** Why a socket was closed, for programs; the reason says the same for people. */
export const closeCodes = {
  malformed: 4400,
  badToken: 4401,
  originRefused: 4403,
  noSuchChat: 4404,
  noHello: 4408,
  threadClosed: 4409,
  tooLarge: 1009,
  tooFast: 4429,
  /** The node ends; another one takes over. */
  goingAway: 1001,
} as const

/** A thread of our own door. Those of Connect look otherwise. */
export const isOwnThread = (thread: string): boolean => /^pc-[0-9a-f]{32}$/.test(thread)
