/**
 * The five webhooks (CREATED, QUEUED, ROUTED, TRANSFERRED, CLOSED) while a task waits, is talked about, is handed over or ends.
 */
import type { Case } from './case.ts'
import { adds, closes, endsQueued, endsWithAgent, lines, meets, tellsEstimate, transfers } from './courses.ts'
import {
  beginsNothing,
  ends,
  type Heard,
  isAgent,
  isCode,
  isDue,
  isEstimate,
  isNew,
  isOtherAgent,
  isTransfer,
  mine,
  type When,
} from './heard.ts'
import { endings, endingsWithAgent, failedTransfers, lining, talkingTo, transferring } from './phases.ts'
import { nothing, type Rule, rule } from './rule.ts'

const learnsTask = (c: Case, { task }: Heard) => {
  c.is.task = task.taskId
}
export const tellsCreated = (c: Case, heard: Heard) => {
  learnsTask(c, heard)
  if (c.is.createdTold) return
  c.says('created', 'Announcement')
  c.is.createdTold = true
}
/** E40: what is not told still says how old the next may be. */
export const hearsEstimate = (c: Case, heard: Heard) => {
  const isTold = isEstimate(c, heard)
  learnsTask(c, heard)
  const { estimate } = c.is
  const { estimatedWaitSeconds, at } = heard.task
  if (isTold) tellsEstimate(c, heard)
  else if (estimate && estimatedWaitSeconds !== null && at >= estimate.heard) c.is.estimate = { ...estimate, heard: at }
}
export const checks = (c: Case) => {
  if (c.is.task !== '') c.tells(`checkTask ${c.is.task}`)
}
const relays = (c: Case, { message }: Heard) => {
  c.learns(message)
  c.relays(message)
}
/** A14, A30: once a task, with a number to call, to a window that is open. */
const mayOffer = ({ is, policy }: Case): boolean =>
  is.offered !== is.task &&
  (is.lastTransfer === undefined || policy.callbackAfterTransfer === 'offer') &&
  is.phone !== '' &&
  !is.windowGone

const inLine = [...lining, ...transferring]

const queue: Rule[] = [
  rule('CR1', 'CREATED', lining, mine, tellsCreated),
  rule('QU1', 'QUEUED', 'created', mine, (c, heard) => {
    const isTold = isEstimate(c, heard)
    learnsTask(c, heard)
    if (isTold) tellsEstimate(c, heard)
    lines(c, 'queued')
  }),
  rule('QU3', 'QUEUED', ['queued', 'offering'], mine, hearsEstimate),
  rule('RO1', 'ROUTED', lining, isAgent, meets),
  rule('TR1', 'TRANSFERRED', [...lining, ...talkingTo], isTransfer, transfers),
  rule('CL2', 'CLOSED', [...lining, ...talkingTo, ...endings], mine, (c, heard) => {
    learnsTask(c, heard)
    c.says('closed', 'Announcement')
    closes(c)
  }),
  rule('SM11', 'message', inLine, ends, (c, heard) => {
    relays(c, heard)
    c.is.endedInWords = true
    endsQueued(c)
  }),
  rule('E47', 'message', inLine, relays),
  rule('LX3', 'window closed', inLine, (c, { thread }) => {
    if (c.loses(thread)) endsQueued(c)
  }),
  rule('CB2', 'due', ['created', 'queued'], isDue('callbackThreshold'), (c) => {
    if (!mayOffer(c)) return
    c.says('callback-offer', 'Outbound', c.is.customer, ` with buttons of callback-offer:${c.is.task}`)
    c.is.offered = c.is.task
    c.goes('offering')
  }),
  /** A13: what begins the wait anew would put the offer off. */
  rule(
    'E41',
    'due',
    ['created', 'queued'],
    (c) => c.offers && mayOffer(c) && c.policy.callbackThresholdSeconds > 0,
    checks,
  ),
  rule('E41', 'due', lining, (c) => {
    checks(c)
    c.goes(c.is.phase === 'created' ? 'created' : 'queued')
  }),
]

const agent: Rule[] = [
  rule('RO3', 'answered', 'adding', (c) => {
    if (c.channel === 'live-chat' && c.is.windowGone) return c.goes('left')
    c.says('routed', 'Announcement')
    c.goes('talking')
  }),
  rule('A19', ['failed', 'due'], 'adding', (c) => {
    if (c.is.attempts <= 3) return c.goes('pausing')
    c.notes('Announcement', 'a remark')
    c.tells('alert agent-not-added')
    c.goes('talking')
  }),
  rule('A19', 'due', 'pausing', adds),
  rule('E35', ['CREATED', 'QUEUED'], talkingTo, mine, learnsTask),
  rule('E58', 'ROUTED', talkingTo, isOtherAgent, meets),
  rule('E57', 'ROUTED', talkingTo, mine, learnsTask),
  rule('SM11', 'message', talkingTo, ends, (c, heard) => {
    relays(c, heard)
    c.is.endedInWords = true
    endsWithAgent(c)
  }),
  rule('LC3', 'message', ['adding', 'pausing', 'onHold'], relays),
  rule('LC3', 'message', ['talking', 'left'], (c, heard) => {
    relays(c, heard)
    c.goes('talking')
  }),
  rule('LX2', 'window closed', talkingTo, (c, { thread }) => {
    if (!c.loses(thread)) return
    c.notes('Announcement', 'a remark')
    if (c.is.phase === 'talking') c.goes('left')
  }),
  rule('idle', 'due', ['talking', 'left'], isDue('idleTimeout'), endsWithAgent),
  rule('E41', 'due', ['talking', 'left', 'onHold'], (c) => {
    checks(c)
    if (c.policy.idleTimeoutSeconds === 0 || c.is.phase === 'onHold') c.goes(c.is.phase)
  }),
]

/** A21: told first, and once. */
function fails(c: Case): void {
  c.says('failed-transfer', 'Announcement')
  c.goes('transferFailed')
}
/** TR4. */
function isBack(c: Case): void {
  c.is.createdTold = c.policy.createdAfterTransfer === 'suppress'
  c.says('transferred', 'Announcement')
}

const transfer: Rule[] = [
  rule('TR3', 'answered', 'removing', (c) => c.goes('recreating', { keeps: true })),
  rule('TR5', ['failed', 'due'], transferring, fails),
  rule('TR4', 'answered', 'recreating', (c) => {
    isBack(c)
    lines(c, 'created')
  }),
  rule('A17', 'CREATED', 'recreating', isNew, (c, heard) => {
    isBack(c)
    tellsCreated(c, heard)
    lines(c, 'created')
  }),
  rule('E36', 'QUEUED', 'recreating', isNew, (c, heard) => {
    learnsTask(c, heard)
    isBack(c)
    lines(c, 'queued')
  }),
  rule('E36', 'ROUTED', 'recreating', isAgent, (c, heard) => {
    isBack(c)
    meets(c, heard)
  }),
  rule('E65', ['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED'], transferring, mine, learnsTask),
  rule('E64', 'CLOSED', transferring, mine, (c, heard) => {
    learnsTask(c, heard)
    c.says('failed-transfer', 'Announcement')
    closes(c)
  }),
  rule('A21', 'answered', 'transferFailed', (c) => c.goes('transferFailedEnding')),
  rule('A21', 'failed', 'transferFailed', isCode('notFound'), closes),
  rule('A21', ['failed', 'due'], 'transferFailed', (c) => c.goes('transferFailedEnding')),
  rule('A21', 'due', 'transferFailedEnding', closes),
  rule('A21', 'CLOSED', failedTransfers, mine, (c, heard) => {
    learnsTask(c, heard)
    closes(c)
  }),
]

const closedPhase = { endingQueued: 'endingQueuedClosed', endingActive: 'endingActiveClosed' } as const
function waitsForClosed(c: Case): void {
  c.goes(closedPhase[c.is.phase as keyof typeof closedPhase])
}
/** A5: the same end without the webhook. */
export function saysClosed(c: Case): void {
  c.says('closed', 'Announcement')
  closes(c)
}
/** A webhook that says whose it is. */
const namesTask: When = (c, heard) => heard.task.taskId !== '' && mine(c, heard)
const asking = ['endingQueued', 'endingActive'] as const

const ending: Rule[] = [
  rule('A5', 'failed', asking, isCode('notFound'), saysClosed),
  rule('A5', ['answered', 'failed', 'due'], asking, waitsForClosed),
  rule('A5', 'due', endings, saysClosed),
  rule('A45', ['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED'], 'endingQueuedUnknown', namesTask, (c, heard) => {
    learnsTask(c, heard)
    endsQueued(c)
  }),
  rule('A45', ['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED'], 'endingActiveUnknown', namesTask, (c, heard) => {
    learnsTask(c, heard)
    endsWithAgent(c)
  }),
  rule('E49', ['CREATED', 'QUEUED', 'ROUTED', 'TRANSFERRED'], [...endings, ...failedTransfers], mine, learnsTask),
  rule('LX5', 'message', [...endings, ...failedTransfers], beginsNothing, nothing),
  rule('E54', 'message', [...endings, ...failedTransfers], (c, { message }) => void c.is.kept.push({ ...message })),
  rule('LX2', 'window closed', endingsWithAgent, (c, { thread }) => {
    if (c.loses(thread)) c.notes('Announcement', 'a remark')
  }),
  rule('E51', 'window closed', [...endings, ...failedTransfers], (c, { thread }) => void c.loses(thread)),
]

export const webhookRules: Rule[] = [...queue, ...agent, ...transfer, ...ending]
