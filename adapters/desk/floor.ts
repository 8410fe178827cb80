/**
 * The state of the contact centre: a deterministic fold of the journal, kept in memory. Speaks to nobody; `journal.ts`
 * feeds it, everyone else reads it. Invariants: only `apply` changes it; the same entries give the same floor.
 */

import { topicOf } from '../mail-topic.ts'
import { isFurther } from '../message-status.ts'
import { endWrapUp, noteHandled } from './crew.ts'
import type {
  Act,
  Acts,
  ActType,
  Agent,
  Answer,
  Asked,
  ChatItem,
  Conversation,
  Delivery,
  Entry,
  HandsetText,
  MailItem,
  MediaLimits,
  Queue,
  Task,
  TranscriptLine,
} from './entries.ts'

export interface Floor {
  tasks: Map<string, Task>
  /** Ids of tasks that wait for an agent, in the order of the queue. */
  waiting: Set<string>
  /** The newest task of a conversation. */
  taskOfConversation: Map<string, string>
  conversations: Map<string, Conversation>
  /** The newest conversation of a customer at an asset, by `placeOf`. */
  latest: Map<string, string>
  /** Texts by normalised number. */
  inbox: Map<string, HandsetText[]>
  /** Mails by normalised address. */
  mailboxes: Map<string, MailItem[]>
  /** What came into chat windows, by user as written. */
  chats: Map<string, ChatItem[]>
  /** When their customers closed them, by thread. */
  closedThreads: Map<string, string>
  calls: Map<string, Asked & { at: string; response?: Answer }>
  /** Not yet taken by the other side, oldest first. */
  deliveries: Map<string, Delivery>
  /** The people who work here, and what they have in hand: tasks that ring or that they talk in, and calls. */
  agents: Map<string, Agent>
  inHand: Map<string, Set<string>>
  /** By script selector and by media type; what nobody has set is absent. */
  queues: Map<string, Queue>
  media: Map<string, MediaLimits>
  /** How long the last tasks of a script selector kept an agent, oldest first. */
  handled: Map<string, { taskId: string; ms: number }[]>
  tidiedAtMs: number
}

export function emptyFloor(): Floor {
  return {
    tasks: new Map(),
    waiting: new Set(),
    taskOfConversation: new Map(),
    conversations: new Map(),
    latest: new Map(),
    inbox: new Map(),
    mailboxes: new Map(),
    chats: new Map(),
    closedThreads: new Map(),
    calls: new Map(),
    deliveries: new Map(),
    agents: new Map(),
    inHand: new Map(),
    queues: new Map(),
    media: new Map(),
    handled: new Map(),
    tidiedAtMs: 0,
  }
}

/** Folds one entry into the floor, in place. Total: an entry that speaks of something unknown changes nothing there. */
export function apply(floor: Floor, entry: Entry): void {
  tidy(floor, Date.parse(entry.at))
  fold(floor, entry, entry.at)
  if (entry.agent) floor.agents.set(entry.agent.agentId, entry.agent)
  if (entry.asked && !floor.calls.has(entry.asked.key))
    floor.calls.set(entry.asked.key, { ...entry.asked, at: entry.at })
  const call = entry.asked && floor.calls.get(entry.asked.key)
  if (call && entry.response) call.response = entry.response
  for (const delivery of entry.deliveries ?? []) floor.deliveries.set(delivery.id, delivery)
}

/** Two spellings of one customer, or of one number, give the same text. */
export function normalised(address: string): string {
  const text = address.trim().toLowerCase()
  return /^\+?[\d\s().-]+$/.test(text) ? text.replace(/\D/g, '') : text
}

/**
 * The key of a customer at an asset: two assets are two places (flows.md E3), and so are two topics at a mailbox. Whom a
 * mail answers is not looked at: the runtime decides who is let into a thread.
 */
export function placeOf(channel: string, business: string, customer: string, subject = ''): string {
  return [channel.toLowerCase(), normalised(business), normalised(customer), topicOf(subject)].join('|')
}

/** The desk remembers as long as its journal does. */
export const memory_ms = 7 * 24 * 3_600_000
const tidy_every_ms = 3_600_000

const folds: { [T in ActType]: (floor: Floor, data: Acts[T], at: string) => void } = {
  asked: () => {},
  taskCreated: (floor, { task }, at) => putTask(floor, task, at),
  taskReinjected: (floor, { task }, at) => putTask(floor, task, at),
  taskQueued: (floor, { task }, at) => putTask(floor, task, at),
  taskRouted: (floor, { task }, at) => putTask(floor, task, at),
  taskTransferred: (floor, { task }, at) => putTask(floor, task, at),
  taskClosed: (floor, { task }, at) => putTask(floor, task, at),
  taskDialled: (floor, { task }, at) => putTask(floor, task, at),
  taskChanged: (floor, { task }, at) => putTask(floor, task, at),
  agentChanged: (floor, { agent }, at) => {
    endWrapUp(floor, agent, at)
    floor.agents.set(agent.agentId, agent)
  },
  agentRemoved: (floor, { agentId }) => {
    floor.agents.delete(agentId)
  },
  queueSet: (floor, { queue }) => {
    floor.queues.set(queue.scriptSelector, queue)
  },
  mediaSet: (floor, { media }) => {
    floor.media.set(media.mediaType, media)
  },
  conversationCreated: (floor, { conversation }) => {
    floor.conversations.set(conversation.conversationId, conversation)
    floor.latest.set(
      placeOf(conversation.channel, conversation.business, conversation.customer, conversation.subject),
      conversation.conversationId,
    )
  },
  conversationChanged: (floor, { conversationId, change }, at) => {
    const conversation = floor.conversations.get(conversationId)
    if (conversation) Object.assign(conversation, change, { updatedAt: at })
  },
  messageAppended: (floor, { conversationId, line }, at) => {
    const conversation = floor.conversations.get(conversationId)
    conversation?.transcript.push(line)
    if (conversation) conversation.updatedAt = at
    const task = floor.tasks.get(floor.taskOfConversation.get(conversationId) ?? '')
    if (task?.state === 'ROUTED' && line.direction === 'Inbound') task.heard.push(at)
  },
  textsSent: (floor, { texts }) => putTexts(floor, texts),
  chatsSent: (floor, { chats }) => putChats(floor, chats),
  mailsSent: (floor, { mails }) => putMails(floor, mails),
  threadClosed: (floor, { thread }, at) => {
    floor.closedThreads.set(thread, at)
  },
  agentSaid: (floor, { taskId, conversationId, line, texts, chats, mails, automatic }, at) => {
    floor.conversations.get(conversationId)?.transcript.push(line)
    putTexts(floor, texts)
    putChats(floor, chats ?? [])
    putMails(floor, mails ?? [])
    const task = automatic ? floor.tasks.get(taskId) : undefined
    if (task) Object.assign(task, { answered: task.answered + 1, answeredAt: at })
  },
  lineTold: (floor, { conversationId, transid, delivery }) => tellLine(floor, conversationId, transid, delivery),
  webhookDelivered: (floor, { id, outcome, status: answered, code = `HTTP ${answered}` }, at) => {
    const { conversationId } = floor.deliveries.get(id) ?? {}
    floor.deliveries.delete(id)
    if (conversationId === undefined) return
    const failed = { status: 'failed', at, code } as const
    tellLine(floor, conversationId, id, outcome === 'delivered' ? { status: 'sent', at } : failed)
  },
}

function fold<Type extends ActType>(floor: Floor, act: Act<Type>, at: string): void {
  folds[act.type](floor, act.data, at)
}

function tellLine(floor: Floor, conversationId: string, transid: string, delivery: LineDelivery): void {
  const line = floor.conversations.get(conversationId)?.transcript.findLast((one) => one.transid === transid)
  if (line && isFurther(delivery.status, line.delivery?.status)) line.delivery = delivery
}

type LineDelivery = NonNullable<TranscriptLine['delivery']>

function putTask(floor: Floor, task: Task, at: string): void {
  noteHandled(floor, floor.tasks.get(task.taskId), task, at)
  floor.tasks.set(task.taskId, task)
  floor.taskOfConversation.set(task.conversationId, task.taskId)
  // A task that comes back from a transfer left the set when it was routed, so it joins again at the end.
  if (task.state === 'CREATED' || task.state === 'QUEUED') floor.waiting.add(task.taskId)
  else floor.waiting.delete(task.taskId)
}

function putTexts(floor: Floor, texts: HandsetText[]): void {
  for (const text of texts) putInto(floor.inbox, normalised(text.number), text)
}

function putChats(floor: Floor, chats: ChatItem[]): void {
  for (const chat of chats) putInto(floor.chats, chat.user, chat)
}

/** Once into each mailbox, though a receiver may be named twice. */
function putMails(floor: Floor, mails: MailItem[]): void {
  for (const mail of mails) {
    const receivers = new Set([...mail.to, ...mail.cc, ...mail.bcc].map(normalised))
    for (const receiver of receivers) putInto(floor.mailboxes, receiver, mail)
  }
}

function putInto<Item>(boxes: Map<string, Item[]>, key: string, item: Item): void {
  const box = boxes.get(key)
  if (box) box.push(item)
  else boxes.set(key, [item])
}

/** Forgets what is older than the journal, once an hour of journal time, so that a desk which never restarts stays small. */
function tidy(floor: Floor, atMs: number): void {
  if (atMs - floor.tidiedAtMs < tidy_every_ms) return
  floor.tidiedAtMs = atMs
  const old = (at: string) => atMs - Date.parse(at) > memory_ms
  for (const [key, call] of floor.calls) if (old(call.at)) floor.calls.delete(key)
  for (const [id, task] of floor.tasks) if (task.state === 'CLOSED' && old(task.lastUpdatedTime)) floor.tasks.delete(id)
  for (const [id, of] of floor.taskOfConversation) if (!floor.tasks.has(of)) floor.taskOfConversation.delete(id)
  for (const [id, conversation] of floor.conversations) if (old(conversation.updatedAt)) floor.conversations.delete(id)
  for (const [place, id] of floor.latest) if (!floor.conversations.has(id)) floor.latest.delete(place)
  for (const [thread, at] of floor.closedThreads) if (old(at)) floor.closedThreads.delete(thread)
  keepRecent(floor.inbox, old)
  keepRecent(floor.mailboxes, old)
  keepRecent(floor.chats, old)
}

function keepRecent<Item extends { at: string }>(boxes: Map<string, Item[]>, old: (at: string) => boolean): void {
  for (const [key, items] of boxes) {
    const kept = items.filter((item) => !old(item.at))
    if (kept.length === 0) boxes.delete(key)
    else boxes.set(key, kept)
  }
}
