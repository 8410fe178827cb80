/**
 * Reads stored messages of one subject in one request. Speaks to a stream's direct get; reads only.
 */
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import { readable } from './encryption/forgotten.ts'

/**
 * Up to `batch` messages from sequence `seq` on whose subject matches, oldest first; none is no error. With a call-back, since the client's
 * iterator leaves its subscription behind (3.3.1). Rejects when the broker does not answer.
 */
export async function readBatch(...of: Parameters<typeof storedBatch>): Promise<StoredMsg[]> {
  return readable(await storedBatch(...of))
}

/** The same with those of customers who were erased, which have nothing to read: for whoever goes on behind the last one. */
export function storedBatch(
  jsm: JetStreamManager,
  streamName: string,
  next_by_subj: string,
  batch: number,
  seq = 1,
): Promise<StoredMsg[]> {
  return new Promise((resolve, reject) => {
    const found: StoredMsg[] = []
    const callback = (done: { err?: Error } | null, message: StoredMsg) => {
      if (!done) found.push(message)
      else if (done.err && (done.err as { code?: number }).code !== no_message) reject(done.err)
      else resolve(found)
    }
    jsm.direct.getBatch(streamName, { next_by_subj, batch, seq, callback } as never).catch(reject)
  })
}

const no_message = 404
