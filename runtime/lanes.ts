/**
 * One lane an actor: work of the same actor runs one after the other, in the order it was given; other actors do not wait
 * (T1). Lanes exist only while they have work.
 */
export interface Lanes {
  /** `work` handles its own errors; a rejection would be nobody's. */
  run(actor: string, work: () => Promise<void>): Promise<void>
  size(): number
}

export function lanes(): Lanes {
  const last = new Map<string, Promise<void>>()
  return {
    run(actor, work) {
      const before = last.get(actor)
      const mine: Promise<void> = (before ? before.then(work) : work()).finally(() => {
        if (last.get(actor) === mine) last.delete(actor)
      })
      last.set(actor, mine)
      return mine
    },
    size: () => last.size,
  }
}
