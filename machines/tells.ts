/**
 * What the tells of a conversation say: pure builders, one an action name of the statecharts. A builder returns the
 * effects, in the order in which they go out; it does not carry them out and never throws.
 * Every bot text is appended to the transcript as Outbound, every webhook notice as Announcement (flows.md section 3).
 */
import type { Context, HeardBy, Scene, WaitingMessage } from './context.ts'
import type { Effect } from './effects.ts'
import type { ConversationEvent } from './events.ts'
import type { TextKey, TextValues } from './texts.ts'

const iso = (at_ms: number): string => new Date(at_ms).toISOString()
const purposeOf = (text: TextKey): string =>
  text
    .replace(/Message$/, '')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()

/** To the customer, on the channel of the conversation. */
function send(context: Context, purpose: string, text: string): Effect {
  return {
    type: 'sendMessage',
    payload: {
      actor: context.actor,
      address: context.address,
      conversationId: context.conversationId,
      purpose,
      text,
      appId: context.turn.asset.appId,
    },
  }
}

type Direction = 'Inbound' | 'Outbound' | 'Announcement'

/** To the transcript; nothing while Engage has no conversation to append to. */
function append(context: Context, direction: Direction, text: string, at: string): Effect[] {
  if (context.conversationId === '') return []
  const { address, conversationId } = context
  return [{ type: 'appendConversation', payload: { address, conversationId, direction, text, at } }]
}

function sayAndAppend(context: Context, direction: Direction, key: TextKey, values: TextValues = {}): Effect[] {
  const text = context.turn.say(key, values)
  return [send(context, purposeOf(key), text), ...append(context, direction, text, iso(context.turn.at_ms))]
}

/** A customer's message as the transcript gets it, and what the customer must be told about it (SM12, E5, E109). */
function relay(context: Context, message: WaitingMessage): Effect[] {
  const told = { clean: undefined, masked: 'sensitiveDataNotice', failed: 'errorSendingMessage' } as const
  const notice = told[message.scan]
  return [
    ...append(context, 'Inbound', transcriptText(message), message.at),
    ...(notice ? sayAndAppend(context, 'Outbound', notice) : []),
  ]
}

/** A message as the transcript shows it: a blank one and a withheld one are said to be so (E5, E109). */
export function transcriptText({ text, scan }: WaitingMessage): string {
  if (scan === 'failed') return unscanned
  return text === '' ? blank : text
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
  const text = `${context.turn.say(before)} ${menuText(context)}`
  return [send(context, purpose, text), ...append(context, 'Outbound', text, iso(context.turn.at_ms))]
}

type Heard = Scene<ConversationEvent | { type: string }>
const message = ({ event }: Heard) => event as HeardBy<'message.received'>

export const tells = {
  /** SM3: the customer's message goes to the transcript, masked as stored. */
  relayMessage: (scene: Heard) => relay(scene.context, message(scene)),

  /** The messages that came before the conversation existed; its own first one travelled with `createConversation`. */
  relayWaiting: ({ context }: Heard, { first }: { first: 'append' | 'alreadyThere' }) =>
    context.waiting.flatMap((waiting, index) =>
      index === 0 && first === 'alreadyThere'
        ? relay(context, waiting).filter((effect) => !isInbound(effect))
        : relay(context, waiting),
    ),

  /** SM5: welcome and menu, as one SMS. */
  sendWelcome: ({ context }: Heard) => menuAfter(context, 'welcome', 'menu'),
  /** SM8, A9: the choice was not understood; ask again. */
  sendMenuAgain: ({ context }: Heard) => menuAfter(context, 'menuInvalid', 'menu-invalid'),
  /** E23: a masked or withheld message is no answer; the notice went out with it, ask again. */
  repeatMenu: ({ context }: Heard) => {
    const text = menuText(context)
    return [send(context, 'menu', text), ...append(context, 'Outbound', text, iso(context.turn.at_ms))]
  },

  /** A bot text: to the customer, and to the transcript as Outbound. */
  sendText: ({ context }: Heard, { text }: { text: TextKey }) => sayAndAppend(context, 'Outbound', text),
  /** A webhook flow's text: to the customer, and to the transcript as Announcement. */
  notify: ({ context }: Heard, { text }: { text: TextKey }) => sayAndAppend(context, 'Announcement', text),
  /** A17: CREATED after a transfer, unless the policy holds it back. */
  tellCreatedAgain: ({ context }: Heard) =>
    context.createdTold ? [] : sayAndAppend(context, 'Announcement', 'CreatedMessage'),
  /** QU4, A15: the estimate, in whole minutes rounded up. */
  notifyWait: ({ context, event }: Heard) => {
    const seconds = (event as HeardBy<'task.queued'>).estimatedWaitSeconds ?? 0
    return sayAndAppend(context, 'Announcement', 'QueuedMessage', { minutes: Math.ceil(seconds / 60), seconds })
  },
  /** To the agent only. */
  announce: ({ context }: Heard, { text }: { text: string }) =>
    append(context, 'Announcement', text, iso(context.turn.at_ms)),

  /** SM15: the task id goes into the conversation. */
  updateConversation: ({ context }: Heard): Effect[] => [
    { type: 'updateConversation', payload: { conversationId: context.conversationId, taskId: context.taskId } },
  ],
  /** A task we gave up on exists after all: end it, so that no agent gets a customer who was told it failed (T10). */
  endGivenUpTask: ({ context }: Heard): Effect[] => [
    {
      type: 'endTask',
      payload: { taskId: context.givenUpTaskId, disposition: 'CD_TASK_CUSTOMER_ABANDON', variables: [] },
    },
  ],
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

const isInbound = (effect: Effect): boolean =>
  effect.type === 'appendConversation' && effect.payload.direction === 'Inbound'
