/**
 * What turns have to do with dead letters: which delivery waits behind one, what becomes one, which one is done with.
 * Speaks to DEAD; called by the worker within the lane of an actor, so nothing of that actor changes meanwhile (T1).
 * Keeps T5 and T9: a letter is stored before its delivery is acked, and removed after its turn is stored.
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import type { Clock } from '../adapters/clock.ts'
import type { DeadLetter, DeadLetterKind, DeadLetters } from './dead-letters.ts'
import type { Log } from './log.ts'
import type { Delivery } from './owned-consumer.ts'
import { letterOf, sendNext } from './retried-letters.ts'
import type { Activated } from './stages/activate.ts'

export interface LetterParts {
  js: JetStreamClient
  clock: Clock
  letters: DeadLetters
  log: Log
}

/**
 * Whether it is not to be turned: its letter is gone, turned or dropped by others; or its conversation is parked, and it
 * is not the letter whose turn it is.
 */
export async function isHeldBack(parts: LetterParts, delivery: Delivery, ready: Activated): Promise<boolean> {
  const { actor, binding, envelope } = ready
  const own = letterOf(delivery)
  if (own !== undefined && !(await parts.letters.get(own))) {
    delivery.ack()
    return true
  }
  if (binding.asset.policy.onPoison === 'goOn') return false
  const first = await parts.letters.firstParked(actor)
  if (first === undefined || first.id === own) return false
  const reason = `its conversation is parked: waits behind dead letter ${first.id}`
  await setAside(parts, delivery, 'poison', { actor, reason, content: envelope, parked: true })
  return true
}

/** The turn threw, or no stored message could hold it: its event is set aside, and the policy says what of those after it. */
export async function poisoned(
  parts: LetterParts,
  delivery: Delivery,
  ready: Activated,
  reason: string,
): Promise<void> {
  const { actor, binding, envelope: content } = ready
  const parked = binding.asset.policy.onPoison === 'park'
  await setAside(parts, delivery, 'poison', { actor, reason, content, ...(parked && { parked }) })
}

/** What came from a letter keeps it: a letter that fails again stays in its place, before those that wait behind it. */
export async function setAside(
  parts: LetterParts,
  delivery: Delivery,
  kind: DeadLetterKind,
  { actor, reason, content, parked }: Pick<DeadLetter, 'actor' | 'reason' | 'content' | 'parked'>,
): Promise<void> {
  const kept = letterOf(delivery)
  if (kept === undefined) {
    const at = new Date(parts.clock.now()).toISOString()
    const position = { sequence: delivery.sequence, time_ns: delivery.time_ns }
    const more = { position, ...(parked && { parked }) }
    const letter = { kind, actor, reason, at, attempts: delivery.deliveries, content, ...more }
    await parts.letters.setAside(letter, `inbox.${delivery.sequence}.${delivery.time_ns}`)
  }
  delivery.ack()
  parts.log.warn({ code: `dead-letter-${kind}`, actor, ...(kept && { kept }) }, reason)
}

/** For after the turn is stored and before its ack: the letter it came from goes, and the next one of its actor comes. */
export async function letterTurned({ letters, js }: LetterParts, delivery: Delivery, actor: string): Promise<void> {
  const id = letterOf(delivery)
  if (id === undefined) return
  await letters.remove(id)
  await sendNext(js, letters, actor)
}
