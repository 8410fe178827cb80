/**
 * Everything a conversation can hear from outside, as zod schemas and their types.
 * Owned here; made by the doors of `adapters/`, stored as CloudEvents (`parley.` + type) by `runtime/stages/accept.ts`.
 * What XState itself sends (`xstate.after.*`, `xstate.done.actor.*`) is never accepted from outside.
 */
import { z } from 'zod'

export const channels = ['sms', 'live-chat', 'email'] as const
export type Channel = (typeof channels)[number]

/**
 * Where words to and from one customer go. `customer` is normalised: E.164, lower-cased email, chat user. `topic` is for
 * email, where one customer may have several conversations at one mailbox: the subject without its `Re:`, in lower case.
 */
export const Address = z.object({
  channel: z.enum(channels),
  asset: z.string(),
  customer: z.string(),
  topic: z.string().optional(),
})
export type Address = z.infer<typeof Address>

/** `id` is the provider's identity of what happened, `at` when it happened (ISO 8601, UTC). */
const heard = { id: z.string().min(1), at: z.string() }

/** A file a customer sent. `dropped` says why nobody gets it: then it has no `url`, and its name is for email only. */
export const Attachment = z.object({
  name: z.string(),
  contentType: z.string(),
  url: z.string(),
  dropped: z.enum(['sensitive', 'malicious', 'unprocessable']).optional(),
})
export type Attachment = z.infer<typeof Attachment>

/** One field of a pre-chat form, as the customer filled it in. */
export const FormField = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  value: z.string(),
  mandatory: z.boolean(),
})
export type FormField = z.infer<typeof FormField>

/** Live chat: the thread in the customer's window; a new window is a new thread. */
const thread = z.string().optional()

/** What a message is besides its text when it is a mail. Ids are as in its headers, with their angle brackets. */
export const Mail = z.object({
  /** Who wrote it: the customer, or somebody they had in copy. */
  from: z.string(),
  fromName: z.string(),
  subject: z.string(),
  messageId: z.string(),
  inReplyTo: z.string(),
  references: z.array(z.string()),
  to: z.array(z.string()),
  cc: z.array(z.string()),
  bcc: z.array(z.string()),
  /** The HTML part; empty without one. */
  html: z.string(),
  /** A machine sent it (RFC 3834): it begins nothing, and nothing is sent in answer to it. */
  automatic: z.boolean(),
})
export type Mail = z.infer<typeof Mail>

/**
 * A customer wrote. `scan` tells what the card-data check did: `clean`, `masked` (something was masked, here or by the
 * provider before us) or `failed` (the provider could not check, and withheld the text).
 */
export const MessageReceived = z.object({
  type: z.literal('message.received'),
  ...heard,
  text: z.string(),
  scan: z.enum(['clean', 'masked', 'failed']),
  attachments: z.array(Attachment).optional(),
  thread,
  mail: Mail.optional(),
})

/** The pre-chat form came back (LC5). `title` is the form's; `scan` as for a message. */
export const FormSubmitted = z.object({
  type: z.literal('form.submitted'),
  ...heard,
  title: z.string(),
  fields: z.array(FormField),
  scan: z.enum(['clean', 'masked']),
  thread,
})

/** A quick reply was pressed: `reference` names the question it belongs to, `identifier` the answer. */
export const PostbackReceived = z.object({
  type: z.literal('postback.received'),
  ...heard,
  reference: z.string(),
  identifier: z.string(),
  thread,
})

/** The customer closed the chat window or the browser (LX1). */
export const ThreadClosed = z.object({ type: z.literal('thread.closed'), ...heard, thread })

const taskFields = {
  ...heard,
  taskId: z.string(),
  mediaResourceId: z.string().optional(),
  scriptSelector: z.string().optional(),
  /** Variables of the task as the routing service knows them now, by name. */
  variables: z.record(z.string(), z.string()),
}
export const TaskCreated = z.object({ type: z.literal('task.created'), ...taskFields })
/** `estimatedWaitSeconds` is null when there is no usable estimate: absent, -1, or not a number (QU2, A15). */
export const TaskQueued = z.object({
  type: z.literal('task.queued'),
  ...taskFields,
  estimatedWaitSeconds: z.number().nullable(),
})
export const TaskRouted = z.object({ type: z.literal('task.routed'), ...taskFields, agentId: z.string() })
export const TaskTransferred = z.object({
  type: z.literal('task.transferred'),
  ...taskFields,
  /** The agent who leaves: OwnerID of the webhook. Empty when nobody had taken the task. */
  agentId: z.string(),
  cause: z.string(),
})
export const TaskClosed = z.object({ type: z.literal('task.closed'), ...taskFields, disposition: z.string() })

/** What became of a message we sent. Changes no state of its own. */
export const ReceiptUpdated = z.object({
  type: z.literal('receipt.updated'),
  ...heard,
  correlationId: z.string(),
  /** The idempotency key that the message went out with, where the far side gave it back. */
  key: z.string().exactOptional(),
  status: z.string(),
  code: z.string(),
})

/** A tell was given up for good: the runtime says so to the conversation that asked for it. */
export const EffectFailed = z.object({
  type: z.literal('effect.failed'),
  ...heard,
  effect: z.string(),
  direction: z.string().optional(),
  code: z.string(),
})

export const ConversationEvent = z.discriminatedUnion('type', [
  MessageReceived,
  FormSubmitted,
  PostbackReceived,
  ThreadClosed,
  TaskCreated,
  TaskQueued,
  TaskRouted,
  TaskTransferred,
  TaskClosed,
  ReceiptUpdated,
  EffectFailed,
])
export type ConversationEvent = z.infer<typeof ConversationEvent>
export type MessageReceived = z.infer<typeof MessageReceived>
export type TaskEvent = Extract<ConversationEvent, { taskId: string }>
export type EventOf<Type extends ConversationEvent['type']> = Extract<ConversationEvent, { type: Type }>
