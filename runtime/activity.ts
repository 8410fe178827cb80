/**
 * How many things are under way right now, waits on the clock not counted. A virtual clock moves on only when nothing is
 * (CONTRACTS: `POST /v1/test/clock` answers when what became due has been turned and its effects attempted).
 */
export interface Activity {
  /** Counts as under way until the promise settles. */
  during<Value>(work: () => Promise<Value>): Promise<Value>
  /** A wait on the clock inside work that is under way: not counted while it lasts. */
  pausing<Value>(wait: () => Promise<Value>): Promise<Value>
  /** Something was handed to the broker and will be met again in this process; the two may come in either order. */
  handed(name: string): void
  met(name: string): void
  idle(): boolean
}

/** `followsHandOvers` only where all of it happens in one process: elsewhere what is met was handed over by others. */
export function activity(followsHandOvers: boolean): Activity {
  let running = 0
  const handed = new Set<string>()
  const metFirst = new Set<string>()
  const pair = (own: Set<string>, other: Set<string>, name: string) => {
    if (followsHandOvers && !other.delete(name)) own.add(name)
  }
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
    handed: (name) => pair(handed, metFirst, name),
    met: (name) => pair(metFirst, handed, name),
    idle: () => running === 0 && handed.size === 0,
  }
}
