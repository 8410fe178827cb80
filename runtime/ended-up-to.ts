/**
 * How far deliveries that come in order and end in any order have come without a gap. What it says stays true whoever owns
 * them later: everything up to there has ended. Pure.
 */
export interface EndedUpTo {
  /** Undefined until something was delivered. */
  sequence(): number | undefined
  /** The next that is delivered comes after everything that has ended: a delivery was lost, or they begin anew. */
  restart(): void
  delivered(sequence: number): void
  ended(sequence: number): void
}

export function endedUpTo(): EndedUpTo {
  /** In the order of their sequences. */
  let open = new Set<number>()
  let last: number | undefined
  let before: number | undefined
  const sequence = () => {
    const [oldest] = open
    return oldest === undefined ? last : oldest - 1
  }
  return {
    sequence: () => (last === undefined ? before : sequence()),
    restart() {
      before = last === undefined ? before : sequence()
      open = new Set()
      last = undefined
    },
    delivered(sequence) {
      if (last !== undefined && sequence <= last) return // once more, since its ack was lost or is late
      open.add(sequence)
      last = sequence
    },
    ended: (sequence) => void open.delete(sequence),
  }
}
