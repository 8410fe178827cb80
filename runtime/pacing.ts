/**
 * How fast conversations may ask how their tasks stand, over the whole cluster and without a word between nodes (E41):
 * thousands that lost their webhooks at once must not flood Digital Routing. Each partition has one owner, and its own
 * moments in every cycle; together they are the rate. Speaks to the conversation clock only.
 * Invariants: a partition asks at most once a cycle; one that was quiet for a cycle asks at once; who waits gets a moment
 * of its own, in order, and memory is bounded. A wait holds nothing: no delivery, no effect, no turn (T5).
 */
import type { Clock } from '../adapters/clock.ts'
import type { AnyEffect } from '../machines/effects.ts'
import { isCheck } from '../machines/reconcile.ts'
import { partitionOf } from './partition.ts'

/** The timer that makes a conversation ask, as it came: its generation tells it from an earlier one. */
export interface DueTimer {
  timer: string
  generation: number
}

export interface Pacing {
  /** When the timer of a turn with these effects is to fire again (ms since the epoch); undefined when the turn may go on. */
  putOffUntil(actor: string, due: DueTimer, effects: readonly AnyEffect[]): number | undefined
  /** A new owner knows nothing of what the last one promised: whoever comes asks anew. */
  dropPartition(partition: number): void
}

/** `perSecond` over all partitions; 0 puts nothing off. */
export function pacing(clock: Clock, partitions: number, perSecond: number): Pacing {
  const cycle_ms = Math.ceil((1_000 * partitions) / perSecond)
  const fresh = (partition: number) => pace(clock, cycle_ms, Math.floor((cycle_ms * partition) / partitions))
  const paces = Array.from({ length: partitions }, (_, partition) => fresh(partition))
  return {
    putOffUntil(actor, { timer, generation }, effects) {
      if (perSecond === 0 || !effects.some(isCheck)) return undefined
      return paces[partitionOf(actor, partitions)]?.(`${actor}.${timer}.${generation}`)
    },
    dropPartition(partition) {
      paces[partition] = fresh(partition)
    },
  }
}

/** More than these in one partition get no moment of their own: they come back after the last of them and ask anew. */
export const promised_max = 10_000
/** Who has not come this long after its moment has heard a webhook meanwhile. */
const promise_kept_ms = 60_000

/**
 * One partition: `phase_ms` after the begin of each cycle is its moment. Returns undefined when `name` may go now, else
 * when its moment is; asked again then, under the same name, it may.
 */
function pace(clock: Clock, cycle_ms: number, phase_ms: number): (name: string) => number | undefined {
  let free_ms = Number.NEGATIVE_INFINITY
  const promised = new Map<string, number>()
  const momentFrom = (ms: number) => ms + ((((phase_ms - ms) % cycle_ms) + cycle_ms) % cycle_ms)

  return (name) => {
    const now_ms = clock.now()
    forgetBefore(promised, now_ms - promise_kept_ms)
    const mine_ms = promised.get(name)
    if (mine_ms !== undefined) {
      if (mine_ms > now_ms) return mine_ms
      promised.delete(name)
      return undefined
    }
    if (now_ms >= free_ms) {
      free_ms = now_ms + cycle_ms
      return undefined
    }
    const moment_ms = momentFrom(free_ms)
    if (promised.size >= promised_max) return moment_ms
    promised.set(name, moment_ms)
    free_ms = moment_ms + cycle_ms
    return moment_ms
  }
}

/** Promises stand in the order of their moments. */
function forgetBefore(promised: Map<string, number>, ms: number): void {
  for (const [name, moment_ms] of promised) {
    if (moment_ms >= ms) return
    promised.delete(name)
  }
}
