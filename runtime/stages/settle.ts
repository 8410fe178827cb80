/**
 * settle: what follows a commit, and only then. Arms and disarms the turn's timers, then acks the delivery; a crash in
 * between brings the delivery back, which is absorbed as seen and arms the same timers again (T5, T9).
 */
import type { ArmedTimer } from '../../machines/migrations.ts'
import { crashPoint } from '../crash-points.ts'
import type { TimerEnvelope } from '../envelope.ts'
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
  const gone = Object.entries(prior?.timers ?? {}).filter(
    ([timer, was]) => record.timers[timer]?.generation !== was.generation && !hasFired(record, timer, was),
  )
  await Promise.all([
    ...armed.map(([timer, due]) => timers.arm(record.actor, timer, due)),
    ...gone.map(([timer, was]) => timers.disarm(record.actor, was.armedAs ?? timer, was)),
  ])
  await crashPoint('settle.timers-armed', record)
  delivery.ack()
  crashPoint('settle.acked')
}

/** What has fired is in nobody's hands any more. */
function hasFired({ cause }: TurnRecord, timer: string, { generation, armedAs = timer }: ArmedTimer): boolean {
  if (cause.type !== 'parley.timer.due') return false
  const fired = cause.data as TimerEnvelope['data']
  return fired.timer === armedAs && fired.generation === generation
}
