/**
 * How fast one customer may write to one asset: a token bucket an actor, refilled evenly over a minute. Kept in memory of
 * the gateway that is asked; buckets that are full again are forgotten.
 */
import type { Clock } from '../adapters/clock.ts'

const minute_ms = 60_000
const buckets_max = 100_000

/** Returns 0 when the message may pass, else the milliseconds until the next one may. `perMinute` 0 lets all pass. */
export function rateLimit(clock: Clock, perMinute: number): (actor: string) => number {
  const buckets = new Map<string, { tokens: number; at_ms: number }>()
  const refill_ms = minute_ms / perMinute

  return (actor) => {
    if (perMinute === 0) return 0
    const now_ms = clock.now()
    const bucket = buckets.get(actor)
    const tokens = bucket ? Math.min(perMinute, bucket.tokens + (now_ms - bucket.at_ms) / refill_ms) : perMinute
    if (tokens < 1) return Math.ceil((1 - tokens) * refill_ms)
    buckets.delete(actor)
    buckets.set(actor, { tokens: tokens - 1, at_ms: now_ms })
    if (buckets.size > buckets_max) buckets.delete(buckets.keys().next().value as string)
    return 0
  }
}
