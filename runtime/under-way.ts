/** Work of one partition that has begun and not ended; and waiting for it a while. */
import type { Clock } from '../adapters/clock.ts'

export interface UnderWay {
  /** Counts until it settles, however it does. */
  add(work: Promise<unknown>): void
  /** Whether all of it has ended within `ms`; what is added meanwhile is not waited for. */
  ended(clock: Clock, ms: number): Promise<boolean>
}

export function underWay(): UnderWay {
  const begun = new Set<Promise<unknown>>()
  return {
    add(work) {
      const settled = work.catch(() => {}).finally(() => begun.delete(settled))
      begun.add(settled)
    },
    async ended(clock, ms) {
      const over = new AbortController()
      const all = Promise.all(begun).then(() => true)
      const late = clock.sleep(ms, over.signal).then(() => false)
      try {
        return await Promise.race([all, late])
      } finally {
        over.abort()
      }
    },
  }
}
