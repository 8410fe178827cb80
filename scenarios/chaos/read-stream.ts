/**
 * Everything that a stream holds from a sequence on, in stored order. Speaks to the stream by `runtime/read-batch.ts`; reads only.
 */
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import { readBatch } from '../../runtime/read-batch.ts'

const batch_max = 500

/** Rejects when the broker does not answer; `onMessage` may have been called by then. */
export async function readStream(
  jsm: JetStreamManager,
  name: string,
  from: number,
  onMessage: (message: StoredMsg) => void,
): Promise<void> {
  const { state } = await jsm.streams.info(name)
  let next = Math.max(from, state.first_seq)
  while (state.messages > 0 && next <= state.last_seq) {
    const found = await readBatch(jsm, name, '>', batch_max, next)
    if (found.length === 0) return
    for (const message of found) onMessage(message)
    next = found.at(-1)!.seq + 1
  }
}
