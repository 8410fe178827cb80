/**
 * What can be done with a task, each as a draft for the journal with the webhooks that follow (flows.md 2.6, 2.12).
 * Pure on the floor; called by the routing doors, the control doors and the timers. Nothing here checks who asks.
 * Invariant: what an agent writes is masked here, before anything holds it (T7).
 */
import { randomUUID } from 'node:crypto'
import { maskText } from '../../machines/sensitive-data.ts'
import { agentsCorrelation } from '../agents-texts.ts'
import { isOwnThread } from '../chat-messages.ts'
import { agentMail } from './agent-mail.ts'
import { mediaResourceOf } from './context-limits.ts'
import { isRinging } from './crew.ts'
import type {
  ChatItem,
  Conversation,
  Delivery,
  Draft,
  EstimatedWait,
  HandsetText,
  MailItem,
  Task,
  TaskFields,
  TaskState,
  TaskVariable,
  TranscriptLine,
} from './entries.ts'
import type { Floor } from './floor.ts'
import { webhookOf } from './webhook-body.ts'

/** A new task: CREATED and, as soon as it is with the router, QUEUED without an estimate yet. */
export function createTask(fields: TaskFields, at: string): Draft {
  const task: Task = {
    ...fields,
    ...freshQueueFields(at),
    state: 'QUEUED',
    createdTime: at,
    lastUpdatedTime: at,
    history: [
      { state: 'CREATED', time: at },
      { state: 'QUEUED', time: at },
    ],
    conversationId: mediaResourceOf(fields.variables),
  }
  return {
    type: 'taskCreated',
    data: { task },
    deliveries: [webhookOf('CREATED', task, at), webhookOf('QUEUED', task, at)],
  }
}

/**
 * A task in transfer that was created again: back to CREATED, with the new selector and context (TR3). One that rang out,
 * or whose agent logged out, goes to the head of its line.
 */
export function reinjectTask(before: Task, fields: TaskFields, at: string): Draft {
  const { ownerId: _owner, dispositionCode, estimatedAt: _estimated, ...kept } = withoutOffer(before)
  const history = [...before.history, { state: 'CREATED' as const, time: at }, { state: 'QUEUED' as const, time: at }]
  const task: Task = {
    ...kept,
    ...fields,
    ...freshQueueFields(at),
    state: 'QUEUED',
    lastUpdatedTime: at,
    history,
    conversationId: mediaResourceOf(fields.variables),
    ...(backToHead.includes(dispositionCode ?? '') ? { atHead: true } : {}),
  }
  return {
    type: 'taskReinjected',
    data: { task },
    deliveries: [webhookOf('CREATED', task, at), webhookOf('QUEUED', task, at)],
  }
}

/**
 * A QUEUED webhook with exactly this estimate, or none, and perhaps changed context. The task keeps its state: what
 * the router says late of a task that is already with an agent does not take it away from the agent.
 */
export function queueTask(
  before: Task,
  estimatedWaitTime: EstimatedWait | undefined,
  variables: TaskVariable[],
  at: string,
): Draft {
  const { estimatedWaitTime: _old, ...kept } = before
  const task: Task = {
    ...kept,
    lastUpdatedTime: at,
    variables: merged(before.variables, variables),
    ...(estimatedWaitTime === undefined ? {} : { estimatedWaitTime, estimatedAt: at }),
  }
  return { type: 'taskQueued', data: { task }, deliveries: [webhookOf('QUEUED', task, at)] }
}

export function routeTask(before: Task, agentId: string, at: string): Draft {
  const { targetAgentId: _target, ...kept } = withoutOffer(before)
  const task: Task = { ...moved(kept, 'ROUTED', at), ownerId: agentId, heard: [], answered: 0 }
  return { type: 'taskRouted', data: { task }, deliveries: [webhookOf('ROUTED', task, at)] }
}

/** Takes the task from its agent. The caller has 15 s to create it again (TR4); `transferDuty` sees to that. */
export function transferTask(before: Task, scriptSelector: string, dispositionCode: string, at: string): Draft {
  const task: Task = { ...moved(before, 'TRANSFERRED', at), scriptSelector, dispositionCode }
  return { type: 'taskTransferred', data: { task }, deliveries: [webhookOf('TRANSFERRED', task, at)] }
}

export function closeTask(before: Task, dispositionCode: string, variables: TaskVariable[], at: string): Draft {
  const task: Task = {
    ...moved(before, 'CLOSED', at),
    dispositionCode,
    variables: merged(before.variables, variables),
  }
  return { type: 'taskClosed', data: { task }, deliveries: [webhookOf('CLOSED', task, at)] }
}

/** What an agent writes; `hasLine`: whether what a service number or mailbox sends goes out over a line of the runtime. */
export interface Saying {
  written: string
  automatic: boolean
  hasLine: (asset: string) => boolean
}

/**
 * The agent writes: to the transcript, and to the customer's handset, line, chat window or mailbox. Card data is masked first, so
 * that no journal, transcript or device has it (E111).
 */
export function sayAsAgent(
  floor: Floor,
  task: Task,
  { written, automatic, hasLine }: Saying,
  at: string,
): Draft<'agentSaid'> {
  const { text } = maskText(written)
  const conversation = floor.conversations.get(task.conversationId)
  const chats = chatItems(floor, task, conversation, text, at)
  const texts = task.mediaChannel.toUpperCase() === 'SMS' ? [handsetText(task, conversation, text, at)] : []
  const mails = task.mediaType === 'Email' ? [agentMail(task, conversation, text, at)] : []
  const { conversationId } = task
  const deliveries = [
    ...chats.filter(({ threadId }) => isOwnThread(threadId)).map((chat) => windowDelivery(chat, conversationId)),
    ...texts.filter(({ from }) => hasLine(from)).map((one) => lineDelivery(one, conversationId)),
    ...mails.filter(({ from }) => hasLine(from)).map((one) => mailDelivery(one, conversationId)),
  ]
  return {
    type: 'agentSaid',
    data: {
      taskId: task.taskId,
      conversationId,
      line: { ...lineOf(task, text, mails.at(0)), at, ...deliveredBy(deliveries[0], at) },
      texts,
      chats,
      mails,
      automatic,
    },
    deliveries,
  }
}

const deliveredBy = (delivery: Delivery | undefined, at: string): Partial<TranscriptLine> =>
  delivery ? { transid: delivery.id, delivery: { status: 'queued', at } } : {}

/** Over a line of the runtime's, which Connect does not serve. The runtime says in the same words what becomes of it. */
function lineDelivery({ number, from, text, transid }: HandsetText, conversationId: string): Delivery {
  const correlationId = agentsCorrelation.write(conversationId, transid)
  const to = [{ msisdn: [number.replace(/^\+/, '')], correlationId }]
  return overLine(
    { channel: 'sms', from: from.replace(/^\+/, ''), to, content: { type: 'text', text }, transid },
    conversationId,
  )
}

/** The same for a mail: to the customer first, in its thread. */
function mailDelivery(
  { at: _at, to, text, correlationId: _ours, transid, ...mail }: MailItem,
  conversationId: string,
): Delivery {
  const correlationId = agentsCorrelation.write(conversationId, transid)
  const [customer = ''] = to
  const addressed = { ...mail, to: [{ email: [customer], correlationId }] }
  return overLine({ channel: 'email', ...addressed, content: { type: 'text', text }, transid }, conversationId)
}

function overLine(body: { transid: string } & Record<string, unknown>, conversationId: string): Delivery {
  const lane = `text ${conversationId}`
  return { id: body.transid, kind: 'text', lane, type: 'text', taskId: '', conversationId, to: '', body }
}

/** To a window of the runtime's own chat door, which Connect does not reach. */
function windowDelivery(
  { user, appId, threadId, text, transid, correlationId }: ChatItem,
  conversationId: string,
): Delivery {
  const body = {
    channel: 'rt',
    appId,
    destination: { userId: user },
    threadId,
    type: 'message',
    message: text,
    correlationId,
    transid,
  }
  return { id: transid, kind: 'message', lane: threadId, type: 'message', taskId: '', conversationId, to: '', body }
}

function lineOf({ ownerId }: Task, text: string, mail: MailItem | undefined): Omit<TranscriptLine, 'at'> {
  return {
    direction: 'Outbound',
    text,
    ...(ownerId === undefined ? {} : { by: ownerId }),
    ...(mail && { subject: mail.subject, fromEmailId: mail.from, messageId: mail.headers['Message-ID'] ?? '' }),
  }
}

function handsetText(task: Task, conversation: Conversation | undefined, text: string, at: string): HandsetText {
  return {
    at,
    number: conversation?.customer ?? task.origin,
    from: conversation?.business ?? task.destination,
    text,
    transid: randomUUID(),
    correlationId: `agent:${task.taskId}`,
  }
}

/** None when the customer's window is closed: the agent's words reach nobody then. */
function chatItems(
  floor: Floor,
  task: Task,
  conversation: Conversation | undefined,
  text: string,
  at: string,
): ChatItem[] {
  if (task.mediaType !== 'Chat') return []
  const said = task.variables.find(({ key }) => key.toLowerCase() === 'chatthreadid')?.value
  const threadId = said || conversation?.threadId
  if (!threadId || floor.closedThreads.has(threadId)) return []
  return [
    {
      at,
      user: conversation?.customer ?? task.origin,
      appId: conversation?.business ?? task.destination,
      threadId,
      type: 'message',
      text,
      transid: randomUUID(),
      correlationId: `agent:${task.taskId}`,
    },
  ]
}

/** Which code a close has that names none (flows.md 2.4): the agent's work ended, or the customer left the queue. */
export function usualDisposition(task: Task): string {
  if (isRinging(task)) return 'CD_TASK_ABANDONED_WHILE_OFFERED'
  return task.state === 'ROUTED' ? 'CD_NORMAL_END_TASK' : 'CD_TASK_CUSTOMER_ABANDON'
}

/** What an offer leaves on a task, its place at the head included, is gone when the next one begins. */
function withoutOffer({ offeredAt: _offered, acceptedAt: _accepted, atHead: _head, ...kept }: Task): Task {
  return kept
}

function freshQueueFields(at: string) {
  return { waitingSince: at, estimatedWaitTime: not_enough_data, heard: [] as string[], answered: 0 }
}

function moved(task: Task, state: TaskState, at: string): Task {
  return { ...task, state, lastUpdatedTime: at, history: [...task.history, { state, time: at }] }
}

function merged(before: TaskVariable[], changes: TaskVariable[]): TaskVariable[] {
  const changed = new Map(changes.map((variable) => [variable.key, variable]))
  const kept = before.map((variable) => changed.get(variable.key) ?? variable)
  return [...kept, ...changes.filter(({ key }) => !before.some((variable) => variable.key === key))]
}

const backToHead = ['CD_RING_NO_ANSWER', 'CD_TASK_TRANSFERRED_ON_AGENT_LOGOUT']
/** The estimate of a task that the script has not looked at yet (flows.md 2.6). */
const not_enough_data = -1
