/**
 * The threads of our own chat door that a customer has. A thread's name follows from its customer, so that it is found when
 * nothing else of them is stored any more. Speaks to CHATS.
 * Invariant: an erased thread stays closed as long as a token for it is good; what is left of it has nothing of the customer.
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { ChatLine } from '../../adapters/chat-messages.ts'
import type { NumberedLine } from '../../adapters/chat-threads.ts'
import { lastOf } from '../actor-cache.ts'
import { lineIn } from '../chat-threads.ts'
import { eachMessage, eraseMessage, messagesOf } from '../stored-messages.ts'
import { stream, subject } from '../streams.ts'
import { type CustomerParts, type CustomerQuery, identitiesOf } from './customer.ts'

export interface ChatParts extends CustomerParts {
  js: JetStreamClient
  jsm: JetStreamManager
  /** The thread of a customer of the chat door at an asset. */
  threadOf: (asset: string, customer: string) => string
}

/** Key of the line that an erased thread is closed with. */
const erased_key = 'erased'

/** The threads that the customer may have, at every asset that is asked for. */
export function threadsOf(parts: ChatParts, query: CustomerQuery): string[] {
  const asset = query.asset === undefined ? undefined : parts.normaliseAsset('live-chat', query.asset)
  const asked = parts.assets.filter(({ channel, id }) => channel === 'live-chat' && (asset ?? id) === id)
  return identitiesOf(parts, query)
    .filter(({ channel }) => channel === 'live-chat')
    .flatMap(({ customer }) => asked.map(({ id }) => parts.threadOf(id, customer)))
}

/** Those of them in which something was said, with what it was. */
export async function linesOf({ jsm }: ChatParts, threads: readonly string[]) {
  const chats: { thread: string; lines: NumberedLine[] }[] = []
  for (const thread of threads) {
    const stored = await messagesOf(jsm, stream.chats, subject.chat(thread, '*'))
    const lines = stored.map(lineIn).filter(({ key }) => key !== erased_key)
    if (lines.length > 0) chats.push({ thread, lines })
  }
  return chats
}

/** Closes them for good: windows on every node go, and a token leads nowhere. */
export async function closeChats({ js, jsm }: ChatParts, threads: readonly string[], at: string): Promise<void> {
  for (const thread of threads) {
    const closed: ChatLine = { key: erased_key, at, from: 'customer', kind: 'closed', text: '' }
    const last = await lastOf(jsm, stream.chats, subject.chat(thread, 'customer'))
    if (!last || last.json<ChatLine>().key === erased_key) continue
    await js.publish(subject.chat(thread, 'customer'), JSON.stringify(closed))
  }
}

/** Deletes every line but the one that closes; resolves to how many there were. */
export async function eraseLines({ jsm }: ChatParts, threads: readonly string[]): Promise<number> {
  let erased = 0
  for (const thread of threads) {
    for await (const message of eachMessage(jsm, stream.chats, subject.chat(thread, '*'))) {
      if (message.json<ChatLine>().key === erased_key) continue
      if (await eraseMessage(jsm, stream.chats, message.seq)) erased++
    }
  }
  return erased
}
