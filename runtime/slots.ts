/**
 * How many of something may be under way at once; the others wait in line, as long as they like.
 */
export interface Slots {
  /** Does the work once there is room; gives `otherwise` when `signal` aborts before there is. */
  during<Value>(signal: AbortSignal, work: () => Promise<Value>, otherwise: Value): Promise<Value>
}

export function slots(count: number): Slots {
  let free = count
  const line: (() => void)[] = []
  const room = (signal: AbortSignal) =>
    new Promise<boolean>((resolve) => {
      if (free > 0) {
        free -= 1
        return resolve(true)
      }
      const enter = () => resolve(true)
      line.push(enter)
      signal.addEventListener(
        'abort',
        () => {
          const at = line.indexOf(enter)
          if (at === -1) return
          line.splice(at, 1)
          resolve(false)
        },
        { once: true },
      )
    })
  return {
    async during(signal, work, otherwise) {
      if (signal.aborted || !(await room(signal))) return otherwise
      try {
        return await work()
      } finally {
        const next = line.shift()
        if (next) next()
        else free += 1
      }
    },
  }
}
