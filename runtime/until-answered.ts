/**
 * What must not be given up while a broker is away: it is asked again until it answers. Loses nothing (T9); what is asked may
 * be asked twice.
 */
import type { NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '../adapters/clock.ts'
import type { Log } from './log.ts'

const broker_retry_ms = 200

interface Asking {
  nc: Pick<NatsConnection, 'isClosed'>
  wallClock: Clock
  log: Pick<Log, 'warn'>
}

/** `waits` says in the log who waits for the broker. Resolves to undefined only when the connection is closed for good. Never rejects. */
export async function untilAnswered<Value>(
  { nc, wallClock, log }: Asking,
  waits: string,
  ask: () => Promise<Value>,
): Promise<Value | undefined> {
  while (!nc.isClosed()) {
    try {
      return await ask()
    } catch (err) {
      log.warn({ code: 'broker-unavailable', err }, waits)
      await wallClock.sleep(broker_retry_ms)
    }
  }
  return undefined
}
