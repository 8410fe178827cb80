/**
 * A chat that becomes a call (Live_Chat_Inbound_With_Web_Callback, CLOSED_Webhook_for_Web_Callback).
 */
import type { Case } from './case.ts'
import { adds, closes, endsQueued, lines } from './courses.ts'
import { beginsNothing, ends, type Heard, isCode, mine, saysNo, saysYes, type When } from './heard.ts'
import { endingCallbacks, endings, endingsWithAgent, over, talkingTo } from './phases.ts'
import { nothing, type Rule, rule } from './rule.ts'
import { checks, hearsEstimate, saysClosed, tellsCreated } from './webhook-rules.ts'

const relays = (c: Case, { message }: Heard) => {
  c.learns(message)
  c.relays(message)
}
const learnsTask = (c: Case, { task }: Heard) => {
  c.is.task = task.taskId
}
/** CB4: the chat's task is over; the callback's is another one. */
function places(c: Case, cancelled = () => {}): void {
  Object.assign(c.is, { chatTask: c.is.task, agent: '', createdTold: false, estimate: undefined })
  c.namesTask()
  cancelled()
  c.goes('placing')
}
/** CC2, A24: told, and its conversation closed, now or with the callback. */
function chatIsOver(c: Case): void {
  c.says('web-callback', 'Announcement')
  const atOnce = c.policy.chatClosedForCallback === 'atOnce'
  if (atOnce) c.tells(`closeConversation ${c.is.conversation}`)
  c.is.chat = atOnce ? 'over' : 'kept'
}
/** E81: the chat goes on as if nothing had been asked. */
function chatGoesOn(c: Case): void {
  if (c.is.windowGone) endsQueued(c)
  else {
    c.says('error-end-task-failed')
    if (c.is.agent !== '') adds(c)
    else lines(c, 'queued')
  }
}
/** A31: told, then in line for a chat again, or over. */
function callbackFailed(c: Case, { code }: Heard): void {
  const { is } = c
  if (c.policy.callbackFailed !== 'backToChat' || is.windowGone) {
    c.doubts()
    c.says('error-callback-failed')
    closes(c)
    return
  }
  c.says('error-callback-failed')
  if (!code || code === 'failed') c.tells(`endTask ${is.task} as CD_TASK_CUSTOMER_ABANDON`)
  is.inDoubt.push(is.task)
  const isOver = is.chat === 'over'
  Object.assign(is, { chatTask: '', chat: 'on', createdTold: false, estimate: undefined, lastTransfer: undefined })
  c.namesTask()
  if (isOver) is.conversation = ''
  c.goes(isOver ? 'opening' : 'creatingTask')
}
const notNeeded = (c: Case) => {
  c.doubts()
  c.says('closed')
  closes(c)
}
const found: When = (c, heard) => mine(c, heard) && heard.task.disposition === 'CD_NORMAL_END_TASK'
const isAbandoned: When = (c, heard) =>
  mine(c, heard) && ['CD_TASK_CUSTOMER_ABANDON', 'CD_TASK_ABANDONED_WHILE_OFFERED'].includes(heard.task.disposition)
const isChats: When = ({ is }, { task }) => is.chatTask !== '' && is.chat === 'on' && task.taskId === is.chatTask
const closing = (purpose: string) => (c: Case, heard: Heard) => {
  learnsTask(c, heard)
  c.says(purpose, 'Announcement')
  closes(c)
}
const notCallback = (c: Case) => !c.offers
const wanted = ['placing', 'callbackWaiting'] as const
const unwanted = ['placingUnwanted', ...endingCallbacks] as const
const callbacks = ['cancelling', ...wanted, ...unwanted] as const

export const callbackRules: Rule[] = [
  rule('CB1', 'button', ['created', 'queued', 'offering', ...talkingTo, ...endings, ...over], notCallback, nothing),
  rule('CB4', 'button', ['created', 'queued', 'offering'], saysYes, (c) => c.goes('cancelling')),
  rule('CB10', 'button', ['created', 'offering'], saysNo, (c) => lines(c, 'queued')),
  rule('E77', 'button', [...talkingTo, ...endingsWithAgent], saysYes, (c) => c.says('routed')),
  rule('E77', 'button', over, saysYes, (c) => c.says('closed', 'alone')),

  rule('E83', 'CLOSED', 'cancelling', mine, (c) => places(c, () => chatIsOver(c))),
  rule('E49', ['CREATED', 'QUEUED'], 'cancelling', mine, learnsTask),
  rule(
    'E49',
    'ROUTED',
    'cancelling',
    mine,
    (c, { task }) => void Object.assign(c.is, { task: task.taskId, agent: task.agentId, attempts: 0 }),
  ),
  rule('A7', 'message', 'cancelling', ends, (c, heard) => {
    relays(c, heard)
    endsQueued(c)
  }),
  rule('E47', 'message', 'cancelling', relays),
  rule('CB4', 'answered', 'cancelling', (c) => places(c)),
  rule('CB4', 'failed', 'cancelling', isCode('notFound'), (c) => places(c)),
  rule('CB9', ['failed', 'due'], 'cancelling', chatGoesOn),

  rule('CB8', 'answered', 'placing', (c) => c.goes('callbackWaiting')),
  rule('CB9', ['failed', 'due'], 'placing', callbackFailed),
  rule('CC5', 'CREATED', wanted, mine, (c, heard) => {
    tellsCreated(c, heard)
    if (c.is.phase === 'placing') c.goes('callbackWaiting')
  }),
  rule('CC5', 'QUEUED', wanted, mine, (c, heard) => {
    hearsEstimate(c, heard)
    if (c.is.phase === 'placing') c.goes('callbackWaiting')
  }),
  rule('E35', 'ROUTED', 'placing', mine, (c, heard) => {
    learnsTask(c, heard)
    c.goes('callbackWaiting')
  }),
  rule('CC2', 'CLOSED', wanted, isChats, chatIsOver),
  rule('CC3', 'CLOSED', [...wanted, ...unwanted], found, closing('web-callback-agent-found')),
  rule('E88', 'CLOSED', unwanted, mine, closing('closed')),
  rule('A26', 'CLOSED', wanted, isAbandoned, closing('closed')),
  rule('A26', 'CLOSED', wanted, mine, closing('error-callback-failed')),
  rule('E88', 'message', 'placing', ends, (c, heard) => {
    relays(c, heard)
    c.goes('placingUnwanted', { keeps: true })
  }),
  rule('E88', 'message', 'callbackWaiting', ends, (c, heard) => {
    relays(c, heard)
    c.goes('endingCallback')
  }),
  rule('A28', 'message', wanted, (c, heard) => {
    relays(c, heard)
    c.says('callback-pending')
  }),
  rule('E41', 'due', 'callbackWaiting', (c) => {
    checks(c)
    c.goes('callbackWaiting')
  }),

  rule('E33', 'answered', 'placingUnwanted', (c) => c.goes('endingCallback')),
  rule('E33', ['failed', 'due'], 'placingUnwanted', notNeeded),
  rule('E33', ['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED'], 'placingUnwanted', mine, (c, heard) => {
    learnsTask(c, heard)
    c.goes('endingCallback')
  }),
  rule('A5', 'failed', 'endingCallback', isCode('notFound'), saysClosed),
  rule('A5', ['answered', 'failed', 'due'], 'endingCallback', (c) => c.goes('endingCallbackClosed')),
  rule('A5', 'due', 'endingCallbackClosed', saysClosed),
  rule('E49', ['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED'], endingCallbacks, mine, learnsTask),
  rule('LX5', 'message', unwanted, beginsNothing, nothing),
  rule('E54', 'message', unwanted, (c, { message }) => void c.is.kept.push({ ...message })),
  rule('A29', 'window closed', callbacks, (c, { thread }) => void c.loses(thread)),
]
