/**
 * All stored messages of a subject, and their end: deleted so that their bytes are written over (JetStream's secure
 * delete). Speaks to streams by sequence; what was removed before, by age or by acks, is out of its reach.
 */
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import { readable } from './encryption/forgotten.ts'
import { storedBatch } from './read-batch.ts'

const read_batch_messages = 256

/** Oldest first, however many there are. `filter` may have wildcards. */
export async function messagesOf(jsm: JetStreamManager, streamName: string, filter: string): Promise<StoredMsg[]> {
  const found: StoredMsg[] = []
  for await (const message of eachMessage(jsm, streamName, filter)) found.push(message)
  return found
}

/** The same one after the other, for streams that no memory should hold whole. */
export async function* eachMessage(
  jsm: JetStreamManager,
  streamName: string,
  filter: string,
): AsyncGenerator<StoredMsg, void, void> {
  for (let seq = 1; ; ) {
    const batch = await storedBatch(jsm, streamName, filter, read_batch_messages, seq)
    yield* readable(batch)
    if (batch.length < read_batch_messages) return
    seq = batch.at(-1)!.seq + 1
  }
}

/** Resolves to whether it was there. Throws when the broker does not answer. */
export async function eraseMessage(jsm: JetStreamManager, streamName: string, seq: number): Promise<boolean> {
  try {
    return await jsm.streams.deleteMessage(streamName, seq, true)
  } catch (error) {
    if (none_to_delete.has((error as { code?: number }).code ?? 0)) return false
    throw error
  }
}

/** JetStream's codes for a message that is not there. */
const none_to_delete = new Set([404, 10_037, 10_043, 10_057])
