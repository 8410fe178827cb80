/**
 * The desk's journal as it is before anything was written. Purged, not deleted: of a stream that is deleted and made anew under
 * its name, nats-server 2.15.1 brings back what the old one held, once in sixty times (it removes the files after it has answered).
 */
import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'

const no_such_stream = 10_059

/** Does nothing where there is none. */
export async function emptyJournal(nats: NatsConnection): Promise<void> {
  const { streams } = await jetstreamManager(nats)
  await streams.purge('DESK').catch((error: { code?: number }) => {
    if (error.code !== no_such_stream) throw error
  })
}
