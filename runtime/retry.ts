/**
 * How long to wait before the next attempt: full jitter over an exponential, never before the far side's Retry-After.
 */
import type { Retry } from '../machines/policy.ts'

/** `attempt` counts from 1: the pause after the first failed attempt. `random` gives [0, 1). */
export function pauseMs(retry: Retry, attempt: number, retryAfterMs: number | undefined, random: () => number): number {
  const ceiling = Math.min(retry.backoffMaxMs, retry.backoffMs * 2 ** (attempt - 1))
  return Math.max(retryAfterMs ?? 0, Math.ceil(ceiling / 2 + (ceiling / 2) * random()))
}
