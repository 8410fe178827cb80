/**
 * Waits that survive every restart: a timer is a scheduled message on TIMERS that JetStream publishes into the inbox when
 * it is due (nats-server 2.12+). It is stored under its name and generation: an owner of the past that settles late can
 * neither replace nor put away a timer of a later turn. One of an earlier generation that fires is ignored by `decide` (T10).
 * Fires 0-250 ms late, never early.
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import type { ArmedTimer } from '../machines/migrations.ts'
import { timerEnvelope } from './envelope.ts'
import { partitionOf } from './partition.ts'
import { stream, subject } from './streams.ts'

export interface Timers {
  /** Resolves once the timer is stored. Repeating it is harmless. */
  arm(actor: string, timer: string, armed: ArmedTimer): Promise<void>
  /** One that has fired fires once more, later; beside what `arm` holds. Resolves once it is stored; a stale one changes nothing (T10). */
  putOff(actor: string, timer: string, armed: ArmedTimer): Promise<void>
  /** Best effort, of that generation only: a timer that fires all the same is stale. */
  disarm(actor: string, timer: string, armed: ArmedTimer): Promise<void>
}

/** The names under which a timer is stored: as it was armed, and as it was put off. */
export const armedName = (timer: string, { generation }: ArmedTimer): string => `${timer}.${generation}`
export const putOffName = (timer: string, { generation }: ArmedTimer): string => `${timer}.put-off.${generation}`

export function scheduledTimers(js: JetStreamClient, jsm: JetStreamManager, partitions: number): Timers {
  const at = (actor: string, name: string) => subject.timer(partitionOf(actor, partitions), actor, name)
  const schedule = async (name: string, actor: string, timer: string, { due_ms, generation }: ArmedTimer) => {
    const due = new Date(due_ms).toISOString()
    const head = headers()
    head.set('Nats-Schedule', `@at ${due}`)
    head.set('Nats-Schedule-Target', subject.due(partitionOf(actor, partitions), actor))
    const envelope = JSON.stringify(timerEnvelope(actor, due, timer, generation))
    await js.publish(at(actor, name), envelope, { headers: head })
  }
  return {
    arm: (actor, timer, armed) => schedule(armedName(timer, armed), actor, timer, armed),
    putOff: (actor, timer, armed) => schedule(putOffName(timer, armed), actor, timer, armed),
    async disarm(actor, timer, armed) {
      await jsm.streams.purge(stream.timers, { filter: at(actor, armedName(timer, armed)) })
    },
  }
}
