/**
 * `parley dump`: everything that is stored of a customer, as JSON. Reads only. Words are masked as they are stored.
 */

import type { NumberedLine } from '../../adapters/chat-threads.ts'
import type { ConversationReading, TurnReading } from '../history.ts'
import { conversationReading, turnsOf } from '../history.ts'
import type { Versions } from '../stages/restore.ts'
import { linesOf, threadsOf } from './chats.ts'
import { type CustomerQuery, conversationsOf, speaksOf } from './customer.ts'
import { askDesk } from './desk-memory.ts'
import type { EraseParts } from './erase-customer.ts'
import { filesIn, type Letter, lettersOf } from './traces.ts'

export interface Dumped {
  conversations: (ConversationReading & { turns: TurnReading[] })[]
  deadLetters: Letter[]
  /** What was said in the windows of our own chat door. */
  chats: { thread: string; lines: NumberedLine[] }[]
  /** Paths below the gateway's address; each gives the bytes. */
  attachments: string[]
  /** Entries of the embedded desk's journal; null where no desk runs. `more`: they did not fit into one answer. */
  desk: { entries: unknown[]; more: boolean } | null
}

/** Throws when the broker does not answer. */
export async function dumpCustomer(parts: EraseParts & { versions: Versions }, query: CustomerQuery): Promise<Dumped> {
  const { jsm, nc, partitions, versions } = parts
  const found = await conversationsOf(parts, query)
  const actors = new Set(found.map(({ record }) => record.actor))
  const conversations = await Promise.all(
    found.map(async (loaded) => ({
      ...conversationReading(loaded, versions),
      turns: await turnsOf(jsm, partitions, loaded.record.actor),
    })),
  )
  const deadLetters = await lettersOf(jsm, actors, speaksOf(parts, query))
  const files = filesIn(JSON.stringify([conversations, deadLetters]))
  return {
    conversations,
    deadLetters,
    chats: await linesOf(parts, threadsOf(parts, query)),
    attachments: [...new Set(files)].map((id) => `/v1/attachments/${id}`),
    desk: (await askDesk<NonNullable<Dumped['desk']>>(nc, 'dump', query.customer)) ?? null,
  }
}
