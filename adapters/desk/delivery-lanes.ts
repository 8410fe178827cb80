/**
 * Deliveries that are not taken yet, in lanes (a task, a text): which of a lane goes next. Each stands in exactly one state,
 * and a state that waits on the clock ends its wait when it is left. Decided here, done by `webhooks.ts`. Invariants: a lane
 * goes out in order, but for those that a tester lets go or turns round; what another desk posts is waited for.
 *
 * | state | its lane comes to it | a hold keeps it | ends |
 * |---|---|---|---|
 * | inLine | goes, or is put behind the next one | yes | taken, or any state below |
 * | behind | the next one goes instead | yes | overtaken: another of its lane went, or none came for 10 s |
 * | overtaken | goes | yes | taken |
 * | releasing | is passed over: a tester's release tries it now | no | taken, or released |
 * | released | goes: its first try failed | no | taken |
 * | elsewhere | waits, and all behind it: another desk posts it | no | that desk says so, or inLine after 30 s without a word |
 */
import type { Clock } from '../clock.ts'
import { behind_ms } from '../trouble.ts'
import type { Delivery } from './entries.ts'

export type Standing =
  | { is: 'inLine' | 'overtaken' | 'releasing' | 'released' }
  | { is: 'behind' | 'elsewhere'; cancel: () => void }

export interface Waiting {
  readonly delivery: Delivery
  /** Changed by its lane only. */
  standing: Standing
}

export interface Lanes {
  /** The last of its lane. */
  join(delivery: Delivery): void
  /** The same, but another desk posts it. */
  joinElsewhere(delivery: Delivery): void
  /** Another desk's, which has its outcome. Its lane; undefined for one that is not known as another's. */
  takenElsewhere(id: string): string | undefined
  /** Tried and over. */
  leave(waiting: Waiting): void
  /** Which one of the lane goes now. One that should come behind another begins to wait for it by this. */
  next(lane: string): Waiting | undefined
  /** Whether its lane may try it now: no hold keeps it back, and nobody else is at it. */
  mayGo(waiting: Waiting): boolean
  /** All that a hold keeps back, lane by lane, in the order they would go out. */
  held(): Waiting[]
  release(waiting: Waiting): void
  /** Its first try failed: it goes on in its lane, whatever is held. */
  released(waiting: Waiting): void
  /** One of the lane went: those that stood behind it wait for no other. */
  overtake(lane: string): void
  names(): Iterable<string>
  /** Nothing waits on the clock any more. */
  stop(): void
}

export interface LanesMeans {
  clock: Clock
  isHolding: () => boolean
  /** Whether it should come behind the next one of its lane now. */
  comesBehind: (delivery: Delivery) => boolean
  /** Something of that lane may go now that could not before: a wait on the clock is over. */
  onFree: (lane: string) => void
}

export function openLanes({ clock, isHolding, comesBehind, onFree }: LanesMeans): Lanes {
  const lanes = new Map<string, Waiting[]>()
  const elsewhere = new Map<string, Waiting>()

  const add = (delivery: Delivery): Waiting => {
    const one = { delivery, standing: inLine }
    const lane = lanes.get(delivery.lane)
    if (lane) lane.push(one)
    else lanes.set(delivery.lane, [one])
    return one
  }
  const leave = (one: Waiting) => {
    const { lane, id } = one.delivery
    stand(one, inLine)
    elsewhere.delete(id)
    const rest = (lanes.get(lane) ?? []).filter((other) => other !== one)
    if (rest.length === 0) lanes.delete(lane)
    else lanes.set(lane, rest)
  }
  const waitFor = (one: Waiting, is: 'behind' | 'elsewhere', ms: number, then: Standing) => {
    const over = () => {
      elsewhere.delete(one.delivery.id)
      stand(one, then)
      onFree(one.delivery.lane)
    }
    stand(one, { is, cancel: clock.after(ms, over) })
  }
  const isHeld = ({ delivery: { kind }, standing }: Waiting) =>
    isHolding() && kind === 'webhook' && holdable.has(standing.is)
  const mayGo = (one: Waiting) => goes.has(one.standing.is) && !isHeld(one)
  const putsBehind = (one: Waiting): boolean => {
    if (one.standing.is !== 'inLine' && one.standing.is !== 'behind') return false
    if (!comesBehind(one.delivery)) return false
    if (one.standing.is === 'inLine') waitFor(one, 'behind', behind_ms, { is: 'overtaken' })
    return true
  }

  return {
    join: (delivery) => void add(delivery),
    joinElsewhere(delivery) {
      const one = add(delivery)
      elsewhere.set(delivery.id, one)
      waitFor(one, 'elsewhere', take_over_ms, inLine)
    },
    takenElsewhere(id) {
      const one = elsewhere.get(id)
      if (one) leave(one)
      return one?.delivery.lane
    },
    leave,
    next(name) {
      const lane = lanes.get(name) ?? []
      if (lane[0]?.standing.is === 'elsewhere') return undefined
      const [first, second] = lane.filter(mayGo)
      return first && putsBehind(first) ? second : first
    },
    mayGo,
    held: () => [...lanes.values()].flat().filter(isHeld),
    release: (one) => stand(one, { is: 'releasing' }),
    released: (one) => stand(one, { is: 'released' }),
    overtake(name) {
      for (const one of lanes.get(name) ?? []) if (one.standing.is === 'behind') stand(one, { is: 'overtaken' })
    },
    names: () => lanes.keys(),
    stop() {
      for (const one of [...lanes.values()].flat()) stand(one, inLine)
    },
  }
}

function stand(one: Waiting, standing: Standing): void {
  if ('cancel' in one.standing) one.standing.cancel()
  one.standing = standing
}

const inLine: Standing = { is: 'inLine' }
/** The columns of the table above. `behind` goes, too, once nobody asks any more that it should come behind. */
const goes: ReadonlySet<Standing['is']> = new Set(['inLine', 'behind', 'overtaken', 'released'])
const holdable: ReadonlySet<Standing['is']> = new Set(['inLine', 'behind', 'overtaken'])
/** Longer than a post may take, so that a slow answer is not mistaken for a lost desk. */
const take_over_ms = 30_000
