/** How a stored message is told of whose key was forgotten: it is there for whoever counts, and has nothing to read. */
import type { StoredMsg } from '@nats-io/jetstream'

export const asForgotten = (message: StoredMsg): StoredMsg =>
  Object.create(message, { data: { value: new Uint8Array() }, isForgotten: { value: true } })

export const isForgotten = (message: StoredMsg): boolean => 'isForgotten' in message

/** Of messages that were read together those that can be read. */
export const readable = (messages: readonly StoredMsg[]): StoredMsg[] =>
  messages.filter((message) => !isForgotten(message))
