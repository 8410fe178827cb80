/**
 * What the contact centre and its customers see, followed from the desk's journal, past every node and line: how the load
 * knows that a menu has come or a task waits. Speaks to the DESK stream; reads only. A broker that is away only makes it late.
 */
import type { JetStreamManager } from '@nats-io/jetstream'
import type { Clock } from '../../adapters/clock.ts'
import type { ChatItem, Conversation, Entry, Task } from '../../adapters/desk/entries.ts'
import { apply, emptyFloor, type Floor, normalised, placeOf } from '../../adapters/desk/floor.ts'
import type { Place } from './place.ts'
import { readStream } from './read-stream.ts'

export interface DeskView {
  /** The newest conversation of a customer, and its newest task. */
  conversation(place: Place): Conversation | undefined
  task(place: Place): Task | undefined
  /** What reached the customer, oldest first. */
  received(place: Place): string[]
  form(place: Place): ChatItem | undefined
  /** Resolves to whether it came true in time; looked at whenever something happens. */
  until(isTrue: () => boolean, ms: number): Promise<boolean>
  /** Open tasks and conversations. */
  open(): number
  stop(): Promise<void>
}

const look_ms = 120
const stream_name = 'DESK'

export function followDesk(clock: Clock, jsm: JetStreamManager): DeskView {
  const floor = emptyFloor()
  const waiting = new Set<() => void>()
  let next = 1
  let stopped = false

  const follow = async () => {
    while (!stopped) {
      const before = next
      const read = readStream(jsm, stream_name, next, (message) => {
        apply(floor, message.json<Entry>())
        next = message.seq + 1
      })
      await read.catch(() => {}) // the broker is away, or the stream is not made yet
      if (next !== before) for (const look of [...waiting]) look()
      await clock.sleep(look_ms)
    }
  }
  const following = follow()

  const conversation = (place: Place) => floor.conversations.get(floor.latest.get(keyOf(place)) ?? '')
  return {
    conversation,
    task: (place) => floor.tasks.get(floor.taskOfConversation.get(conversation(place)?.conversationId ?? '') ?? ''),
    received: (place) => receivedIn(floor, place),
    form: (place) =>
      floor.chats.get(place.customer)?.findLast(({ form, threadId }) => form && threadId === place.thread),
    until: (isTrue, ms) =>
      new Promise((resolve) => {
        if (isTrue()) return resolve(true)
        const over = (found: boolean) => {
          cancel()
          waiting.delete(look)
          resolve(found)
        }
        const look = () => {
          if (isTrue()) over(true)
        }
        const cancel = clock.after(ms, () => over(false))
        waiting.add(look)
      }),
    open: () =>
      [...floor.tasks.values()].filter(({ state }) => state !== 'CLOSED').length +
      [...floor.conversations.values()].filter(({ status }) => status !== 'Closed').length,
    async stop() {
      stopped = true
      await following
    },
  }
}

const keyOf = ({ channel, business, customer, subject }: Place): string =>
  placeOf(deskChannels[channel], business, customer, subject)
const deskChannels = { sms: 'SMS', 'live-chat': 'LiveChat', email: 'Email' } as const

function receivedIn(floor: Floor, { channel, customer, thread }: Place): string[] {
  if (channel === 'sms') return (floor.inbox.get(normalised(customer)) ?? []).map(({ text }) => text)
  if (channel === 'email') return (floor.mailboxes.get(normalised(customer)) ?? []).map(({ text }) => text)
  return (floor.chats.get(customer) ?? []).filter(({ threadId }) => threadId === thread).map(({ text }) => text)
}
