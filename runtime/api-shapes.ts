/**
 * The shapes of what the gateway takes and answers, as zod schemas: what `/openapi.json` is made of, and what tests hold real
 * answers against (CONTRACTS sections 3 and 4). Bodies of providers are named by what must be in them; they bring more.
 */
import { z } from 'zod'
import { ChatLine } from '../adapters/chat-messages.ts'
import { channels } from '../machines/events.ts'
import { problemCodes } from './problem.ts'

/** Of the paths and shapes, not of the program: it changes when a client would have to. */
export const api_version = '1'

const text = z.string()
const moment = z.iso.datetime()

export const Accepted = z.strictObject({ eventId: text, duplicate: z.boolean(), unhandled: text.optional() })

export const ProblemDocument = z.strictObject({
  type: z.enum(Object.keys(problemCodes).map((code) => `urn:parley:problem:${code}`)),
  title: text,
  status: z.int(),
  detail: text,
  errors: z.array(z.strictObject({ path: text, expected: text, found: text })).optional(),
})

export const Conversation = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  machine: text,
  version: text,
  channel: z.enum(channels),
  asset: text,
  customer: text,
  /** Email: what the conversation is about. */
  topic: text.optional(),
  /** Dotted, such as `inQueue.queued`. */
  state: text,
  conversationId: text,
  taskId: text,
  agentId: text,
  revision: z.int(),
  updatedAt: moment,
  context: z.record(text, z.unknown()),
  timers: z.array(z.strictObject({ name: text, dueAt: moment })),
})

export const ConversationPage = z.strictObject({ items: z.array(Conversation), cursor: text.nullable() })

export const Turn = z.strictObject({
  revision: z.int(),
  turn: z.int(),
  at: moment,
  event: z.strictObject({ id: text, type: text, time: moment, data: z.unknown() }),
  heard: z.enum(['turned', 'ignored', 'stale']),
  stateBefore: text,
  stateAfter: text,
  effects: z.array(
    z.strictObject({
      key: text,
      type: text,
      status: z.enum(['pending', 'done', 'failed']),
      attempts: z.int(),
      code: text.optional(),
      payload: z.record(text, z.unknown()),
      delivery: z
        .strictObject({
          status: z.enum(['queued', 'sent', 'delivered', 'failed', 'read']),
          at: moment,
          code: text.optional(),
        })
        .optional(),
    }),
  ),
})

export const Replayed = z.strictObject({
  id: text,
  machine: text,
  version: text,
  turns: z.int(),
  difference: z
    .strictObject({
      revision: z.int(),
      turn: z.int(),
      at: moment,
      event: text,
      what: z.enum(['state', 'effects', 'machine']),
      recorded: z.unknown(),
      replayed: z.unknown(),
    })
    .nullable(),
})

/** What a feed of all conversations says at once: each conversation that turned, and how many there are of all. */
export const ListNews = z.strictObject({
  items: z.array(
    Conversation.omit({ revision: true, context: true, timers: true, updatedAt: true }).extend({ at: moment }),
  ),
  counts: z.array(z.strictObject({ channel: text, state: text, count: z.int() })),
})

export const Asset = z.strictObject({ channel: z.enum(channels), id: text, machine: text, address: text.optional() })

const names = z.array(text)
/** States and transitions of a machine as `machines/chart.ts` makes them; paths are dotted, the root's is empty. */
export const Machine = z.strictObject({
  id: text,
  version: text,
  chart: z.strictObject({
    machine: text,
    version: text,
    states: z.array(
      z.strictObject({
        path: text,
        parent: text.optional(),
        name: text,
        kind: z.enum(['root', 'atomic', 'compound', 'final']),
        isInitial: z.boolean(),
        entry: names,
        exit: names,
        asks: names,
      }),
    ),
    transitions: z.array(
      z.strictObject({
        id: text,
        source: text,
        target: text.optional(),
        event: text,
        words: text,
        guard: text.optional(),
        actions: names,
      }),
    ),
  }),
  definition: z.record(text, z.unknown()),
})

const counts = z.record(text, z.int())
/** By state and by id of a transition: how many generated paths, and how many real turns, got there. */
export const Coverage = z.strictObject({
  paths: z
    .strictObject({
      chart: text,
      paths: z.int(),
      steps: z.int(),
      states: counts,
      transitions: counts,
      unreachable: z.record(text, text),
    })
    .nullable(),
  traffic: z.strictObject({
    turns: z.int(),
    since: moment.nullable(),
    states: counts,
    transitions: counts,
    isBehind: z.boolean(),
  }),
})

export const DeadLetterRow = z.strictObject({
  id: text,
  kind: z.enum(['unreadable', 'unhandled', 'poison', 'effect', 'record']),
  actor: text,
  reason: text,
  at: moment,
  attempts: z.int(),
})
export const DeadLetterWhole = DeadLetterRow.extend({ content: z.unknown() })

/** `id` is that of the letter that was sent: of a parked conversation the oldest one. */
export const DeadLetterDone = DeadLetterRow.pick({ id: true, kind: true, actor: true }).extend({
  done: z.enum(['sent', 'dropped']),
})

export const Ready = z.strictObject({
  status: z.enum(['ready', 'not ready']),
  reason: text.optional(),
  unhandled: z.array(z.strictObject({ door: text, reason: text, count: z.int() })).optional(),
})

/** What each door's body must have; the samples of the providers have more. */
export const doorBodies = {
  sms: z.looseObject({ oa: text, da: text, message: text.optional(), keyword: text.optional(), tid: text.optional() }),
  'live-chat': z.looseObject({
    event: text,
    userId: text,
    appId: text,
    message: text.optional(),
    tid: text.optional(),
  }),
  email: z.looseObject({ emailId: text, appId: text, subject: text.optional(), message: text.optional() }),
  'digital-routing': z.looseObject({ eventType: text, task: z.looseObject({ taskId: text }) }),
  receipts: z.looseObject({ deliveryInfoNotification: z.looseObject({ deliveryInfo: z.looseObject({}) }) }),
}

export const CustomerQueryBody = z.strictObject({
  customer: text.trim().min(1).max(320),
  channel: z.enum(channels).optional(),
  asset: text.trim().min(1).optional(),
})

export const Erased = z.strictObject({
  conversations: z.array(
    z.strictObject({
      id: text,
      channel: z.enum(channels),
      asset: text,
      state: text,
      taskId: text,
      conversationId: text,
      outcome: z.enum(['erased', 'pending']),
      notEnded: z.array(z.strictObject({ effect: text, reason: text })).optional(),
    }),
  ),
  deadLetters: z.int(),
  mailIds: z.int(),
  chatLines: z.int(),
  attachments: z.int(),
  keys: z.int().nullable(),
  desk: z.int().nullable(),
})

export const Dumped = z.strictObject({
  conversations: z.array(z.object({ ...Conversation.shape, turns: z.array(Turn) })),
  deadLetters: z.array(z.looseObject({ id: text, kind: text })),
  chats: z.array(z.strictObject({ thread: text, lines: z.array(z.strictObject({ ...ChatLine.shape, seq: z.int() })) })),
  attachments: z.array(text),
  desk: z.strictObject({ entries: z.array(z.unknown()), more: z.boolean() }).nullable(),
})

export const AuditRow = z.strictObject({
  id: text,
  at: moment,
  who: z.enum(['admin', 'agent', 'anyone']),
  from: text,
  act: text,
  target: text,
})
