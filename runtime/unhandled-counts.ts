/**
 * How much came in that was nobody's, by door and reason, since this node began: an asset without a binding, an unknown
 * task, an unknown event type, a receipt of nobody (E8, E10, A41). Each one stands among the dead letters, too; the counts
 * show at a glance that a flow is bound to the wrong place. Invariant: a reason names no id, so that they stay few.
 */
import type { Door } from '../adapters/adapter.ts'

export interface UnhandledCount {
  door: Door['name']
  reason: string
  count: number
}

export interface UnhandledCounts {
  add(door: Door['name'], reason: string): void
  /** In the order in which each came up first. */
  all(): UnhandledCount[]
}

export function unhandledCounts(): UnhandledCounts {
  const counts = new Map<string, UnhandledCount>()
  return {
    add(door, reason) {
      const key = `${door} ${reason}`
      const { count } = counts.get(key) ?? { count: 0 }
      counts.set(key, { door, reason, count: count + 1 })
    },
    all: () => [...counts.values()],
  }
}
