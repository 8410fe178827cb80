/**
 * settle: what follows a commit, and only then. Arms and disarms the turn's timers, then acks the delivery; a crash in
 * between brings the delivery back, which is absorbed as seen and arms the same timers again (T5, T9).
 */
import { crashPoint } from '../crash-points.ts'
import type { Delivery } from '../owned-consumer.ts'
import type { TurnRecord } from '../record.ts'
import type { Timers } from '../timers.ts'

/** `prior` is the record that this turn was decided on, undefined for an actor's first or when the turn is being settled again. */
export async function settle(
  timers: Timers,
  delivery: Delivery,
  record: TurnRecord,
  prior: TurnRecord | undefined,
): Promise<void> {
  const armed = Object.entries(record.timers).filter(([, { generation }]) => generation === record.turn)
  const gone = Object.entries(prior?.timers ?? {}).filter(([timer]) => !(timer in record.timers))
  await Promise.all([
    ...armed.map(([timer, due]) => timers.arm(record.actor, timer, due)),
    ...gone.map(([timer, { armedAs = timer }]) => timers.disarm(record.actor, armedAs)),
  ])
  crashPoint('settle.timers-armed')
  delivery.ack()
  crashPoint('settle.acked')
}
