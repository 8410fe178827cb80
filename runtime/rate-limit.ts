/**
 * How fast one customer may write to one asset: as many messages at once as a minute allows, then evenly. Kept in memory
 * of the gateway that is asked, in whole milliseconds; who has waited long enough is forgotten first.
 */
import type { Clock } from '../adapters/clock.ts'

const minute_ms = 60_000
const actors_max = 100_000

/** Returns 0 when the message may pass, else the milliseconds until the next one may. `perMinute` 0 lets all pass. */
export function rateLimit(clock: Clock, perMinute: number): (actor: string) => number {
  /** When an actor's allowance will be whole again. */
  const wholeAt = new Map<string, number>()
  const each_ms = Math.floor(minute_ms / perMinute)

  return (actor) => {
    if (perMinute === 0) return 0
    const now_ms = clock.now()
    // Never more than a minute ahead, unless the clock was set back meanwhile.
    const known_ms = Math.min(wholeAt.get(actor) ?? 0, now_ms + minute_ms)
    const whole_ms = Math.max(now_ms, known_ms) + each_ms
    const wait_ms = whole_ms - now_ms - each_ms * perMinute
    if (wait_ms > 0) return wait_ms
    wholeAt.delete(actor)
    wholeAt.set(actor, whole_ms)
    if (wholeAt.size > actors_max) wholeAt.delete(wholeAt.keys().next().value as string)
    return 0
  }
}
