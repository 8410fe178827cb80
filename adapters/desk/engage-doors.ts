/**
 * Engage as the runtime sees it: the conversation store, one POST per node (flows.md section 3, samples/engage).
 * Speaks to `calls.ts`. Invariants: the outcome decides, not the HTTP status; a conversation id is 16 upper-case hex
 * characters; a closed conversation takes no messages and no agents until it is reopened.
 */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import type { Call, Calls, Decision } from './calls.ts'
import { Append, Create, Named, Participant, Search, Update } from './engage-bodies.ts'
import type { Act, CallName, Conversation, ConversationStatus } from './entries.ts'
import { type Floor, placeOf } from './floor.ts'

export function openEngageDoors(server: FastifyInstance, calls: Calls): void {
  for (const [name, callOf] of Object.entries(nodes)) {
    server.post(`/engage/v1/${name}`, (request, reply) => calls.take(request, reply, callOf(request.body)))
  }
}

/** How a conversation looks to Search Conversation. */
const outcomeOf: Record<ConversationStatus, string> = {
  InQueue: 'conversationInQueue',
  Active: 'conversationActive',
  OnHold: 'conversationOnHold',
  Closed: 'conversationClosed',
}

const nodes = {
  searchConversation: node('searchConversation', Search, {
    customerOf: ({ customer }) => customer,
    decide(floor, { channel, business, customer, subject }) {
      const found = floor.conversations.get(floor.latest.get(placeOf(channel, business, customer, subject)) ?? '')
      if (!found) return outcome('noConversationFound', { ...nobody, description: '' })
      const { conversationId, status, userId } = found
      return outcome(outcomeOf[status], {
        description: '',
        conversationExistsBool: true,
        conversationId,
        status,
        userId,
      })
    },
  }),
  createConversation: node('createConversation', Create, {
    customerOf: ({ customerAddress }) => customerAddress,
    decide(_floor, body, at) {
      const conversation = begun(body, at)
      const { conversationId } = conversation
      const act: Act = { type: 'conversationCreated', data: { conversation } }
      return outcome('onConversationCreated', { transId: randomUUID(), conversationId }, act)
    },
  }),
  appendConversation: onConversation('appendConversation', Append, 'onAppendMessageFailure', (conversation, body) => {
    if (conversation.status === 'Closed') return 'the conversation is closed'
    const { timestamp, channel: _channel, conversationId, emailSubject, ...said } = body
    const line = { at: timestamp, ...definedOnly({ subject: emailSubject, ...said }) }
    const act: Act = { type: 'messageAppended', data: { conversationId, line } }
    return outcome('onAppendMessageSuccess', { transId: randomUUID() }, act)
  }),
  updateConversation: onConversation(
    'updateConversation',
    Update,
    'onConversationUpdatedFailure',
    (conversation, { taskId }) => outcome('onConversationUpdatedSuccess', {}, change(conversation, { taskId })),
  ),
  closeConversation: onConversation('closeConversation', Named, 'onCloseConversationFailure', (conversation) =>
    outcome(
      'onConversationClosed',
      {},
      conversation.status === 'Closed'
        ? undefined
        : change(conversation, { status: 'Closed', userId: null, participants: [] }),
    ),
  ),
  reopenConversation: onConversation('reopenConversation', Named, 'ConversationReopenFailed', (conversation) => {
    if (conversation.status !== 'Closed') return 'the conversation is not closed'
    return outcome('ConversationReopened', {}, change(conversation, { status: 'InQueue' }))
  }),
  addParticipant: onConversation('addParticipant', Participant, 'OnAddParticipantFailure', (conversation, body) => {
    if (conversation.status === 'Closed') return 'the conversation is closed'
    const { participantId } = body
    const participants = [...new Set([...conversation.participants, participantId])]
    const joined = change(conversation, { status: 'Active', userId: participantId, participants })
    return outcome('OnAddParticipantSuccess', {}, joined)
  }),
  removeParticipant: onConversation(
    'removeParticipant',
    Participant,
    'onRemoveParticipantFailure',
    (conversation, { participantId }) => {
      // An agent who never accepted is not there; callers take this for a success (flows.md A20).
      if (!conversation.participants.includes(participantId)) return `${participantId} is not a participant`
      const participants = conversation.participants.filter((id) => id !== participantId)
      const userId = participants.at(-1) ?? null
      const left = change(conversation, { status: userId === null ? 'InQueue' : 'Active', userId, participants })
      return outcome('onParticipantRemoved', {}, left)
    },
  ),
}

function begun(body: z.infer<typeof Create>, at: string): Conversation {
  const { emailSubject: subject, html, fromEmailId, messageId } = body
  const first = definedOnly({ text: body.text, subject, html, fromEmailId, messageId })
  return {
    conversationId: randomUUID().replaceAll('-', '').slice(0, conversation_id_chars).toUpperCase(),
    channel: body.channel,
    customer: body.customerAddress,
    business: body.bizAddress,
    threadId: body.threadId,
    ...(body.websiteDomain === undefined ? {} : { websiteDomain: body.websiteDomain }),
    ...(subject === undefined ? {} : { subject }),
    customerName: body.customerName,
    customerEmail: body.customerEmail,
    status: 'InQueue',
    userId: null,
    participants: [],
    taskId: '',
    createdAt: at,
    updatedAt: at,
    transcript: body.text === '' ? [] : [{ at: body.timestamp, direction: body.direction, ...first }],
  }
}

interface Node<Body> {
  customerOf?(body: Body): string
  conversationOf?(body: Body): string
  decide(floor: Floor, body: Body, at: string): Decision
}

function node<Body>(name: CallName, schema: z.ZodType<Body>, { customerOf, conversationOf, decide }: Node<Body>) {
  return (raw: unknown): Call => {
    const parsed = schema.safeParse(raw)
    return {
      name,
      about(floor) {
        const conversationId = parsed.success ? (conversationOf?.(parsed.data) ?? '') : ''
        const conversation = floor.conversations.get(conversationId)
        const customer = parsed.success ? customerOf?.(parsed.data) : undefined
        return {
          taskId: conversation?.taskId ?? '',
          conversationId,
          customer: customer ?? conversation?.customer ?? '',
        }
      },
      decide: (floor, at) =>
        parsed.success
          ? decide(floor, parsed.data, at)
          : outcome('onInvalidData', { description: missing(parsed.error) }, undefined, 400),
    }
  }
}

/** A node that needs an existing conversation; a string returned by `decide` is the reason of its failure outcome. */
function onConversation<Body extends { conversationId: string }>(
  name: CallName,
  schema: z.ZodType<Body>,
  failure: string,
  decide: (conversation: Conversation, body: Body) => Decision | string,
) {
  return node(name, schema, {
    conversationOf: ({ conversationId }) => conversationId,
    decide(floor, body) {
      const conversation = floor.conversations.get(body.conversationId)
      const decided = conversation ? decide(conversation, body) : 'there is no such conversation'
      return typeof decided === 'string' ? outcome(failure, { transId: randomUUID(), description: decided }) : decided
    },
  })
}

function outcome(name: string, rest: object, act?: Act, status = 200): Decision {
  return { answer: { status, body: { outcome: name, ...rest } }, ...(act ? { draft: act } : {}) }
}

function change(
  { conversationId }: Conversation,
  fields: Partial<Omit<Conversation, 'conversationId' | 'transcript'>>,
): Act {
  return { type: 'conversationChanged', data: { conversationId, change: fields } }
}

function missing(error: z.ZodError): string {
  return `wrong or missing: ${error.issues.map((issue) => issue.path.join('.') || 'body').join(', ')}`
}

function definedOnly<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]-?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}

const nobody = { conversationExistsBool: false, conversationId: '', status: '', userId: null }
const conversation_id_chars = 16
