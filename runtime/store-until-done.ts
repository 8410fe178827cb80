/**
 * Puts an event into the inbox of its conversation, however long the broker is away (T9). Speaks to INBOX.
 */
import type { Clock } from '../adapters/clock.ts'
import type { Broker } from './broker.ts'
import type { Envelope } from './envelope.ts'
import { subject } from './streams.ts'

/** An answer or a failure must reach its conversation: the broker is asked until it has it (T9). */
export async function storeUntilDone(
  { nc, js }: Broker,
  clock: Clock,
  actor: string,
  envelope: Envelope,
): Promise<void> {
  while (!nc.isClosed()) {
    try {
      await js.publish(subject.in(actor), JSON.stringify(envelope), { msgID: envelope.id })
      return
    } catch {
      await clock.sleep(store_again_ms)
    }
  }
}

const store_again_ms = 200
