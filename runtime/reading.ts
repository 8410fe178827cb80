/**
 * What the reading paths answer (CONTRACTS section 4): pages of conversations, one conversation, its turns, dead letters.
 * Speaks to the list of conversations and to the records; changes nothing.
 */
import type { JetStreamManager } from '@nats-io/jetstream'
import { type Address, type Channel, channels } from '../machines/events.ts'
import type { ConversationsView } from './conversations-view.ts'
import type { DeadLetter, DeadLetters } from './dead-letters.ts'
import { type ConversationReading, conversationReading, recordAt, type TurnReading, turnsOf } from './history.ts'
import { readBatch } from './read-batch.ts'
import type { Loaded } from './record.ts'
import type { Versions } from './stages/restore.ts'
import { stream } from './streams.ts'

export interface ReadingDoors {
  list(query: Record<string, string | undefined>): Promise<Page | { refused: string }>
  one(id: string): Promise<ConversationReading | undefined>
  turns(id: string): Promise<TurnReading[] | undefined>
  /** As it stood after one of its turns. */
  asOf(id: string, revision: number): Promise<ConversationReading | undefined>
  /** Oldest first, a page at a time: those behind the letter `after`. */
  deadLetters(after: number): Promise<DeadLetterReading[]>
  /** One of them with what was set aside, masked as it was stored. */
  deadLetter(id: string): Promise<(DeadLetter & { id: string }) | undefined>
}

export interface Page {
  items: ConversationReading[]
  cursor: string | null
}

export interface DeadLetterReading extends Omit<DeadLetter, 'content' | 'position'> {
  id: string
}

export interface ReadingParts {
  jsm: JetStreamManager
  partitions: number
  view: ConversationsView
  letters: DeadLetters
  recordOf: (actor: string) => Promise<Loaded | undefined>
  versions: Versions
  actorIdOf: (address: Address) => string
  normaliseCustomer: (channel: Channel, raw: string) => string
  normaliseAsset: (channel: Channel | undefined, raw: string) => string
}

const page_items_default = 50
const page_items_max = 500
export const dead_letters_shown_max = 1_000

export function readingDoors(parts: ReadingParts): ReadingDoors {
  const actorOf = (id: string) => parts.view.actorOf(id) ?? (/^[0-9a-f]{16}$/.test(id) ? id : undefined)
  return {
    list: (query) => list(parts, query),
    async one(id) {
      const actor = actorOf(id)
      const loaded = actor && (await parts.recordOf(actor))
      return loaded ? conversationReading(loaded, parts.versions) : undefined
    },
    async turns(id) {
      const actor = actorOf(id)
      const turns = actor ? await turnsOf(parts.jsm, parts.partitions, actor) : []
      return turns.length > 0 ? turns : undefined
    },
    async asOf(id, revision) {
      const actor = actorOf(id)
      const loaded = actor && (await recordAt(parts.jsm, parts.partitions, actor, revision))
      return loaded ? conversationReading(loaded, parts.versions) : undefined
    },
    deadLetters: (after) => deadLettersOf(parts.jsm, after),
    async deadLetter(id) {
      const letter = await parts.letters.get(id)
      return letter && { id, ...letter }
    },
  }
}

async function list(
  parts: ReadingParts,
  query: Record<string, string | undefined>,
): Promise<Page | { refused: string }> {
  const limit = Number(query.limit ?? page_items_default)
  if (!Number.isInteger(limit) || limit < 1 || limit > page_items_max) {
    return { refused: `limit: expected a whole number from 1 to ${page_items_max}` }
  }
  const channel = query.channel as Channel | undefined
  if (channel !== undefined && !channels.includes(channel)) {
    return { refused: `channel: expected one of ${channels.join(', ')}` }
  }
  const asset = query.asset === undefined ? undefined : parts.normaliseAsset(channel, query.asset.trim())
  const customer =
    query.customer === undefined ? undefined : parts.normaliseCustomer(channel ?? 'sms', query.customer.trim())
  const filter = { state: query.state, channel, asset, customer }

  /** One customer at one asset is one actor: read it itself, not the list, which may lag by a moment. By mail it may be several. */
  const named =
    channel && channel !== 'email' && asset && customer ? parts.actorIdOf({ channel, asset, customer }) : undefined
  const { actors, cursor } = named ? { actors: [named], cursor: null } : parts.view.find(filter, limit, query.cursor)
  const loaded = await Promise.all(actors.map(parts.recordOf))
  actors.filter((_, index) => !loaded[index]).forEach(parts.view.forget)
  const items = loaded.filter((one) => one !== undefined).map((one) => conversationReading(one, parts.versions))
  return { items: items.filter(({ state }) => isIn(state, query.state)), cursor }
}

const isIn = (state: string, wanted: string | undefined): boolean =>
  wanted === undefined || state === wanted || state.startsWith(`${wanted}.`)

async function deadLettersOf(jsm: JetStreamManager, after: number): Promise<DeadLetterReading[]> {
  const messages = await readBatch(jsm, stream.dead, 'parley.dead.>', dead_letters_shown_max, after + 1)
  return messages.map((message) => {
    const { content: _kept, position: _place, ...letter } = message.json<DeadLetter>()
    return { id: String(message.seq), ...letter }
  })
}
