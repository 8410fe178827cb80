/**
 * Events of conversations that no build so far could restore: they wait as dead letters of kind `record`, in the order in
 * which they were stored, and are taken up by the first owner whose build can. Each keeps its position in the inbox, so
 * that it is turned once, and before everything that came later (T1, T8, T9). Whoever starts wakes the partitions of those
 * that it can restore; an owner looks when it begins. Speaks to DEAD.
 */
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import type { DeadLetter } from './dead-letters.ts'
import { type TimerEnvelope, timerEnvelope } from './envelope.ts'
import type { Delivery } from './owned-consumer.ts'
import { partitionOf } from './partition.ts'
import { readBatch } from './read-batch.ts'
import { stream, subject } from './streams.ts'

export interface WaitingEvents {
  /** A partition has a new owner, perhaps of another build. Resolves to the actors for which events wait there. */
  look(partition: number): Promise<string[]>
  /** In the actor's lane, before anything else of it: takes up what waits, as far as it can be. Nothing, but the first time after a look. */
  takeUp(actor: string): Promise<void>
}

/** The actors of all partitions for which events wait. */
export async function waitingActors(jsm: JetStreamManager): Promise<string[]> {
  const { state } = await jsm.streams.info(stream.dead, { subjects_filter: subject.dead('record', '*') })
  return Object.keys(state.subjects ?? {}).map((name) => name.split('.').at(-1)!)
}

/** Nobody armed it, so it changes nothing (T10); but a partition gets an owner only with its next delivery. */
export const wakingTimer = (actor: string, at: string): TimerEnvelope => timerEnvelope(actor, at, 'waiting-events', 0)

/** Turns one event that waited; resolves to false when it has to go on waiting. */
export type TurnWaiting = (delivery: Delivery) => Promise<boolean>

const letters_read_max = 256

/** `untilAnswered` asks the broker until it answers; undefined only when the connection is closed for good. */
export function waitingEvents(
  jsm: JetStreamManager,
  partitions: number,
  untilAnswered: <Value>(ask: () => Promise<Value>) => Promise<Value | undefined>,
  turn: TurnWaiting,
): WaitingEvents {
  const looks = new Map<number, Promise<Set<string>>>()
  return {
    async look(partition) {
      const look = untilAnswered(() => waitingActors(jsm)).then(
        (found) => new Set(found?.filter((actor) => partitionOf(actor, partitions) === partition)),
      )
      looks.set(partition, look)
      return [...(await look)]
    },
    async takeUp(actor) {
      const held = await looks.get(partitionOf(actor, partitions))
      if (held?.delete(actor)) await untilAnswered(() => takeUpAll(jsm, actor, turn))
    },
  }
}

/** Oldest first, until one has to stay: then all that came after it stay, too. */
async function takeUpAll(jsm: JetStreamManager, actor: string, turn: TurnWaiting): Promise<void> {
  for (;;) {
    const letters = await readBatch(jsm, stream.dead, subject.dead('record', actor), letters_read_max)
    for (const letter of letters) {
      const delivery = deliveryOf(actor, letter)
      if (!delivery || !(await turn(delivery))) return
      await jsm.streams.deleteMessage(stream.dead, letter.seq)
    }
    if (letters.length < letters_read_max) return
  }
}

/** The letter as the delivery that it was; what settles it is that it is deleted. */
function deliveryOf(actor: string, letter: StoredMsg): Delivery | undefined {
  const { content, position, attempts } = letter.json<DeadLetter>()
  const settles = { ack: () => {}, working: () => {}, term: () => {} }
  const data = new TextEncoder().encode(JSON.stringify(content))
  return (
    position && { subject: subject.in(actor), data, headers: undefined, ...position, deliveries: attempts, ...settles }
  )
}
