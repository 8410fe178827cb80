/**
 * The only place that reads the time. Owns the real clock and the virtual one; everything that waits is given a `Clock`.
 * Virtual time stands still until `advance`, so a test sees hours pass in milliseconds and in a fixed order.
 */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls `fire` once, `ms` from now. The returned function cancels it; cancelling twice is harmless. */
  after(ms: number, fire: () => void): () => void
  /** Resolves `ms` from now, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface VirtualClock extends Clock {
  /**
   * Moves time forward by `ms`, stopping at every moment at which something is due: fires it, then awaits `settled`
   * before going on, so that what it caused is part of the story before later things happen.
   */
  advance(ms: number, settled?: () => Promise<void>): Promise<void>
}

export function systemClock(): Clock {
  const after = (ms: number, fire: () => void) => {
    const timer = setTimeout(fire, Math.min(ms, timeout_ms_max))
    return () => clearTimeout(timer)
  }
  return { now: () => Date.now(), after, sleep: sleepWith(after) }
}

/** Starts a measurement: each call tells the milliseconds since then, with fractions, by a clock that nobody sets. */
export function stopwatch(): () => number {
  const start_ms = performance.now()
  return () => performance.now() - start_ms
}

export function virtualClock(startMs: number): VirtualClock {
  let nowMs = startMs
  let order = 0
  let waiting: { dueMs: number; order: number; fire: () => void }[] = []

  const after = (ms: number, fire: () => void) => {
    const entry = { dueMs: nowMs + Math.max(0, ms), order: order++, fire }
    waiting.push(entry)
    return () => {
      waiting = waiting.filter((other) => other !== entry)
    }
  }

  const nextDue = (untilMs: number) =>
    waiting
      .filter((entry) => entry.dueMs <= untilMs)
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)
      .at(0)

  return {
    now: () => nowMs,
    after,
    sleep: sleepWith(after),
    async advance(ms, settled = async () => {}) {
      const untilMs = nowMs + ms
      await settled()
      for (let entry = nextDue(untilMs); entry; entry = nextDue(untilMs)) {
        nowMs = Math.max(nowMs, entry.dueMs)
        waiting = waiting.filter((other) => other !== entry)
        entry.fire()
        await settled()
      }
      nowMs = untilMs
      await settled()
    },
  }
}

/** setTimeout fires at once beyond 2^31-1 ms; nothing here waits that long in one go. */
const timeout_ms_max = 2_147_483_647

function sleepWith(after: Clock['after']): Clock['sleep'] {
  return (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        cancel()
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const cancel = after(ms, done)
      signal?.addEventListener('abort', done, { once: true })
    })
}
