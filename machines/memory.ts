/**
 * How a conversation remembers: what each `assign` of the statecharts changes in the context. Pure; one place, so that
 * "who writes this field" has one answer.
 */
import { type Context, freshSession, type HeardBy, type Scene, type WaitingMessage } from './context.ts'
import type { Asks, SearchOutput } from './effects.ts'
import type { ConversationEvent } from './events.ts'
import { chosenOption, closedWindow, defaultOption, endWaits } from './guards.ts'
import { noticedAfter, threadAfter } from './mail-thread.ts'
import { isNoticeDue, needsNotice } from './message-notice.ts'
import { rememberedForm } from './pre-chat-form.ts'
import { taskIdOf } from './task-id.ts'
import { learnedVariables } from './task-variables.ts'

type Heard = Scene<ConversationEvent | { type: string; output?: unknown }>
type Change = (scene: Heard) => Partial<Context>

const task = ({ event }: Heard) => event as HeardBy<'task.created'>

export const memory = {
  keepWaiting: ({ context, event }) => {
    const { type: _known, ...message } = event as HeardBy<'message.received'>
    return { waiting: [...context.waiting, withNotice(context, message)] }
  },
  forgetWaiting: () => ({ waiting: [] }),

  /** A conversation that Engage knows and we did not: it is ours from now on (SM2). */
  adoptFound: ({ event }) => {
    const found = (event as { output: SearchOutput }).output
    return { conversationId: found.conversationId, agentId: found.agentId }
  },
  adoptCreated: ({ event }) => ({
    conversationId: (event as { output: Asks['createConversation']['output'] }).output.conversationId,
  }),
  /** Of the last conversation only a task that may still turn up is remembered; what waits begins the new one (SM4). */
  beginSession: ({ context }) => ({
    ...freshSession(context.address),
    ...threadOfWaiting(context),
    givenUpTaskIds: context.givenUpTaskIds,
  }),
  /** A reopened conversation keeps its id in Engage besides. */
  beginReopened: ({ context }) => ({
    ...freshSession(context.address),
    ...threadOfWaiting(context),
    givenUpTaskIds: context.givenUpTaskIds,
    conversationId: context.conversationId,
  }),
  /** The window, or the mail thread, that the customer writes in now: what we say goes there. */
  learnThread: ({ context, event }) => {
    const message = event as HeardBy<'message.received'>
    const { thread } = message
    return { threadClosed: false, ...(thread ? { thread } : {}), ...mailAfter(context, message) }
  },
  /** That window is closed: what is said goes there no longer, now or in the conversation that waits (A23, E54). */
  leaveThread: ({ context, event }) => {
    const window = closedWindow(context, event as HeardBy<'thread.closed'>)
    return {
      threadClosed: context.threadClosed || context.thread === '' || window === context.thread,
      waiting: context.waiting.map((one) => (one.thread === window ? { ...one, windowClosed: true as const } : one)),
    }
  },

  /** LC5, LC6, A43: who writes, how to reach them, and which script their answer asks for. */
  rememberForm: ({ context, event }) => rememberedForm(context, event as HeardBy<'form.submitted'>),
  countForm: ({ context }) => ({ formsShown: context.formsShown + 1 }),
  nameTask: ({ context }) => nextTask(context),
  /** EM6: a mail asks nothing back; the asset says which script. */
  nameMailTask: ({ context }) => ({ scriptSelector: context.turn.asset.scriptSelector, ...nextTask(context) }),

  rememberOffer: ({ context }) => ({ offeredTaskId: context.taskId }),
  /** From here on the conversation's task is the callback; the chat's is remembered for its CLOSED (A25). */
  nameCallback: ({ context }) => ({
    chatTaskId: context.taskId,
    agentId: '',
    createdTold: false,
    ewt: null,
    ...nextTask(context),
  }),
  /** CC2, A24: told once, whatever becomes of the conversation. */
  markChatOver: ({ context }) => ({
    chatConversation: context.turn.asset.policy.chatClosedForCallback === 'atOnce' ? 'closed' : 'kept',
  }),
  /** A31: a chat again, under a new task; the callback is given up, and with it what it took the place of. */
  returnToChat: ({ context }) => ({
    givenUpTaskIds: alsoGivenUp(context),
    chatTaskId: '',
    chatConversation: 'open',
    conversationId: context.chatConversation === 'closed' ? '' : context.conversationId,
    createdTold: false,
    ewt: null,
    lastTransfer: null,
    ...nextTask(context),
  }),

  /** SM6: the answer names the script selector; the next task gets its id here, before anybody is asked. */
  chooseOption: ({ context, event }) => {
    const option = chosenOption(context, (event as HeardBy<'message.received'>).text)
    return { scriptSelector: option?.scriptSelector ?? '', ...nextTask(context) }
  },
  /** A9: the last wrong answer stands for the default option. */
  chooseDefault: ({ context }) => ({
    scriptSelector: defaultOption(context)?.scriptSelector ?? '',
    ...nextTask(context),
  }),
  countWrongAnswer: ({ context }) => ({ wrongAnswers: context.wrongAnswers + 1 }),
  rememberEnd: () => ({ endedInWords: true }),
  /** The same, of what waits: a window that was closed meanwhile ends it as well, without a word. */
  rememberEarlyEnd: ({ context }) => ({ endedInWords: endWaits(context) }),
  giveUpTask: ({ context }) => ({ givenUpTaskIds: alsoGivenUp(context), taskId: '' }),

  /** What every webhook tells: the task's variables and, for an adopted conversation, its id (CX, QU6). */
  learnTask: (scene) => ({
    taskId: task(scene).taskId,
    learned: learnedVariables(scene.context.learned, task(scene).variables),
  }),
  markCreatedTold: () => ({ createdTold: true }),
  rememberEstimate: ({ context, event }) => {
    const { estimatedWaitSeconds, at } = event as HeardBy<'task.queued'>
    return { ewt: { toldSeconds: estimatedWaitSeconds ?? 0, told_at_ms: context.turn.at_ms, heardAt: at } }
  },
  /** E40: one that is not worth telling still says how old the next one may be. */
  hearEstimate: ({ context, event }) => {
    const { estimatedWaitSeconds, at } = event as HeardBy<'task.queued'>
    if (context.ewt === null || estimatedWaitSeconds === null || at < context.ewt.heardAt) return {}
    return { ewt: { ...context.ewt, heardAt: at } }
  },
  meetAgent: ({ event }) => ({ agentId: (event as HeardBy<'task.routed'>).agentId, addAttempts: 0 }),
  countAddAttempt: ({ context }) => ({ addAttempts: context.addAttempts + 1 }),

  /** TR2, TR6: who leaves, when the 15 s began, and the selector the task goes back in with. */
  beginTransfer: ({ context, event }) => {
    const transferred = event as HeardBy<'task.transferred'>
    const agentId = transferred.agentId || context.agentId
    return {
      transfer: { agentId, started_at_ms: context.turn.at_ms },
      lastTransfer: { agentId, at: transferred.at },
      scriptSelector: transferred.scriptSelector || context.scriptSelector,
      agentId: '',
      addAttempts: 0,
      ewt: null,
    }
  },
  /** A17: after a transfer CREATED comes again; whether it is told again is the policy's. */
  finishTransfer: ({ context }) => ({
    transfer: null,
    createdTold: context.turn.asset.policy.createdAfterTransfer === 'suppress',
  }),
} satisfies Record<string, Change>

/** The newest last; who has that many in doubt hears of the oldest ones no more. */
const given_up_tasks_max = 20
const alsoGivenUp = ({ givenUpTaskIds, taskId }: Context): string[] =>
  [...givenUpTaskIds, taskId].slice(-given_up_tasks_max)

/** The next task of this actor: its id is made here, before anybody is asked to create it. */
function nextTask({ actor, tasks }: Context): Pick<Context, 'tasks' | 'taskId'> {
  return { tasks: tasks + 1, taskId: taskIdOf(actor, tasks + 1) }
}

/** The thread after one more mail, the customer's name as their mails have it, and whether this one is told about (A39). */
function mailAfter(context: Context, message: WaitingMessage): Partial<Context> {
  const { mail } = message
  if (mail === undefined) return {}
  const { address, turn, customerName } = context
  const thread = threadAfter(context.mail, mail, address.customer)
  const named = mail.from === address.customer && mail.fromName !== '' ? mail.fromName : customerName
  const { noticeIntervalSeconds } = turn.asset.policy
  const noticed = needsNotice(message) ? noticedAfter(thread, message.id, turn.at_ms, noticeIntervalSeconds) : thread
  return { mail: noticed, customerName: named }
}

/** PC4: a mail that waits keeps to itself that it is to be told about, for the next one may need a notice as well. */
const withNotice = (context: Context, message: WaitingMessage): WaitingMessage =>
  message.mail && isNoticeDue(context, message) ? { ...message, noticeDue: true } : message

/** A new conversation begins in the thread of what waits for it, and in a window that may be closed already (A23). */
function threadOfWaiting(
  context: Context,
): Pick<Context, 'thread' | 'threadClosed' | 'mail' | 'customerName' | 'waiting'> {
  let begun: Context = { ...context, mail: null, customerName: context.address.customer }
  const waiting = context.waiting.map(({ noticeDue: _before, ...message }) => {
    begun = { ...begun, ...mailAfter(begun, message) }
    return withNotice(begun, message)
  })
  const last = context.waiting.findLast(({ thread }) => thread)
  const thread = last?.thread ?? context.thread
  const threadClosed = last ? last.windowClosed === true : context.threadClosed
  return { thread, threadClosed, mail: begun.mail, customerName: begun.customerName, waiting }
}
