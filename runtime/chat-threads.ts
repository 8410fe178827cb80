/**
 * The threads of our own chat door, as stream CHATS: one subject a thread and direction, seven days. Every node follows
 * all of them with one consumer and hands lines to the windows it holds.
 * Keeps T7: a customer's line is masked together with those before it, in the thread's own order, by a conditional append.
 */
import type { JetStreamClient, JetStreamManager, JsMsg, StoredMsg } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { ChatLine } from '../adapters/chat-messages.ts'
import type { ChatThreads, NumberedLine } from '../adapters/chat-threads.ts'
import { type DigitTail, maskSplit, maskText } from '../machines/sensitive-data.ts'
import { lastOf } from './actor-cache.ts'
import { followFromNow } from './follow-from-now.ts'
import { readBatch } from './read-batch.ts'
import { stream, subject } from './streams.ts'

/** What is stored: the line, and what the customer's lines up to it ended with. */
type Stored = ChatLine & { tail?: DigitTail }

export interface FollowedThreads extends ChatThreads {
  stop(): Promise<void>
}

const lines_read_max = 1_000
const append_tries_max = 10
const held_wait_ms = 500

export async function chatThreads(
  nc: NatsConnection,
  js: JetStreamClient,
  jsm: JetStreamManager,
): Promise<FollowedThreads> {
  const hearers = new Set<(thread: string, line: NumberedLine) => void>()
  const typists = new Set<(thread: string, typing: 'start' | 'stop') => void>()
  let holds = (_thread: string) => false
  const following = await followFromNow(js, { stream: stream.chats }, (message) => {
    const thread = message.subject.split('.')[2] ?? ''
    const line = lineIn(message)
    for (const hear of hearers) hear(thread, line)
  })
  const subscriptions = [
    nc.subscribe('parley.chat.typing.*', {
      callback(error, message) {
        if (error) return
        const typing = message.string() === 'start' ? 'start' : 'stop'
        for (const hear of typists) hear(lastToken(message.subject), typing)
      },
    }),
    nc.subscribe('parley.chat.held.*', {
      callback(error, message) {
        if (!error && holds(lastToken(message.subject))) message.respond('held')
      },
    }),
  ]
  return {
    ...chatAppender(js, jsm),
    async after(thread, seq) {
      const found = await readBatch(jsm, stream.chats, subject.chat(thread, '*'), lines_read_max, seq + 1)
      return found.map(lineIn)
    },
    async isClosed(thread) {
      const last = await lastOf(jsm, stream.chats, subject.chat(thread, 'customer'))
      return last?.json<Stored>().kind === 'closed'
    },
    onLine: (hear) => void hearers.add(hear),
    tellTyping: (thread, typing) => nc.publish(`parley.chat.typing.${thread}`, typing),
    onTyping: (hear) => void typists.add(hear),
    async isHeldElsewhere(thread) {
      const answer = await nc
        .request(`parley.chat.held.${thread}`, '', { timeout: held_wait_ms })
        .catch(() => undefined)
      return answer?.string() === 'held'
    },
    answerHeld: (answer) => {
      holds = answer
    },
    async stop() {
      for (const subscription of subscriptions) subscription.unsubscribe()
      await following.end()
    },
  }
}

/** Enough for those who only write. */
export const chatAppender = (js: JetStreamClient, jsm: JetStreamManager): Pick<ChatThreads, 'append'> => ({
  append: (thread, line) =>
    line.from === 'customer' ? appendCustomers(js, jsm, thread, line) : append(js, thread, line),
})

const lastToken = (text: string): string => text.split('.').at(-1) ?? ''

/** Without what only the next line needs. */
export function lineIn(message: JsMsg | StoredMsg): NumberedLine {
  const { tail: _tail, ...line } = message.json<Stored>()
  return { ...line, seq: message.seq }
}

const append = async (js: JetStreamClient, thread: string, line: ChatLine): Promise<void> => {
  await js.publish(subject.chat(thread, 'business'), JSON.stringify(line), { msgID: `${thread} ${line.key}` })
}

/** One after the other, over all nodes: who was overtaken reads again. Nothing follows the line that closes a thread. */
async function appendCustomers(js: JetStreamClient, jsm: JetStreamManager, thread: string, line: ChatLine) {
  const to = subject.chat(thread, 'customer')
  for (let tries = 1; ; tries += 1) {
    const last = await lastOf(jsm, stream.chats, to)
    if (last?.json<Stored>().kind === 'closed') {
      if (line.kind === 'closed') return
      throw new Error('the thread is closed')
    }
    const masked = maskSplit(maskText(line.text).text, line.at, last?.json<Stored>().tail)
    const stored: Stored = { ...line, text: masked.text, ...(masked.tail === undefined ? {} : { tail: masked.tail }) }
    try {
      await js.publish(to, JSON.stringify(stored), {
        msgID: `${thread} ${line.key}`,
        expect: { lastSubjectSequence: last?.seq ?? 0 },
      })
      return
    } catch (error) {
      if (tries === append_tries_max || (error as { code?: number }).code !== wrong_last_sequence) throw error
    }
  }
}

const wrong_last_sequence = 10_071
