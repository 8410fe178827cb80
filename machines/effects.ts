/**
 * Everything a conversation can ask of the world, as data (blueprint: tells and asks; waits are XState's `after`).
 * Owned here; built by the machines, stored by `runtime/stages/persist.ts`, carried out by `adapters/`.
 * Provider words (Digital Routing, Engage, Connect) appear only behind the adapters' codecs.
 */
import type { Address, Attachment, FormField, Mail } from './events.ts'

/** `key` follows Digital Routing's rule: `cv_` call variable, `user_` ECC variable, anything else extension variable. */
export interface Variable {
  key: string
  value: string
}

/** Asks: answered with an output or an error. The machine invokes them, and leaves the state to stop caring. */
export interface Asks {
  searchConversation: { input: { address: Address; thread?: string; mail?: SearchedMail }; output: SearchOutput }
  createConversation: {
    input: {
      address: Address
      text: string
      at: string
      customerName: string
      customerEmail: string
      /** Live chat only. */
      thread?: string
      websiteDomain?: string
      /** Email only. */
      mail?: { mailbox: string } & WrittenMail
    }
    output: { conversationId: string }
  }
  reopenConversation: { input: { conversationId: string }; output: Nothing }
  closeConversation: { input: { conversationId: string }; output: Nothing }
  addParticipant: { input: { conversationId: string; agentId: string }; output: Nothing }
  removeParticipant: { input: { conversationId: string; agentId: string }; output: Nothing }
  createTask: { input: TaskRequest; output: { how: 'created' | 'reinjected' | 'existed' } }
  endTask: { input: { taskId: string; disposition: string; variables: Variable[] }; output: Nothing }
}

/** Tells: nobody waits. Given up for good, the conversation hears `effect.failed`. */
export interface Tells {
  sendMessage: OutboundMessage
  appendConversation: {
    address: Address
    conversationId: string
    direction: 'Inbound' | 'Outbound' | 'Announcement'
    text: string
    at: string
    attachments?: Attachment[]
    /** A form's answer, instead of a text (LC5). */
    form?: { title: string; fields: FormField[] }
    /** Email: what a customer's mail is besides its text. */
    mail?: WrittenMail
  }
  updateConversation: { conversationId: string; taskId: string }
  /** Asks the routing service how the task stands; the answer is heard as if it were a webhook (E41). */
  checkTask: { taskId: string }
  /** For the people who run Parley: counted and logged, no call goes out. `code` is stable, `detail` holds ids only. */
  raiseAlert: { code: string; detail: Record<string, string> }
}

/** What Engage finds a mail's conversation by, besides who wrote it (flows.md section 3). */
export type SearchedMail = { mailbox: string } & Pick<Mail, 'subject' | 'to' | 'cc' | 'inReplyTo'>
/** What the transcript keeps of a mail besides its text. */
export type WrittenMail = Pick<Mail, 'from' | 'subject' | 'messageId' | 'html'>

/** The five outcomes of Engage's Search Conversation (seed l.104-108). */
export interface SearchOutput {
  outcome:
    | 'noConversationFound'
    | 'conversationInQueue'
    | 'conversationActive'
    | 'conversationClosed'
    | 'conversationOnHold'
  conversationId: string
  agentId: string
}

export interface TaskRequest {
  taskId: string
  address: Address
  /** What the customer is reached under: phone number, email address, chat user. */
  origin: string
  customerId: string
  mediaType: 'Social' | 'Chat' | 'Email' | 'Web Callback'
  mediaChannel: 'SMS' | 'Live Chat/In App Messaging' | 'Email' | 'Web Callback'
  scriptSelector: string
  variables: Variable[]
}

export interface OutboundMessage {
  /** Who sends it: goes along as call-back data, so that receipts find their way. */
  actor: string
  address: Address
  /** Empty while no conversation exists yet (a technical error before it was created). */
  conversationId: string
  /** Which message this is: the text key in kebab-case words, e.g. `created`, `menu`. Part of the correlation id. */
  purpose: string
  text: string
  /** Connect's application id of an SMS asset. */
  appId: string
  /** Live chat: the thread it goes to. */
  thread?: string
  /** Email: who it is from, and what it answers. */
  mail?: OutboundMail
  /** Live chat: a form to fill in, or answers to press; `text` is its title or the question. */
  form?: { reference: string; fields: FormQuestion[] }
  quickReplies?: {
    reference: string
    options: { title: string; identifier: string; payload: Record<string, string> }[]
  }
}

/** A mail as an automatic answer (RFC 3834): it names what it answers, so that it lands in the customer's thread. */
export interface OutboundMail {
  /** The mailbox, and the name it carries. */
  from: string
  fromName: string
  subject: string
  cc: string[]
  bcc: string[]
  inReplyTo: string
  references: string[]
}

/** One field of a form before it is filled in; `options` of a choice. */
export type FormQuestion = Omit<FormField, 'value'> & { options?: string[] }

export type Nothing = Record<string, never>
export type AskType = keyof Asks
export type TellType = keyof Tells
export type EffectType = AskType | TellType
export type PayloadOf<Type extends EffectType> = Type extends AskType
  ? Asks[Type]['input']
  : Type extends TellType
    ? Tells[Type]
    : never

/** What the runtime needs to know of an effect: any machine may name its own. */
export interface AnyEffect {
  type: string
  payload: object
}

/** One thing to be carried out. `withinMs` is the time it has in all, from the commit of its turn, over all attempts. */
export type Effect<Type extends EffectType = EffectType> = {
  [T in Type]: { type: T; payload: PayloadOf<T>; withinMs?: number }
}[Type]

export const askTypes = [
  'searchConversation',
  'createConversation',
  'reopenConversation',
  'closeConversation',
  'addParticipant',
  'removeParticipant',
  'createTask',
  'endTask',
] as const satisfies readonly AskType[]
/** What a machine learns of an ask that failed for good. Never the provider's words, which may quote the customer. */
export interface AskError {
  code: AskErrorCode
}
export type AskErrorCode =
  | 'queueFull' // Digital Routing 20286
  | 'tooManyRequests' // 429 to the end
  | 'serviceUnavailable' // 503 to the end
  | 'refused' // 400, 401, 403, 404, 409 and Engage outcomes that no retry mends
  | 'notFound' // 404 where the far side says the thing does not exist
  | 'failed' // other 5xx, time-out, connection lost, to the end
