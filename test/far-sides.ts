/**
 * Digital Routing, Engage and Connect as one stand-in behind one address: agrees to everything, in the words of the
 * samples, until a test tells it otherwise for one call. Remembers every request.
 */
import { type HeardRequest, type Reply, type StandIn, standIn } from './far-side.ts'

/** The last part of the path, but for the calls whose path does not say what they do. */
export type CallName =
  | 'createTask'
  | 'endTask'
  | 'sendMessage'
  | 'searchConversation'
  | 'createConversation'
  | 'appendConversation'
  | 'updateConversation'
  | 'closeConversation'
  | 'reopenConversation'
  | 'addParticipant'
  | 'removeParticipant'

export interface FarSides extends StandIn {
  /** What this call is answered next, in order; afterwards it is agreed to again. */
  next(call: CallName, ...replies: Reply[]): void
  /** What this call is answered from now on, after what was asked for with `next`; undefined agrees again. */
  always(call: CallName, reply: Reply | undefined): void
  /** The requests of one call, in the order in which they came. */
  asked(call: CallName): HeardRequest[]
  /** The environment that points a node here. */
  env: Record<string, string>
}

export async function farSides(): Promise<FarSides> {
  const server = await standIn()
  const scripts = new Map<CallName, Reply[]>()
  const standing = new Map<CallName, Reply>()
  let conversations = 0
  server.answerBy((request) => {
    const call = callOf(request)
    const scripted = scripts.get(call)?.shift() ?? standing.get(call)
    if (scripted) return scripted
    if (call === 'createConversation') conversations += 1
    return agreed(call, conversations)
  })
  return {
    ...server,
    next: (call, ...replies) => void scripts.set(call, [...(scripts.get(call) ?? []), ...replies]),
    always: (call, reply) => void (reply ? standing.set(call, reply) : standing.delete(call)),
    asked: (call) => server.requests.filter((request) => callOf(request) === call),
    env: { DIGITAL_ROUTING_URL: server.url, ENGAGE_URL: server.url, CONNECT_URL: server.url },
  }
}

export function callOf({ path }: Pick<HeardRequest, 'path'>): CallName {
  const last = path.split('/').at(-1)
  if (last === 'tasks') return 'createTask'
  if (last === 'taskAction') return 'endTask'
  return last === 'messages' ? 'sendMessage' : (last as CallName)
}

export const outcomes: Partial<Record<CallName, string>> = {
  searchConversation: 'noConversationFound',
  createConversation: 'onConversationCreated',
  appendConversation: 'onAppendMessageSuccess',
  updateConversation: 'onConversationUpdatedSuccess',
  closeConversation: 'onConversationClosed',
  reopenConversation: 'ConversationReopened',
  addParticipant: 'OnAddParticipantSuccess',
  removeParticipant: 'onParticipantRemoved',
}

function agreed(call: CallName, conversations: number): Reply {
  const conversationId = conversations.toString(16).toUpperCase().padStart(16, 'C')
  if (call === 'createTask') return { status: 201, body: {} }
  if (call === 'sendMessage') return { status: 200, body: { response: [{ code: '1001', description: 'Queued' }] } }
  return {
    status: 200,
    body: { outcome: outcomes[call], ...(call === 'createConversation' ? { conversationId } : {}) },
  }
}
