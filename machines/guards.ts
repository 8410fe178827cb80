/**
 * The questions the statecharts decide by: pure, never throwing, named as facts.
 * `mine` is the fence against late, foreign and superseded webhooks (T10, E38, E75).
 */
import type { Context, HeardBy, Scene } from './context.ts'
import { groupOf } from './dispositions.ts'
import type { SearchOutput } from './effects.ts'
import type { ConversationEvent } from './events.ts'
import type { MenuOption } from './policy.ts'

type Heard = Scene<ConversationEvent | { type: string; output?: unknown; error?: unknown }>

const collapsed = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').trim()

/** SM9, A7: the phrase stands somewhere in the text, whatever the case and spacing. A mail may quote it: it never ends. */
const saysEnd = (context: Context, text: string): boolean =>
  context.address.channel !== 'email' &&
  context.turn.asset.policy.endPhrases.some((phrase) => collapsed(text).includes(collapsed(phrase)))

/** SM6, A9: the answer is an option's key, label or keyword, alone in the message. */
export function chosenOption(context: Context, text: string): MenuOption | undefined {
  const answer = collapsed(text)
  return context.turn.asset.menu.find((option) =>
    [option.key, option.label, ...option.keywords].some((word) => collapsed(word) === answer),
  )
}

/** A9: the option that the last wrong answer stands for. */
export const defaultOption = ({ turn: { asset } }: Context): MenuOption | undefined =>
  asset.menu.find(({ key }) => key === asset.menuDefault)

const isLastWrongAnswer = ({ context }: Heard): boolean =>
  context.wrongAnswers + 1 >= context.turn.asset.policy.menuAttempts

const isGivenUp = ({ givenUpTaskIds }: Context, taskId: string): boolean => givenUpTaskIds.includes(taskId)

const isMine = ({ context, event }: Heard): boolean => {
  const { taskId, mediaResourceId } = event as HeardBy<'task.created'>
  if (context.taskId !== '') return taskId === context.taskId
  return context.conversationId !== '' && mediaResourceId === context.conversationId && !isGivenUp(context, taskId)
}

/** What the routing service said before the last transfer; the clock compared is its own. */
const isOlder = ({ context, event }: Heard): boolean =>
  context.lastTransfer !== null && (event as HeardBy<'task.created'>).at < context.lastTransfer.at

/** ROUTED of the agent who has left since, arriving late (E58, E59: the same agent may be routed again, later). */
const isOfPastAgent = (scene: Heard): boolean =>
  isOlder(scene) && (scene.event as HeardBy<'task.routed'>).agentId === scene.context.lastTransfer?.agentId

/** The transfer that is already being carried out, told again under another id (E65). */
const isSameTransfer = ({ context, event }: Heard): boolean => {
  const { at, agentId } = event as HeardBy<'task.transferred'>
  return at === context.lastTransfer?.at && agentId !== context.agentId
}

const isAutomatic = ({ event }: Heard): boolean => (event as HeardBy<'message.received'>).mail?.automatic === true

/** The customer ended it in words before there was anything to end. */
export const endWaits = (context: Context): boolean => context.waiting.some(({ text }) => saysEnd(context, text))

const dispositionOf = ({ event }: Heard): string => (event as HeardBy<'task.closed'>).disposition

/** Names the question whether to be called: one a task, so that buttons of an earlier one mean nothing (E78, E79). */
export const offerReference = ({ taskId }: Context): string => `callback-offer:${taskId}`

function answersOffer({ context, event }: Heard, answer: string): boolean {
  const { reference, identifier } = event as HeardBy<'postback.received'>
  return context.taskId !== '' && reference === offerReference(context) && identifier === answer
}

/** CB2, A13, A14, A30: once a task, with a number that can be called, to a window that is open; after a transfer by policy. */
const mayOffer = (context: Context): boolean =>
  context.offeredTaskId !== context.taskId &&
  (context.lastTransfer === null || context.turn.asset.policy.callbackAfterTransfer === 'offer') &&
  context.phone !== '' &&
  !context.threadClosed

/** A31: the chat waits in its queue again, if somebody is there to wait. */
const goesBackToChat = ({ context }: Heard): boolean =>
  context.turn.asset.policy.callbackFailed === 'backToChat' && !context.threadClosed

/**
 * Which window that is ours was closed just now: the one the conversation is in, or one of a message that waits for the
 * next conversation (E54). Undefined for any other, and for one that is closed already (E51). An event that names no
 * window is about the one the customer last wrote from.
 */
export function closedWindow(context: Context, { thread: named }: HeardBy<'thread.closed'>): string | undefined {
  const window = named ?? context.waiting.at(-1)?.thread ?? context.thread
  const isOurs = !context.threadClosed && (window === context.thread || context.thread === '')
  const waitsThere = context.waiting.some(({ thread, windowClosed }) => thread === window && !windowClosed)
  return isOurs || waitsThere ? window : undefined
}

const outcome = ({ event }: Heard): SearchOutput => (event as { output: SearchOutput }).output
/** Why an ask failed; a time-out says no more than `failed`. */
export const errorCodeOf = (event: object): string => (event as { error?: { code?: string } }).error?.code ?? 'failed'
const errorCode = ({ event }: Heard): string => errorCodeOf(event)

export const guards = {
  mine: isMine,
  givenUp: ({ context, event }: Heard) => isGivenUp(context, (event as HeardBy<'task.created'>).taskId),

  endPhrase: (scene: Heard) => saysEnd(scene.context, (scene.event as HeardBy<'message.received'>).text),
  /** A machine wrote it (E12, A39). */
  automatic: (scene: Heard) => isAutomatic(scene),
  /** Where there is no conversation, or it is over already: nobody waits for an answer to it, and it ends nothing that waits. */
  beginsNothing: (scene: Heard) =>
    isAutomatic(scene) ||
    (scene.context.waiting.length === 0 && saysEnd(scene.context, (scene.event as HeardBy<'message.received'>).text)),
  /** The customer ended it, or closed the window, before there was a conversation. */
  endWaiting: ({ context }: Heard) => endWaits(context) || context.threadClosed,
  someoneWaits: ({ context }: Heard) => context.waiting.length > 0,
  notReadable: ({ event }: Heard) => (event as HeardBy<'message.received'>).scan !== 'clean',
  menuChoice: ({ context, event }: Heard) =>
    chosenOption(context, (event as HeardBy<'message.received'>).text) !== undefined,
  lastWrongAnswer: isLastWrongAnswer,
  lastWrongAnswerChooses: (scene: Heard) =>
    isLastWrongAnswer(scene) &&
    scene.context.turn.asset.policy.lastWrongAnswer === 'menuDefault' &&
    defaultOption(scene.context) !== undefined,

  foundActive: (scene: Heard) => outcome(scene).outcome === 'conversationActive',
  foundOnHold: (scene: Heard) => outcome(scene).outcome === 'conversationOnHold',
  foundInQueue: (scene: Heard) => outcome(scene).outcome === 'conversationInQueue',
  foundClosedToReopen: (scene: Heard) =>
    outcome(scene).outcome === 'conversationClosed' && scene.context.turn.asset.policy.onClosed === 'reopen',
  foundActiveToEnd: (scene: Heard) =>
    ['conversationActive', 'conversationOnHold'].includes(outcome(scene).outcome) && endWaits(scene.context),
  foundInQueueToEnd: (scene: Heard) =>
    outcome(scene).outcome === 'conversationInQueue' && (endWaits(scene.context) || scene.context.threadClosed),
  foundWithAgentAndLeft: (scene: Heard) =>
    ['conversationActive', 'conversationOnHold'].includes(outcome(scene).outcome) && scene.context.threadClosed,
  someoneWaitsToReopen: ({ context }: Heard) =>
    context.waiting.length > 0 && context.conversationId !== '' && context.turn.asset.policy.onClosed === 'reopen',

  /** Starting the wait for the next check anew would also put off the idle time-out. */
  neverIdle: ({ context }: Heard) => context.turn.asset.policy.idleTimeoutSeconds === 0,
  taskKnown: ({ context }: Heard) => context.taskId !== '',
  /** There is one in Engage that nobody has closed yet. */
  conversationOpen: ({ context }: Heard) => context.conversationId !== '' && context.chatConversation !== 'closed',
  welcomeAtOnce: ({ context }: Heard) => context.endedInWords && context.turn.asset.policy.welcomeAfterEnd === 'atOnce',
  /** CR2, A17, E39: CREATED is told once a task, and again after a transfer where the policy says so. */
  mineAndNotTold: (scene: Heard) => isMine(scene) && !scene.context.createdTold,
  /** QU2, QU3, E40: there is an estimate, it is not older than the last, and the policy relays it. */
  estimateToTell: (scene: Heard) => isMine(scene) && isWorthTelling(scene),
  mineNotOlder: (scene: Heard) => isMine(scene) && !isOlder(scene),
  mineNewTransfer: (scene: Heard) => isMine(scene) && !isOlder(scene) && !isSameTransfer(scene),
  minePresentAgent: (scene: Heard) => isMine(scene) && !isOfPastAgent(scene),
  agentLeaves: ({ context }: Heard) => (context.transfer?.agentId ?? '') !== '',
  mineOtherAgent: (scene: Heard) =>
    isMine(scene) && !isOfPastAgent(scene) && (scene.event as HeardBy<'task.routed'>).agentId !== scene.context.agentId,

  tooManyRequests: (scene: Heard) => errorCode(scene) === 'tooManyRequests',
  serviceNotAvailable: (scene: Heard) => ['queueFull', 'serviceUnavailable'].includes(errorCode(scene)),
  taskGone: (scene: Heard) => errorCode(scene) === 'notFound',
  /** E51: the window the customer last wrote from, for the first time; an earlier one may be closed any time. */
  customerLeaves: ({ context, event }: Heard) => closedWindow(context, event as HeardBy<'thread.closed'>) !== undefined,
  customerGone: ({ context }: Heard) => context.threadClosed,
  formShownOnce: ({ context }: Heard) => context.formsShown < forms_shown_max,
  mayOfferCallback: ({ context }: Heard) => mayOffer(context),
  /** A13: what begins the wait anew would put the offer off. */
  offerToCome: ({ context }: Heard) => mayOffer(context) && context.turn.asset.policy.callbackThresholdSeconds > 0,
  /** ROUTED came while the chat was being cancelled. */
  agentFound: ({ context }: Heard) => context.agentId !== '',
  callbackAccepted: (scene: Heard) => answersOffer(scene, 'callback-yes'),
  callbackDeclined: (scene: Heard) => answersOffer(scene, 'callback-no'),
  chatTaskFirst: ({ context, event }: Heard) =>
    context.chatTaskId !== '' &&
    context.chatConversation === 'open' &&
    (event as HeardBy<'task.closed'>).taskId === context.chatTaskId,
  backToChat: goesBackToChat,
  /** The chat's conversation was closed for the callback, so it needs a new one. */
  backToNewChat: (scene: Heard) => goesBackToChat(scene) && scene.context.chatConversation === 'closed',
  mineAgentFound: (scene: Heard) => isMine(scene) && groupOf(dispositionOf(scene)) === 'normal',
  mineAbandoned: (scene: Heard) => isMine(scene) && groupOf(dispositionOf(scene)) === 'customer',
  addAgain: ({ context }: Heard) => context.addAttempts <= add_agent_retry_ms.length,
  /** The seed's errorSendingMessage is about what the customer wrote, not about what we did (l.124-137). */
  /** Told to whoever can be told: of a chat that nothing is known of (any more), no window is. */
  customerMessageLost: ({ context, event }: Heard) => {
    const failed = event as HeardBy<'effect.failed'>
    const canBeTold = context.address.channel !== 'live-chat' || context.thread !== ''
    return canBeTold && failed.effect === 'appendConversation' && failed.direction === 'Inbound'
  },
}

/** The form is sent, and shown once more to who writes beside it (A11). */
const forms_shown_max = 2

/** Pauses before adding an agent is asked again: an agent may not be synchronised to Engage yet (A19). */
export const add_agent_retry_ms = [5_000, 15_000, 45_000]

/** A16, hardened: at least this much change, and this long since the last one. */
const ewt_change_seconds_min = 60
const ewt_change_ratio_min = 0.2
const ewt_silence_ms_min = 120_000

function isWorthTelling({ context, event }: Heard): boolean {
  const { estimatedWaitSeconds, at } = event as HeardBy<'task.queued'>
  if (estimatedWaitSeconds === null) return false
  const last = context.ewt
  if (last === null) return true
  if (at < last.heardAt) return false
  // The same word again: how the task stands was asked for, and nothing is new (E41).
  if (at === last.heardAt && estimatedWaitSeconds === last.toldSeconds) return false
  if (context.turn.asset.policy.ewtRelay === 'every') return true
  const change = Math.abs(estimatedWaitSeconds - last.toldSeconds)
  return (
    change >= Math.max(ewt_change_seconds_min, last.toldSeconds * ewt_change_ratio_min) &&
    context.turn.at_ms - last.told_at_ms >= ewt_silence_ms_min
  )
}
