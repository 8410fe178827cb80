/**
 * What the desk writes down: one journal entry per accepted request or act, and the things those entries speak of.
 * Owned here; decided by the doors and acts, stored by `journal.ts`, folded by `floor.ts`.
 * Invariant: an entry carries everything that follows from it, webhooks included, so that no crash can separate them.
 */

import type { MessageStatus } from '../message-status.ts'

/** A task context variable as Digital Routing has it on the wire. */
export interface TaskVariable {
  key: string
  type: string
  value: string
}

export type TaskState = 'CREATED' | 'QUEUED' | 'ROUTED' | 'TRANSFERRED' | 'CLOSED'

/** What the caller says of a task when creating it (samples/dr-api/create-task-request-*.json). */
export interface TaskFields {
  taskId: string
  customerId: string
  origin: string
  destination: string
  mediaType: string
  mediaChannel: string
  direction: string
  scriptSelector: string
  preferredOwner: string
  variables: TaskVariable[]
}

/** Seconds; -1 for "not enough data". A tester may send anything here, as careless far sides do (flows.md E42). */
export type EstimatedWait = number | string | null

export interface Task extends TaskFields {
  state: TaskState
  createdTime: string
  lastUpdatedTime: string
  history: { state: TaskState; time: string }[]
  /** `user_DR_MediaResourceID`. */
  conversationId: string
  /** When it last began to wait: at create and at each re-injection. */
  waitingSince: string
  estimatedWaitTime?: EstimatedWait
  estimatedAt?: string
  ownerId?: string
  dispositionCode?: string
  /** Times of the customer's messages since the agent joined, and how many of them the automatic agent has answered. */
  heard: string[]
  answered: number
  answeredAt?: string
  /** Who of the crew it rings at since when, and when they accepted; absent for an agent whom the desk does not know. */
  offeredAt?: string
  acceptedAt?: string
  /** It goes to the head of its line: an agent let it ring out, or logged out. */
  atHead?: boolean
  /** 1 goes first. Absent: that of its queue. */
  priority?: number
  /** Transferred to this agent: nobody else is offered it while they are logged in. */
  targetAgentId?: string
  /** Web callback: the phone call that the desk placed when it closed the task. */
  dial?: Dial
}

/** What became of a call that an agent's phone placed. `cancelled`: the agent put down before anyone answered. */
export type DialState = 'dialling' | 'answered' | 'ended' | 'busy' | 'noAnswer' | 'cancelled'
export interface Dial {
  agentId: string
  number: string
  at: string
  state: DialState
}

/** A person who works here. What they are doing is worked out from their tasks (`crew.ts`); this is what they say. */
export interface Agent {
  agentId: string
  name: string
  /** The skills of the queues they serve; `*` serves all. */
  skills: string[]
  /** How many tasks of a media type at once; 0 for none. */
  capacity: Record<string, number>
  state: 'loggedOut' | 'notReady' | 'ready'
  /** Why they are not ready. */
  reason?: string
  /** Since when without a new task: the longest idle is offered the next. */
  idleSince: string
  /** SHA-256 of the bearer token; absent until one is issued. */
  tokenHash?: string
  /** Tasks that are over and not wrapped up yet; each keeps its place until then. */
  wrapping: { taskId: string; mediaType: string; until: string }[]
}

/** How the tasks of a script selector are handled. A selector that nobody has set has `usualQueue`. */
export interface Queue {
  scriptSelector: string
  /** What an agent must have to be offered its tasks. */
  skill: string
  /** 1 goes first. */
  priority: number
  ringMs: number
  wrapUpMs: number
}

/** What holds for all tasks of a media type, whatever their queue. */
export interface MediaLimits {
  mediaType: string
  /** How many may wait before create answers 20286; null leaves it to the limit of the whole desk. */
  limit: number | null
  /** How long one may wait before it is closed with CD_MAX_DIALOG_LIFETIME_EXCEEDED. */
  waitMaxMs: number
}

export type ConversationStatus = 'InQueue' | 'Active' | 'OnHold' | 'Closed'

export interface TranscriptLine {
  at: string
  direction: 'Inbound' | 'Outbound' | 'Announcement'
  text: string
  /** The agent who wrote it; absent for the customer and for the bot. */
  by?: string
  messageType?: string
  attachments?: unknown
  formResponse?: unknown
  /** What a line is besides its words when it is a mail. */
  subject?: string
  html?: string
  fromEmailId?: string
  messageId?: string
  /** What goes out over a line or into a window of the runtime: its id there, and how far it has come. */
  transid?: string
  delivery?: { status: MessageStatus; at: string; code?: string }
}

export interface Conversation {
  conversationId: string
  channel: string
  customer: string
  business: string
  threadId: string
  customerName: string
  customerEmail: string
  status: ConversationStatus
  userId: string | null
  participants: string[]
  taskId: string
  createdAt: string
  updatedAt: string
  transcript: TranscriptLine[]
  /** Live chat: the host of the page that the window is on. */
  websiteDomain?: string
  /** Email: the subject it began with. */
  subject?: string
}

/** A text as it lies in a handset. */
export interface HandsetText {
  at: string
  number: string
  from: string
  text: string
  transid: string
  correlationId: string
}

/** A mail as it lies in the mailboxes of all its receivers. Addresses are bare; `Message-ID` is always in the headers. */
export interface MailItem {
  at: string
  from: string
  fromName: string
  to: string[]
  cc: string[]
  bcc: string[]
  subject: string
  text: string
  headers: Record<string, string>
  transid: string
  correlationId: string
}

/** What lies in a chat window: words, a form to fill in, or a question with answers to press (flows.md 4.4). */
export interface ChatItem {
  at: string
  user: string
  appId: string
  threadId: string
  type: 'message' | 'form' | 'messageWithQuickReplies'
  /** The words; of a form its title. */
  text: string
  form?: {
    reference: string
    title: string
    fields: { name: string; label: string; type: string; options?: string[]; mandatory: boolean }[]
  }
  quickReplies?: {
    reference: string
    options: { title: string; identifier: string; payload: Record<string, string> }[]
  }
  transid: string
  correlationId: string
}

/** Something to be posted to the outside until it is taken: a task webhook or a delivery receipt. */
export interface Delivery {
  /** The webhook's eventId, the receipt's subtid: the same on every try. */
  id: string
  /** `message` goes to a window of the runtime's own chat door, `text` to a line of the runtime. */
  kind: 'webhook' | 'receipt' | 'message' | 'text'
  /** Deliveries of one lane go out one after the other. */
  lane: string
  type: string
  taskId: string
  /** Whose transcript has the line that this brings to the customer. */
  conversationId?: string
  /** Where a receipt goes; webhooks and messages go to the desk's addresses for them. */
  to: string
  body: object
}

/** The calls that the far sides answer; faults and the ledger go by these names. */
export const callNames = [
  'createTask',
  'getTask',
  'endTask',
  'searchConversation',
  'createConversation',
  'appendConversation',
  'updateConversation',
  'closeConversation',
  'reopenConversation',
  'addParticipant',
  'removeParticipant',
  'sendMessage',
] as const
export type CallName = (typeof callNames)[number]

/** Whom a call is about, as far as it can be told. */
export interface About {
  taskId: string
  conversationId: string
  customer: string
}

export interface Answer {
  status: number
  body: object
  /** Path of what was created; the door makes it absolute. */
  location?: string
}

/** The first attempt of a call with an Idempotency-Key. */
export interface Asked extends About {
  call: CallName
  key: string
  /** Hash of call and body: tells a repeated attempt from a reused key. */
  fingerprint: string
  /** HTTP status of the first attempt; 0 when it was left unanswered. */
  status: number
}

/** What can happen on the floor. Tasks are carried whole, so that the fold has nothing to work out. */
export interface Acts {
  asked: Record<string, never>
  taskCreated: { task: Task }
  taskReinjected: { task: Task }
  taskQueued: { task: Task }
  taskRouted: { task: Task }
  taskTransferred: { task: Task }
  taskClosed: { task: Task }
  /** A callback's call goes on; the task is closed already. */
  taskDialled: { task: Task }
  /** A task of the crew changed without its customer noticing: accepted, or given another priority. */
  taskChanged: { task: Task }
  agentChanged: { agent: Agent }
  agentRemoved: { agentId: string }
  queueSet: { queue: Queue }
  mediaSet: { media: MediaLimits }
  conversationCreated: { conversation: Conversation }
  conversationChanged: { conversationId: string; change: Partial<Omit<Conversation, 'conversationId' | 'transcript'>> }
  messageAppended: { conversationId: string; line: TranscriptLine }
  textsSent: { texts: HandsetText[] }
  chatsSent: { chats: ChatItem[] }
  mailsSent: { mails: MailItem[] }
  /** A customer closed a chat window. */
  threadClosed: { user: string; app: string; thread: string }
  agentSaid: {
    taskId: string
    conversationId: string
    line: TranscriptLine
    texts: HandsetText[]
    /** These two are absent in journals of earlier versions. */
    chats?: ChatItem[]
    mails?: MailItem[]
    automatic: boolean
  }
  /** How far an agent's words have come. */
  lineTold: { conversationId: string; transid: string; delivery: NonNullable<TranscriptLine['delivery']> }
  webhookDelivered: {
    id: string
    outcome: 'delivered' | 'refused' | 'givenUp' | 'dropped'
    status: number
    tries: number
    code?: string
  }
}
export type ActType = keyof Acts
export type Act<Type extends ActType = ActType> = { [T in Type]: { type: T; data: Acts[T] } }[Type]

/**
 * One journal message. `response` is what the key's later attempts are answered; absent when nothing was decided. `agent`
 * is who changed together with the task, `by` the desk that wrote it (absent in journals of earlier versions).
 */
export type Entry = Act & {
  at: string
  by?: string
  asked?: Asked
  response?: Answer
  deliveries?: Delivery[]
  agent?: Agent
}
export type Draft<Type extends ActType = ActType> = Act<Type> & {
  asked?: Asked
  response?: Answer
  deliveries?: Delivery[]
  agent?: Agent
}
