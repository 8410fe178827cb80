/**
 * Everything that a stream holds from a sequence on, in stored order. Speaks to a stream's direct get; reads only.
 */
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'

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
    const found = await batchFrom(jsm, name, next)
    if (found.length === 0) return
    for (const message of found) onMessage(message)
    next = found.at(-1)!.seq + 1
  }
}

/** With a call-back, since the client's iterator leaves its subscription behind (3.3.1). */
function batchFrom(jsm: JetStreamManager, name: string, seq: number): Promise<StoredMsg[]> {
  return new Promise((resolve, reject) => {
    const found: StoredMsg[] = []
    const callback = (done: { err?: Error } | null, message: StoredMsg) => {
      if (!done) found.push(message)
      else if (done.err && (done.err as { code?: number }).code !== no_message) reject(done.err)
      else resolve(found)
    }
    jsm.direct.getBatch(name, { seq, batch: batch_max, callback } as never).catch(reject)
  })
}

const no_message = 404
