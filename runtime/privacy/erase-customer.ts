/**
 * `parley erase`: forgets a customer. Each conversation is told to its owner, who ends what is open, at the far sides too,
 * and deletes the record behind that (`retention.ts`); then everything else that is stored of them goes. Any node may be
 * asked, again as well: what is gone is gone, and what is left is found.
 * What it does not reach stands in docs/privacy.md: copies of the disk, and what the far sides keep.
 */
import type { NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '../../adapters/clock.ts'
import type { Channel } from '../../machines/events.ts'
import type { AttachmentStore } from '../attachment-store.ts'
import type { DataKeys, Renewed } from '../encryption/data-keys.ts'
import { erasedEnvelope } from '../envelope.ts'
import { partitionOf } from '../partition.ts'
import { readBatch } from '../read-batch.ts'
import { contextOf, type Loaded, type StoredEffect, type TurnRecord } from '../record.ts'
import { messagesOf } from '../stored-messages.ts'
import { stream, subject } from '../streams.ts'
import { type ChatParts, closeChats, eraseLines, threadsOf } from './chats.ts'
import { type CustomerQuery, conversationsOf, identitiesOf, speaksOf } from './customer.ts'
import { askDesk } from './desk-memory.ts'
import { eraseFiles, eraseLetters, eraseMailIds, eraseTimers, filesIn, type Letter, lettersOf } from './traces.ts'

export interface EraseParts extends ChatParts {
  nc: NatsConnection
  partitions: number
  store: AttachmentStore
  /** Undefined while nothing is encrypted. */
  keys?: Pick<DataKeys, 'renew' | 'forget'> | undefined
  /** Of conversations, for what is written down. */
  clock: Clock
  /** For waiting on nodes. */
  wallClock: Clock
}

export interface ErasedConversation {
  id: string
  channel: Channel
  asset: string
  /** As it was found. */
  state: string
  taskId: string
  conversationId: string
  /**
   * `erased`: nothing of it is left. `pending`: its owner is still ending it at a far side, or no node turned it in time;
   * it goes as soon as that is over: ask again.
   */
  outcome: 'erased' | 'pending'
  /** What was open and could not be ended at its far side; a person has to. Absent when all was. */
  notEnded?: { effect: string; reason: string }[]
}

export interface Erased {
  conversations: ErasedConversation[]
  deadLetters: number
  mailIds: number
  /** In the threads of our own chat door. */
  chatLines: number
  attachments: number
  /** Data keys that were forgotten: what copies of the streams still hold can be read by nobody. Null while nothing is encrypted. */
  keys: number | null
  /** Entries of the embedded desk's journal; null where no desk runs. */
  desk: number | null
}

const forgotten_subject = 'parley.forgotten'

/** Calls `drop` for every actor that was erased, by whichever node: for whoever keeps something of it in memory. */
export function onForgotten(nc: NatsConnection, drop: (actor: string) => void): void {
  nc.subscribe(forgotten_subject, {
    callback: (error, message) => {
      if (!error) message.json<string[]>().forEach(drop)
    },
  })
}

/** A task is ended within a minute or given up; who asks has less patience. */
const gone_ms_max = 30_000
const look_again_ms = 50

/** Throws when the broker does not answer; then nothing has been lost, and it can be asked again. */
export async function eraseCustomer(parts: EraseParts, query: CustomerQuery): Promise<Erased> {
  const { jsm, nc } = parts
  const speaks = speaksOf(parts, query)
  const threads = threadsOf(parts, query)
  await closeChats(parts, threads, new Date(parts.clock.now()).toISOString())
  const found = await conversationsOf(parts, query)
  const actors = new Set(found.map(({ record }) => record.actor))
  // Before the conversations are told: what comes behind that is a conversation of its own, under a key of its own.
  const renewed = await parts.keys?.renew(new Set([...actors, ...threads, ...keysOf(parts, query)]))
  // First, since a parked conversation hears nothing before its letters are gone.
  const letters = await lettersOf(jsm, actors, speaks)
  await eraseLetters(jsm, letters)
  const files = new Set(letters.flatMap((letter) => filesIn(JSON.stringify(letter))))
  for (const actor of actors) for (const id of await filesOf(parts, actor)) files.add(id)

  const conversations = await Promise.all(found.map((one) => eraseConversation(parts, one)))
  const late = await lettersOf(jsm, actors, speaks)
  await eraseLetters(jsm, late)
  // What the conversation still said while it was ended is among them.
  const chatLines = await eraseLines(parts, threads)
  const mailIds = await eraseMailIds(jsm, actors)
  await eraseTimers(jsm, actors)
  const attachments = await eraseFiles(parts.store, files)
  const desk = await askDesk<{ entries: number }>(nc, 'forget', query.customer)
  nc.publish(forgotten_subject, JSON.stringify([...actors]))
  const keys = renewed && (await parts.keys?.forget(notPending(renewed, conversations)))
  return {
    conversations: conversations.map((one) => withFailures(one, late)),
    deadLetters: letters.length + late.length,
    mailIds,
    chatLines,
    attachments,
    keys: keys ?? null,
    desk: desk?.entries ?? null,
  }
}

/** The names that the customer's keys are found by, at every asset that is asked for: of mails that are long gone, too. */
function keysOf(parts: EraseParts, query: CustomerQuery): string[] {
  return identitiesOf(parts, query).flatMap(({ channel, customer }) => {
    const asset = query.asset === undefined ? undefined : parts.normaliseAsset(channel, query.asset)
    const here = parts.assets.filter((one) => one.channel === channel && (asset ?? one.id) === one.id)
    return here.map(({ id }) => parts.actorIdOf({ channel, asset: id, customer }))
  })
}

/** A conversation that is still being ended is still read: its key goes when it is erased again. */
function notPending(renewed: readonly Renewed[], conversations: readonly ErasedConversation[]): Renewed[] {
  const pending = new Set(conversations.filter(({ outcome }) => outcome === 'pending').map(({ id }) => id))
  return renewed.filter(({ name }) => !pending.has(name))
}

async function filesOf({ jsm, partitions }: EraseParts, actor: string): Promise<string[]> {
  const turns = await messagesOf(jsm, stream.turns, subject.turns(partitionOf(actor, partitions), actor))
  return turns.flatMap((message) => filesIn(message.string()))
}

async function eraseConversation(parts: EraseParts, loaded: Loaded): Promise<ErasedConversation> {
  const { record, revision } = loaded
  const { actor, address, state } = record
  const { taskId = '', conversationId = '' } = contextOf(record)
  const at = new Date(parts.clock.now()).toISOString()
  await parts.js.publish(subject.in(actor), JSON.stringify(erasedEnvelope(actor, at)))
  const give_up_ms = parts.wallClock.now() + gone_ms_max
  let isGone = false
  while (!isGone && parts.wallClock.now() < give_up_ms) {
    await parts.wallClock.sleep(look_again_ms)
    isGone = await nothingLeft(parts, actor, revision)
  }
  const { channel, asset } = address
  const ids = { taskId: String(taskId), conversationId: String(conversationId) }
  return { id: actor, channel, asset, state, ...ids, outcome: isGone ? 'erased' : 'pending' }
}

/** Whether the first that is stored of an actor came after its erasure. */
async function nothingLeft({ jsm, partitions }: EraseParts, actor: string, revision: number): Promise<boolean> {
  const [first] = await readBatch(jsm, stream.turns, subject.turns(partitionOf(actor, partitions), actor), 1)
  return first === undefined || (first.seq > revision && !first.json<TurnRecord>().erased)
}

function withFailures(one: ErasedConversation, letters: readonly Letter[]): ErasedConversation {
  const failed = letters.filter(({ kind, actor }) => kind === 'effect' && actor === one.id)
  const notEnded = failed
    .map(({ content, reason }) => ({ effect: (content as StoredEffect).type, reason }))
    .filter(({ effect }) => effect === 'endTask' || effect === 'closeConversation')
  return notEnded.length === 0 ? one : { ...one, notEnded }
}
