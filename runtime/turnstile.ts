/**
 * How many attempts a second may begin at one far side, and how many may be open there at once, over the whole cluster and
 * without a word between nodes: each partition has one owner, and a node has its share of the limit by the partitions that
 * it owns, so that those which are idle lend theirs to the others on the same node. Speaks to the conversation clock only.
 * Invariants: no second, whenever it begins, has more than the share; who has the least time in all goes first (a
 * transfer has 15 s), then who came first; nobody is forgotten.
 */

import type { Clock } from '../adapters/clock.ts'
import type { Config } from './config.ts'

/** Over the whole cluster; 0 is no limit. */
export interface Limit {
  perSecond: number
  atOnce: number
}

export interface Turnstile {
  /** Whether an attempt that came now would have to wait. */
  isFull(): boolean
  /** Resolves when an attempt may begin, to what is to be called when it has ended. `within_ms`: the time it has in all. */
  pass(within_ms: number): Promise<() => void>
}

export const unlimited: Turnstile = { isFull: () => false, pass: async () => () => {} }

const second_ms = 1_000
/** A node that owns nothing just now may own something soon. */
const look_again_ms = 250

/** `share` is the part of the limit that is this node's now, 0 to 1. Less than one a second is one every so often. */
export function turnstile(clock: Clock, { perSecond, atOnce }: Limit, share: () => number): Turnstile {
  if (perSecond === 0 && atOnce === 0) return unlimited
  const line: { within_ms: number; enter: () => void }[] = []
  let begun_ms: number[] = []
  let open = 0
  let cancelWake = () => {}

  /** Until the next one may begin; Infinity when one has to end first. */
  const waitMs = (): number => {
    const part = share()
    if (part === 0) return look_again_ms
    if (atOnce > 0 && open >= Math.max(1, Math.floor(atOnce * part))) return Number.POSITIVE_INFINITY
    if (perSecond === 0) return 0
    const count = Math.max(1, Math.floor(perSecond * part))
    const window_ms = Math.max(second_ms, Math.ceil(second_ms / (perSecond * part)))
    const now_ms = clock.now()
    // A clock that was set back must not make anybody wait for what has not been yet.
    begun_ms = begun_ms.filter((ms) => ms > now_ms - window_ms && ms <= now_ms)
    return begun_ms.length < count ? 0 : begun_ms.at(-count)! + window_ms - now_ms
  }

  const letIn = () => {
    cancelWake()
    for (let wait_ms = 0; line.length > 0; ) {
      wait_ms = waitMs()
      if (wait_ms === Number.POSITIVE_INFINITY) return
      if (wait_ms > 0) {
        cancelWake = clock.after(wait_ms, letIn)
        return
      }
      open++
      if (perSecond > 0) begun_ms.push(clock.now())
      line.shift()!.enter()
    }
  }

  const leave = () => {
    open--
    letIn()
  }

  return {
    isFull: () => line.length > 0 || waitMs() > 0,
    pass: (within_ms) =>
      new Promise((resolve) => {
        const before = line.findLastIndex((other) => other.within_ms <= within_ms)
        line.splice(before + 1, 0, { within_ms, enter: () => resolve(leave) })
        letIn()
      }),
  }
}

/** One a far side, by the name its adapter gives it. */
export function turnstilesOf({ limits }: Config, clock: Clock, share: () => number): Record<string, Turnstile> {
  return {
    'digital-routing': turnstile(clock, limits.digitalRouting, share),
    engage: turnstile(clock, limits.engage, share),
    connect: turnstile(clock, limits.connect, share),
  }
}
