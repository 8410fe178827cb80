/**
 * What the far side knows after each turn of a conversation: which tasks and conversations are open, which agents are in,
 * which chat windows are closed. Read off what came in and what went out, so that `invariants.ts` judges a machine by what
 * it did and not by what it remembers.
 */
import type { ConversationEvent } from '../../machines/events.ts'
import type { Trace } from '../drive.ts'

export interface Ledger {
  /** Ids of tasks at the routing service. `gone` may come back: creating it failed, and it exists after all. */
  tasks: Map<string, 'asked' | 'open' | 'ending' | 'gone'>
  /** Ids of conversations in Engage. */
  conversations: Map<string, 'open' | 'closed'>
  /** Agents who were added, and have neither been removed nor lost their conversation since. */
  agents: Set<string>
  /** Chat windows that were closed, and the one the customer last wrote from. */
  closedWindows: Set<string>
  window: string
  /** Messages so far that the customer must be told about, and how often they were. */
  offending: number
  notices: number
  /** How often the customer was told that it is over, since it began. */
  goodbyes: number
  /** Where the conversation was before this turn. */
  before: string
  /** Where it is after it. */
  state: string
}

export const emptyLedger = (): Ledger => ({
  tasks: new Map(),
  conversations: new Map(),
  agents: new Set(),
  closedWindows: new Set(),
  window: '',
  offending: 0,
  notices: 0,
  goodbyes: 0,
  before: '',
  state: '',
})

/** Enters one turn: first what came in, then what went out. */
export function enter(ledger: Ledger, trace: Trace): void {
  ledger.before = ledger.state
  ledger.state = trace.state
  if (isClosed(ledger.before) && !isClosed(ledger.state)) ledger.goodbyes = 0
  const { cause } = trace
  if (cause.kind === 'event') hear(ledger, cause.event as ConversationEvent)
  if (cause.kind === 'answer') hearAnswer(ledger, cause)
  for (const effect of trace.effects) enterEffect(ledger, effect)
  ledger.goodbyes += goodbyesIn(ledger, trace).length
  ledger.notices += noticesIn(trace).length
}

export const isClosed = (state: string): boolean => state.startsWith('closed')

function hear(ledger: Ledger, event: ConversationEvent): void {
  if (event.type === 'thread.closed') ledger.closedWindows.add(event.thread ?? ledger.window)
  if ((event.type === 'message.received' || event.type === 'form.submitted') && event.thread) {
    ledger.window = event.thread
    ledger.closedWindows.delete(event.thread)
  }
  if (event.type === 'message.received' && isOffending(event)) ledger.offending++
  if (event.type === 'form.submitted' && event.scan !== 'clean') ledger.offending++
  if ('taskId' in event && ledger.tasks.has(event.taskId)) hearOfTask(ledger, event)
}

/** A transferred task that nobody takes back in ends by itself (E64), so hearing of it opens nothing. */
function hearOfTask({ tasks }: Ledger, { type, taskId }: { type: string; taskId: string }): void {
  if (type === 'task.closed') tasks.set(taskId, 'gone')
  else if (type !== 'task.transferred' && tasks.get(taskId) !== 'ending') tasks.set(taskId, 'open')
}

export const isOffending = ({
  scan,
  attachments = [],
}: {
  scan: string
  attachments?: { dropped?: string | undefined }[] | undefined
}) => scan !== 'clean' || attachments.some(({ dropped }) => dropped !== undefined)

function hearAnswer(ledger: Ledger, { type, input, output, error }: Extract<Trace['cause'], { kind: 'answer' }>): void {
  const asked = input as { taskId?: string; conversationId?: string; agentId?: string }
  if (type === 'createTask' && asked.taskId) ledger.tasks.set(asked.taskId, error ? 'gone' : 'open')
  if (error) return
  const { conversationId = '' } = output as { conversationId?: string }
  if (type === 'createConversation') ledger.conversations.set(conversationId, 'open')
  if (type === 'reopenConversation') ledger.conversations.set(asked.conversationId!, 'open')
  const isThere = ledger.conversations.get(asked.conversationId ?? '') !== 'closed'
  if (type === 'addParticipant' && isThere) ledger.agents.add(asked.agentId!)
}

function enterEffect(ledger: Ledger, { type, payload }: Trace['effects'][number]): void {
  const { taskId = '', conversationId = '', agentId = '' } = payload as Record<string, string>
  if (type === 'createTask') ledger.tasks.set(taskId, 'asked')
  if (type === 'endTask') ledger.tasks.set(taskId, 'ending')
  if (type === 'removeParticipant') ledger.agents.delete(agentId)
  if (type !== 'closeConversation') return
  ledger.conversations.set(conversationId, 'closed')
  ledger.agents.clear()
}

export const messagesIn = ({ effects }: Trace): { purpose: string; thread?: string }[] =>
  effects.flatMap(({ type, payload }) => (type === 'sendMessage' ? [payload as { purpose: string }] : []))

const noticePurposes = ['sensitive-data-notice', 'error-sending', 'attachment-dropped']

/** Notices about a message; the same words about one that got lost are none. */
export const noticesIn = (trace: Trace) =>
  trace.cause.kind === 'event' && trace.cause.event.type === 'effect.failed'
    ? []
    : messagesIn(trace).filter(({ purpose }) => noticePurposes.includes(purpose))

/** Said where they are said, it is over; the others only when it is over with them. */
const alwaysLast = ['closed', 'failed-transfer']
const lastWhenClosed = [
  'error-technical-issue',
  'error-service-not-available',
  'err-msg-toomanyrequests',
  'error-callback-failed',
  'web-callback-agent-found',
]

function goodbyesIn({ before, state }: Ledger, trace: Trace) {
  if (isClosed(before)) return []
  return messagesIn(trace).filter(
    ({ purpose }) => alwaysLast.includes(purpose) || (isClosed(state) && lastWhenClosed.includes(purpose)),
  )
}
