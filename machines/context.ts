/**
 * What a conversation remembers between turns, and what is lent to it for one turn.
 * Plain JSON; stored by the runtime inside the snapshot, but for `turn`, which is lent and never stored.
 */
import type { Address, ConversationEvent, MessageReceived } from './events.ts'
import type { MailThread } from './mail-thread.ts'
import type { Asset } from './policy.ts'
import type { Say } from './texts.ts'

/** Lent for one turn: the moment it happens at and the asset's settings, so that no machine reads a clock or a file (T2). */
export interface Turn {
  at_ms: number
  asset: Asset
  say: Say
  /** Tasks of this actor that were forgotten with it: their ids are not used again. Only for its first turn. */
  tasksBefore?: number
}

/** A message that waits for the conversation it belongs to; `thread` is the window it was written in. */
export type WaitingMessage = Omit<MessageReceived, 'type'> & {
  /** That window was closed since: nothing can be said there any more (A23). */
  windowClosed?: true
  /** Email: it needs a notice, and none was due so shortly before it that it gets none (A39). */
  noticeDue?: true
}

export interface Context {
  actor: string
  address: Address
  /** Engage's id, at most 16 characters; empty while there is none. */
  conversationId: string
  /** The task that counts now; empty before the first and for an adopted conversation until a webhook names it. */
  taskId: string
  /** Tasks we stopped waiting for before we knew whether they exist, the newest last: one that turns up is ended (T10). */
  givenUpTaskIds: string[]
  /** Tasks made so far; the next task id carries the next number. */
  tasks: number
  agentId: string
  customerName: string
  customerEmail: string
  /** Live chat: the thread of the window that the customer last wrote from. */
  thread: string
  /** That window was closed: nothing can be sent to it any more (A23). */
  threadClosed: boolean
  /** Email: the thread that what we say is an answer in; null before the first mail, and on other channels. */
  mail: MailThread | null
  /** The form's phone number in E.164, empty when there was none that could be called (A30). */
  phone: string
  formsShown: number
  scriptSelector: string
  /** Task context variables as the routing service last gave them back. */
  learned: Record<string, string>
  waiting: WaitingMessage[]
  wrongAnswers: number
  addAttempts: number
  createdTold: boolean
  /** The last estimate told to the customer, and the time of the last estimate heard (E40). */
  ewt: { toldSeconds: number; told_at_ms: number; heardAt: string } | null
  transfer: { agentId: string; started_at_ms: number } | null
  /** The last transfer, by the routing service's clock: who left and when. What is older belongs to the past (T10). */
  lastTransfer: { agentId: string; at: string } | null
  /** The task that the callback was last offered for (A14); empty before the first offer. */
  offeredTaskId: string
  /** The chat task a callback took the place of; empty without a callback. */
  chatTaskId: string
  /**
   * The conversation in Engage since a callback took over: `open` until the customer was told that the chat is over, then
   * `kept` for the callback, or `closed` (CC2, A24).
   */
  chatConversation: 'open' | 'kept' | 'closed'
  /** The customer ended it in words: not the agent, not a time-out (A8). */
  endedInWords: boolean
  turn: Turn
}

export interface Input {
  actor: string
  address: Address
  turn: Turn
}

export const initialContext = ({ input }: { input: Input }): Context => ({
  actor: input.actor,
  address: input.address,
  tasks: input.turn.tasksBefore ?? 0,
  ...freshSession(input.address),
  turn: input.turn,
})

/** What a new conversation of a known customer begins with: nothing of the last one but the count of tasks. */
export function freshSession(address: Address): Omit<Context, 'actor' | 'address' | 'tasks' | 'turn'> {
  return {
    conversationId: '',
    taskId: '',
    givenUpTaskIds: [],
    agentId: '',
    customerName: address.customer,
    customerEmail: address.channel === 'email' ? address.customer : '',
    thread: '',
    threadClosed: false,
    mail: null,
    phone: '',
    formsShown: 0,
    scriptSelector: '',
    learned: {},
    waiting: [],
    wrongAnswers: 0,
    addAttempts: 0,
    createdTold: false,
    ewt: null,
    transfer: null,
    lastTransfer: null,
    offeredTaskId: '',
    chatTaskId: '',
    chatConversation: 'open',
    endedInWords: false,
  }
}

export type HeardBy<Type extends ConversationEvent['type']> = Extract<ConversationEvent, { type: Type }>

/** What every action, guard and builder is given. */
export interface Scene<Event = { type: string }> {
  context: Context
  event: Event
}
