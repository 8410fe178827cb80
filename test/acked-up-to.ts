/** How far each partition of the inbox was acked, as the broker remembers it. */
import type { JetStreamManager } from '@nats-io/jetstream'
import { inboxProgress, type Reached } from '../runtime/inbox-progress.ts'

export const ackedUpTo = async (jsm: JetStreamManager): Promise<Reached[]> =>
  (await inboxProgress(jsm)).map(({ partition, acked_sequence }) => [partition, acked_sequence])
