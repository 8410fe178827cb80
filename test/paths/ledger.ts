/**
 * What the far side knows after each turn of a conversation: which tasks and conversations are open, which agents are in,
 * which chat windows are closed. Read off what came in and what went out, so that `invariants.ts` judges a machine by what
 * it did and not by what it remembers.
 */
import type { ConversationEvent } from '../../machines/events.ts'
import type { Trace } from '../drive.ts'

export interface Ledger {
  channel: string
  /** Ids of tasks at the routing service. `doubtful`: creating it failed, and it may exist after all. */
  tasks: Map<string, 'asked' | 'open' | 'ending' | 'doubtful' | 'over'>
  /** Ids of conversations in Engage. */
  conversations: Map<string, 'open' | 'closed'>
  /** Agents who were added, and have neither been removed nor lost their conversation since. */
  agents: Set<string>
  /** Chat windows that were closed, and the one the customer last wrote from. */
  closedWindows: Set<string>
  window: string
  /** The one that they wrote from while it ended, for the conversation to come (E54). */
  nextWindow: string
  /** A form was sent that has not come back yet. */
  isFormOpen: boolean
  /** The customer closed the window that they were talking in: what they write later waits for another conversation. */
  left: boolean
  /** Messages so far that the customer must be told about, and how often they were. */
  offending: number
  notices: number
  /** How often the customer was told that it is over, since it began. */
  goodbyes: number
  /** The turn before ended one conversation and began the next one for what waited, without a rest in between. */
  hasBegunAnew: boolean
  /** What the customer was told in this turn. */
  messages: Message[]
  /** Where the conversation was before this turn. */
  before: string
  /** Where it is after it. */
  state: string
}

export const emptyLedger = (): Ledger => ({
  channel: '',
  tasks: new Map(),
  conversations: new Map(),
  agents: new Set(),
  closedWindows: new Set(),
  isFormOpen: false,
  window: '',
  nextWindow: '',
  left: false,
  offending: 0,
  notices: 0,
  goodbyes: 0,
  hasBegunAnew: false,
  messages: [],
  before: '',
  state: '',
})

/** Another ledger of the same entries. */
export const copied = (ledger: Ledger): Ledger => ({
  ...ledger,
  tasks: new Map(ledger.tasks),
  conversations: new Map(ledger.conversations),
  agents: new Set(ledger.agents),
  closedWindows: new Set(ledger.closedWindows),
})

/** Enters one turn: first what came in, then what went out. */
export function enter(ledger: Ledger, trace: Trace): void {
  ledger.before = ledger.state
  ledger.state = trace.state
  ledger.messages = messagesIn(trace)
  if ((isClosed(ledger.before) && !isClosed(ledger.state)) || ledger.hasBegunAnew) ledger.goodbyes = 0
  const { cause } = trace
  if (cause.kind === 'event') hear(ledger, cause.event as ConversationEvent)
  if (isClosed(ledger.before) && !isClosed(ledger.state)) moveOn(ledger)
  if (cause.kind === 'event') ledger.channel = cause.address?.channel ?? ledger.channel
  if (cause.kind === 'answer') hearAnswer(ledger, cause, trace.heard === 'stale')
  if (isClosed(ledger.state)) ledger.isFormOpen = false
  for (const effect of trace.effects) enterEffect(ledger, effect)
  doubtAsked(ledger, trace)
  ledger.hasBegunAnew = begins(ledger, trace)
  if (ledger.hasBegunAnew) moveOn(ledger)
  ledger.goodbyes += goodbyesIn(ledger).length
  ledger.notices += noticesIn(ledger, trace).length
}

/** What is written there waits for the next conversation (E54). */
const isEnding = (state: string): boolean => /ending|transferFailed|unwanted|closed/.test(state)

export const isClosed = (state: string): boolean => state.startsWith('closed')

/** The asks that create a task, by their names in the charts. */
const creations = ['createTask', 'recreateTask', 'placeCallback']

/** Nobody waits any more for an answer that never came: the task may exist, and is undone if it turns up (T10). */
function doubtAsked({ tasks }: Ledger, { effects, pending }: Trace): void {
  if (!hasAsked(tasks)) return
  const askedNow = effects.flatMap(({ type, payload }) =>
    type === 'createTask' ? [(payload as { taskId: string }).taskId] : [],
  )
  const someoneWaits = pending.some((ask) => creations.includes(ask))
  for (const [id, is] of tasks) {
    const isWaitedFor = someoneWaits && (askedNow.length === 0 || askedNow.includes(id))
    if (is === 'asked' && !isWaitedFor) tasks.set(id, 'doubtful')
  }
}

function hasAsked(tasks: Ledger['tasks']): boolean {
  for (const is of tasks.values()) if (is === 'asked') return true
  return false
}

/** From a task, or its end, to another conversation in one turn; back from a callback to its chat is none. */
function begins(ledger: Ledger, trace: Trace): boolean {
  const creation = trace.effects.find(({ type }) => type === 'createConversation')
  if (creation === undefined || isClosed(ledger.before) || isClosed(ledger.state)) return false
  const hadTask = !/^(noConversation|$)/.test(ledger.before)
  return goodbyesIn(ledger).length > 0 || (hadTask && creation.ask === 'createConversation')
}

function hear(ledger: Ledger, event: ConversationEvent): void {
  if (event.type === 'thread.closed') {
    const window = event.thread ?? (ledger.nextWindow || ledger.window)
    if (window) ledger.closedWindows.add(window)
    ledger.left ||= ledger.closedWindows.has(ledger.window)
  }
  if (isFromWindow(ledger, event) && event.thread) {
    ledger.closedWindows.delete(event.thread)
    // The words that end it are of the conversation that they end.
    if (isEnding(ledger.before) && isEnding(ledger.state)) {
      if (ledger.nextWindow !== '' || !isEnd(event)) ledger.nextWindow = event.thread
    } else Object.assign(ledger, { window: event.thread, nextWindow: '', left: false })
  }
  if (event.type === 'message.received' && isOffending(event)) ledger.offending++
  if (event.type === 'form.submitted') ledger.isFormOpen = false
  if (event.type === 'form.submitted' && event.scan !== 'clean') ledger.offending++
  if ('taskId' in event && ledger.tasks.has(event.taskId)) hearOfTask(ledger, event)
}

/** The words that end what is ending already begin nothing (LX5). No policy of the paths has others. */
const isEnd = (event: ConversationEvent): boolean =>
  event.type === 'message.received' && /end\s+conversation/i.test(event.text)

/** The next conversation is in the window that was written from last. */
function moveOn(ledger: Ledger): void {
  ledger.window = ledger.nextWindow || ledger.window
  ledger.nextWindow = ''
  ledger.left = ledger.closedWindows.has(ledger.window)
}

/** A form that nobody asked for, or that came back before, says nothing of its window: it may be an old one. */
const isFromWindow = (
  { isFormOpen }: Ledger,
  event: ConversationEvent,
): event is Extract<ConversationEvent, { type: 'message.received' | 'form.submitted' }> =>
  event.type === 'message.received' || (event.type === 'form.submitted' && isFormOpen)

/** A transferred task that nobody takes back in ends by itself (E64), so hearing of it opens nothing. */
function hearOfTask({ tasks }: Ledger, { type, taskId }: { type: string; taskId: string }): void {
  const is = tasks.get(taskId)
  if (type === 'task.closed') tasks.set(taskId, 'over')
  else if (type !== 'task.transferred' && is !== 'ending' && is !== 'over') tasks.set(taskId, 'open')
}

export const isOffending = ({
  scan,
  attachments = [],
}: {
  scan: string
  attachments?: { dropped?: string | undefined }[] | undefined
}) => scan !== 'clean' || attachments.some(({ dropped }) => dropped !== undefined)

/** A late answer may be one that was heard already: what is over by then is not opened by it. */
function hearAnswer(
  { tasks, conversations, agents }: Ledger,
  { type, input, output, error }: Extract<Trace['cause'], { kind: 'answer' }>,
  late: boolean,
): void {
  const asked = input as { taskId: string; conversationId: string; agentId: string }
  if (type === 'createTask' && !(late && ['over', 'ending'].includes(tasks.get(asked.taskId) ?? '')))
    tasks.set(asked.taskId, error ? 'doubtful' : 'open')
  if (error) return
  const created = type === 'createConversation' ? (output as { conversationId: string }).conversationId : undefined
  const opened = created ?? (type === 'reopenConversation' ? asked.conversationId : undefined)
  if (opened !== undefined && !(late && conversations.has(opened))) conversations.set(opened, 'open')
  const isThere = conversations.get(asked.conversationId) !== 'closed'
  if (type === 'addParticipant' && isThere) agents.add(asked.agentId)
}

function enterEffect(ledger: Ledger, { type, payload }: Trace['effects'][number]): void {
  const { taskId = '', conversationId = '', agentId = '' } = payload as Record<string, string>
  if (type === 'sendMessage' && 'form' in payload) ledger.isFormOpen = true
  if (type === 'createTask') ledger.tasks.set(taskId, 'asked')
  if (type === 'endTask') ledger.tasks.set(taskId, 'ending')
  if (type === 'removeParticipant') ledger.agents.delete(agentId)
  if (type !== 'closeConversation') return
  ledger.conversations.set(conversationId, 'closed')
  ledger.agents.clear()
}

/** Most turns say nothing. */
const none: Message[] = []

export interface Message {
  purpose: string
  thread?: string
}

const messagesIn = ({ effects }: Trace): Message[] =>
  effects.length === 0
    ? none
    : effects.flatMap(({ type, payload }) => (type === 'sendMessage' ? (payload as Message) : []))

const noticePurposes = ['sensitive-data-notice', 'error-sending', 'attachment-dropped']

/** Notices about a message; the same words about one that got lost are none. */
export const noticesIn = ({ messages }: Ledger, { cause }: Trace): Message[] =>
  messages.length === 0 || (cause.kind === 'event' && cause.event.type === 'effect.failed')
    ? none
    : messages.filter(({ purpose }) => noticePurposes.includes(purpose))

/** Said where they are said, it is over; the others only when it is over with them. */
const alwaysLast = ['closed', 'failed-transfer']
const lastWhenClosed = [
  'error-technical-issue',
  'error-service-not-available',
  'err-msg-toomanyrequests',
  'error-callback-failed',
  'web-callback-agent-found',
]

function goodbyesIn({ before, state, messages }: Ledger): Message[] {
  if (messages.length === 0 || isClosed(before)) return none
  return messages.filter(
    ({ purpose }) => alwaysLast.includes(purpose) || (isClosed(state) && lastWhenClosed.includes(purpose)),
  )
}
