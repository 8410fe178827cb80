/**
 * Waits that survive every restart: a timer is a scheduled message on TIMERS that JetStream publishes into the inbox when
 * it is due (nats-server 2.12+). Arming again replaces; a timer of an earlier generation is ignored by `decide` (T10).
 * Fires 0-250 ms late, never early.
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import { timerEnvelope } from './envelope.ts'
import { partitionOf } from './partition.ts'
import type { ArmedTimer } from './record.ts'
import { stream, subject } from './streams.ts'

export interface Timers {
  /** Resolves once the timer is stored. Repeating it is harmless. */
  arm(actor: string, timer: string, armed: ArmedTimer): Promise<void>
  /** Best effort: a timer that fires all the same is stale. */
  disarm(actor: string, timer: string): Promise<void>
}

export function scheduledTimers(js: JetStreamClient, jsm: JetStreamManager, partitions: number): Timers {
  const at = (actor: string, timer: string) => subject.timer(partitionOf(actor, partitions), actor, timer)
  return {
    async arm(actor, timer, { due_ms, generation }) {
      const due = new Date(due_ms).toISOString()
      const head = headers()
      head.set('Nats-Schedule', `@at ${due}`)
      head.set('Nats-Schedule-Target', subject.due(partitionOf(actor, partitions), actor))
      await js.publish(at(actor, timer), JSON.stringify(timerEnvelope(actor, due, timer, generation)), {
        headers: head,
      })
    },
    async disarm(actor, timer) {
      await jsm.streams.purge(stream.timers, { filter: at(actor, timer) })
    },
  }
}
