/**
 * How many things are under way right now, waits on the clock not counted. A virtual clock moves on only when nothing is
 * (CONTRACTS: `POST /v1/test/clock` answers when what became due has been turned and its effects attempted).
 */
export interface Activity {
  /** Counts as under way until the promise settles. */
  during<Value>(work: () => Promise<Value>): Promise<Value>
  /** A wait on the clock inside work that is under way: not counted while it lasts. */
  pausing<Value>(wait: () => Promise<Value>): Promise<Value>
  idle(): boolean
}

export function activity(): Activity {
  let running = 0
  return {
    async during(work) {
      running++
      try {
        return await work()
      } finally {
        running--
      }
    },
    async pausing(wait) {
      running--
      try {
        return await wait()
      } finally {
        running++
      }
    },
    idle: () => running === 0,
  }
}
