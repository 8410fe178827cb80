/**
 * What the tells of a conversation say: pure builders, one an action name of the statecharts. A builder returns the
 * effects, in the order in which they go out; it does not carry them out and never throws.
 * Every bot text is appended to the transcript as Outbound, every webhook notice as Announcement (flows.md section 3).
 */
import type { Context, HeardBy, Scene, WaitingMessage } from './context.ts'
import { closedTextOf } from './dispositions.ts'
import type { Effect, OutboundMessage, Tells, WrittenMail } from './effects.ts'
import type { ConversationEvent, Mail } from './events.ts'
import { errorCodeOf, offerReference } from './guards.ts'
import { answerIn } from './mail-thread.ts'
import { noticeOf } from './message-notice.ts'
import { formQuestions } from './pre-chat-form.ts'
import { threadOf } from './task-request.ts'
import type { TextKey, TextValues } from './texts.ts'

const iso = (at_ms: number): string => new Date(at_ms).toISOString()
const purposeOf = (text: TextKey): string =>
  text
    .replace(/Message$/, '')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()

/** To the customer, on the channel of the conversation. */
function send(context: Context, purpose: string, text: string, extra: Partial<OutboundMessage> = {}): Effect[] {
  const { actor, address, conversationId, threadClosed, turn } = context
  if (threadClosed || text === '') return [] // a closed thread takes nothing any more (A23); an empty notice is none (G6)
  const mail = address.channel === 'email' ? { mail: answerIn(context, copied.has(purpose)) } : {}
  const to = { actor, address, conversationId, appId: turn.asset.appId, ...threadOf(context), ...mail }
  return [{ type: 'sendMessage', payload: { ...to, purpose, text, ...extra } }]
}

type Direction = 'Inbound' | 'Outbound' | 'Announcement'

/** To the transcript; nothing while Engage has no conversation to append to, or has closed it for a callback. */
function append(
  context: Context,
  direction: Direction,
  text: string,
  at: string,
  extra: Partial<Tells['appendConversation']> = {},
): Effect[] {
  const { address, conversationId, chatConversation } = context
  if (conversationId === '' || chatConversation === 'closed') return []
  return [{ type: 'appendConversation', payload: { address, conversationId, direction, text, at, ...extra } }]
}

/** To the customer, and to the transcript what the customer was told: nothing where nothing could be sent (A23). */
function tell(
  context: Context,
  direction: Direction,
  purpose: string,
  text: string,
  extra: Partial<OutboundMessage> = {},
): Effect[] {
  const sent = send(context, purpose, text, extra)
  return sent.length === 0 ? [] : [...sent, ...append(context, direction, text, iso(context.turn.at_ms))]
}

const say = (context: Context, direction: Direction, key: TextKey, values: TextValues = {}): Effect[] =>
  isTold(context, key) ? tell(context, direction, purposeOf(key), context.turn.say(key, values)) : []

const isTold = ({ address }: Context, key: TextKey): boolean => address.channel !== 'email' || !notByMail.has(key)

/** What the seed tells by SMS and live chat only (l.18, 23, 24, 29; QU1, RO3, CL5, TR4). */
const notByMail = new Set<TextKey>(['QueuedMessage', 'RoutedMessage', 'ClosedMessage', 'TransferredMessage'])
/** What those in copy are told, too: how the task stands, not what is between us and one sender (CR3). */
const copied = new Set(['created', 'failed-transfer'])

/** A customer's message as the transcript gets it, and what the customer must be told about it (SM12, LC8-LC11, E5). */
function relay(context: Context, message: WaitingMessage): Effect[] {
  const { attachments = [] } = message
  const more = {
    ...(attachments.length > 0 ? { attachments } : {}),
    ...(message.mail ? { mail: writtenMail(message.mail) } : {}),
  }
  return [...append(context, 'Inbound', transcriptText(message), message.at, more), ...noticeFor(context, message)]
}

/** To whoever wrote it: of a mail that may be somebody the customer had in copy. */
function noticeFor(context: Context, message: WaitingMessage): Effect[] {
  const notice = noticeOf(context, message)
  if (notice === undefined) return []
  const to = message.mail ? { address: { ...context.address, customer: message.mail.from } } : {}
  return tell(context, 'Outbound', notice.purpose, notice.text, to)
}

export const writtenMail = ({ from, subject, messageId, html }: Mail): WrittenMail => ({
  from,
  subject,
  messageId,
  html,
})

/** A message as the transcript shows it: a blank one and a withheld one are said to be so (E5, E109). */
export function transcriptText({ text, scan, attachments = [] }: WaitingMessage): string {
  if (scan === 'failed') return unscanned
  return text === '' && attachments.length === 0 ? blank : text
}

/** What stands in the transcript for a blank message, and for one the provider's scan withheld. */
const blank = 'No text'
const unscanned = 'System Alert: a message could not be received due to scan service issues'

const menuText = (context: Context): string =>
  context.turn.say('menu', {
    options: context.turn.asset.menu.map(({ key, label }) => `Reply ${key} for ${label}.`).join(' '),
  })

/** Asks the menu again, or for the first time, as one SMS together with what comes before it. */
function menuAfter(context: Context, before: TextKey, purpose: string): Effect[] {
  return tell(context, 'Outbound', purpose, `${context.turn.say(before)} ${menuText(context)}`)
}

type Heard = Scene<ConversationEvent | { type: string }>
const message = ({ event }: Heard) => event as HeardBy<'message.received'>

export const tells = {
  /** SM3: the customer's message goes to the transcript, masked as stored. */
  relayMessage: (scene: Heard) => relay(scene.context, message(scene)),

  /** The messages that came before the conversation existed; its own first one travelled with `createConversation`. */
  relayWaiting: ({ context }: Heard, { first }: { first: 'append' | 'alreadyThere' }) =>
    context.waiting.flatMap((waiting, index) =>
      index === 0 && first === 'alreadyThere' ? relayRest(context, waiting) : relay(context, waiting),
    ),

  /** SM5: welcome and menu, as one SMS. */
  sendWelcome: ({ context }: Heard) => menuAfter(context, 'welcome', 'menu'),
  /** SM8, A9: the choice was not understood; ask again. */
  sendMenuAgain: ({ context }: Heard) => menuAfter(context, 'menuInvalid', 'menu-invalid'),
  /** E23: a masked or withheld message is no answer; the notice went out with it, ask again. */
  repeatMenu: ({ context }: Heard) => tell(context, 'Outbound', 'menu', menuText(context)),

  /** A bot text: to the customer, and to the transcript as Outbound. */
  sendText: ({ context }: Heard, { text, values }: { text: TextKey; values?: TextValues }) =>
    say(context, 'Outbound', text, values),
  /** To the customer alone: Engage takes nothing into a conversation that is closed. */
  sendTextAlone: ({ context }: Heard, { text }: { text: TextKey }) =>
    send(context, purposeOf(text), context.turn.say(text)),
  /** A webhook flow's text: to the customer, and to the transcript as Announcement. */
  notify: ({ context }: Heard, { text }: { text: TextKey }) => say(context, 'Announcement', text),
  /** CL2, CL4, A22: in the words that fit the disposition. */
  notifyClosed: ({ context, event }: Heard) => {
    const { disposition } = event as HeardBy<'task.closed'>
    if (!isTold(context, 'ClosedMessage')) return []
    return tell(context, 'Announcement', 'closed', context.turn.say(closedTextOf(disposition)))
  },
  /** A17: CREATED after a transfer, unless the policy holds it back. */
  tellCreatedAgain: ({ context }: Heard) => (context.createdTold ? [] : say(context, 'Announcement', 'CreatedMessage')),
  /** QU4, A15: the estimate, in whole minutes rounded up. */
  notifyWait: ({ context, event }: Heard) => {
    const seconds = (event as HeardBy<'task.queued'>).estimatedWaitSeconds ?? 0
    return say(context, 'Announcement', 'QueuedMessage', { minutes: Math.ceil(seconds / 60), seconds })
  },
  /** To the agent only. */
  announce: ({ context }: Heard, { text }: { text: string }) =>
    append(context, 'Announcement', text, iso(context.turn.at_ms)),

  /** The same, in the words of the configuration. */
  announceText: ({ context }: Heard, { text }: { text: TextKey }) => {
    const words = context.turn.say(text)
    return words === '' ? [] : append(context, 'Announcement', words, iso(context.turn.at_ms))
  },

  /** LC5: the pre-chat form. */
  sendForm: ({ context }: Heard) =>
    send(context, 'pre-chat-form', context.turn.say('preChatForm'), {
      form: { reference: 'prechat', fields: formQuestions(context.turn.asset) },
    }),
  /** The form's answer goes to the transcript as it was given, masked. */
  relayForm: ({ context, event }: Heard) => {
    const { id, title, fields, at, scan } = event as HeardBy<'form.submitted'>
    return [
      ...append(context, 'Inbound', '', at, { form: { title, fields } }),
      ...noticeFor(context, { id, text: '', at, scan }),
    ]
  },

  /** CB3: the question, as buttons that name the task they are about. */
  offerCallback: ({ context }: Heard) => {
    const text = context.turn.say('CallbackOffer')
    const payload = { taskId: context.taskId }
    const options = [
      { title: 'Yes, call me', identifier: 'callback-yes', payload },
      { title: "No, I'll wait", identifier: 'callback-no', payload },
    ]
    const quickReplies = { reference: offerReference(context), options }
    return tell(context, 'Outbound', 'callback-offer', text, { quickReplies })
  },
  /** CC2: the chat is over, the callback stands; its conversation is closed now, or with the callback (A24). */
  closeChatForCallback: ({ context }: Heard): Effect[] => {
    const told = say(context, 'Announcement', 'WebCallbackMessage')
    if (context.turn.asset.policy.chatClosedForCallback === 'withCallback') return told
    return [...told, { type: 'closeConversation', payload: { conversationId: context.conversationId } }]
  },

  /** SM15: the task id goes into the conversation. */
  updateConversation: ({ context }: Heard): Effect[] => [
    { type: 'updateConversation', payload: { conversationId: context.conversationId, taskId: context.taskId } },
  ],
  /** E41: webhooks get lost; how the task stands is asked for, and answered by an event. */
  checkTask: ({ context }: Heard): Effect[] =>
    context.taskId === '' ? [] : [{ type: 'checkTask', payload: { taskId: context.taskId } }],
  /** A task we gave up on exists after all: end it, so that no agent gets a customer who was told it failed (T10). */
  endGivenUpTask: ({ event }: Heard): Effect[] => [abandoned((event as HeardBy<'task.created'>).taskId)],
  /** Nobody knows whether it exists (a time-out, or any answer that says nothing), and another one follows: end it if it does. */
  endTaskInDoubt: ({ context, event }: Heard): Effect[] =>
    errorCodeOf(event) === 'failed' ? [abandoned(context.taskId)] : [],
  alert: ({ context }: Heard, { code }: { code: string }): Effect[] => [
    {
      type: 'raiseAlert',
      payload: {
        code,
        detail: { actor: context.actor, conversationId: context.conversationId, taskId: context.taskId },
      },
    },
  ],
}

const abandoned = (taskId: string): Effect => ({
  type: 'endTask',
  payload: { taskId, disposition: 'CD_TASK_CUSTOMER_ABANDON', variables: [] },
})

/** What `createConversation` could not carry of the first message: its attachments, and the notice (CONTRACTS 6a). */
function relayRest(context: Context, message: WaitingMessage): Effect[] {
  const { attachments = [], at } = message
  const files = attachments.length > 0 ? append(context, 'Inbound', '', at, { attachments }) : []
  return [...files, ...noticeFor(context, message)]
}
