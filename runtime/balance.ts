/**
 * Keeps the shares of this node even with those of the others: pulls the partitions it should own, leaves alone those that
 * somebody serves, gives back, one after the other, what it owns and another node waits for, and takes over at once its
 * share of what a node served that is gone. Speaks to the nodes it hears and to its own consumers.
 *
 * Invariant: what is done here is safe whatever was heard (T1, T3). A partition is never left to nobody: whoever hears for a while
 * that nobody serves one pulls it.
 * Over when the node leaves.
 */
import type { Clock } from '../adapters/clock.ts'
import { type NodeState, type Share, type Shares, type Work, works } from './node-state.ts'
import type { Nodes } from './nodes.ts'
import { giveBack, type OwnedPartition } from './owned-partition.ts'
import { sharesOf } from './shares.ts'

/** Turns and calls under way end well within this; a partition whose calls take longer stays, and is asked for again. */
const in_hand_ms_max = 300
const ask_again_ms = 5_000
/** Between two partitions: the first one's new owner has begun. */
const between_ms = 50
const unserved_ms_max = 3_000

export interface Balance {
  /** Which partitions this node owns and which it stands by for, for each work that it does. */
  shares(): Shares
}

/** All partitions of each work that this node does; undefined for one that it does not. */
type HeldPartitions = Record<Work, readonly OwnedPartition[] | undefined>

/** Begins at once with all that nobody else is known to serve. */
export function balance(nodes: Nodes, clock: Clock, partitions: HeldPartitions): Balance {
  const all = works.flatMap((work) => (partitions[work] ?? []).map((held, number): Place => ({ work, number, held })))
  const servedAt = new Map<Place, number>(all.map((place) => [place, Number.NEGATIVE_INFINITY]))
  const keepUntil = new Map<Place, number>()
  const owners = { turning: remembered(partitions.turning), transmitting: remembered(partitions.transmitting) }
  let handingOver: Place | undefined
  let said = ''

  /** Among the nodes that do that work: another may do only the other. */
  const ownerOf = ({ work, number }: Place, live: NodeState[]): string => {
    const doing = live.filter(({ id, shares }) => id === nodes.self || shares?.[work])
    return owners[work](doing.map(({ id }) => id))[number] ?? nodes.self
  }

  const look = () => {
    const live = nodes.live()
    for (const place of all) if (place !== handingOver) settle(place, live, ownerOf(place, live))
    const saying = JSON.stringify(sharesIn(partitions))
    if (saying !== said) nodes.announce()
    said = saying
  }

  const settle = (place: Place, live: NodeState[], owner: string) => {
    const { consumer } = place.held
    if (owner === nodes.self) return consumer.pull()
    const others = live.filter(({ id }) => id !== nodes.self)
    const isWanted = others.some(({ id, shares }) => id === owner && shares?.[place.work]?.wants.includes(place.number))
    if (consumer.stance() === 'owning') {
      if (isWanted && !handingOver && (keepUntil.get(place) ?? 0) <= clock.now()) void handOver(place)
      return
    }
    if (isWanted || others.some(({ shares }) => shares?.[place.work]?.has.includes(place.number))) {
      servedAt.set(place, clock.now())
      consumer.rest()
    } else if ((servedAt.get(place) ?? 0) + unserved_ms_max < clock.now()) consumer.pull()
  }

  const handOver = async (place: Place) => {
    handingOver = place
    const isGiven = await giveBack(place.held, clock, in_hand_ms_max)
    if (!isGiven) keepUntil.set(place, clock.now() + ask_again_ms)
    await clock.sleep(between_ms)
    handingOver = undefined
    look()
  }

  /** It may have been pinned since its last word for what it stood by for. What somebody else says they have stays theirs. */
  const gone = ({ shares }: NodeState) => {
    const live = nodes.live()
    for (const place of all) {
      const { work, number, held } = place
      const served = shares?.[work]?.has.includes(number) || shares?.[work]?.wants.includes(number)
      const isTaken = live.some((node) => node.shares?.[work]?.has.includes(number))
      if (served && !isTaken && ownerOf(place, live) === nodes.self) void held.consumer.takeOver()
    }
  }

  nodes.follow({ look, gone })
  look()
  return { shares: () => sharesIn(partitions) }
}

interface Place {
  work: Work
  number: number
  held: OwnedPartition
}

/** Who should own what changes only with who is there. */
function remembered(partitions: readonly unknown[] = []): (ids: string[]) => string[] {
  let last = { ids: '', owners: [] as string[] }
  return (ids) => {
    if (ids.join() !== last.ids) last = { ids: ids.join(), owners: sharesOf(ids, partitions.length) }
    return last.owners
  }
}

function sharesIn({ turning, transmitting }: HeldPartitions): Shares {
  const share = (held: readonly OwnedPartition[]): Share => ({
    has: held.flatMap(({ consumer }, number) => (consumer.stance() === 'owning' ? [number] : [])),
    wants: held.flatMap(({ consumer }, number) => (consumer.stance() === 'standingBy' ? [number] : [])),
  })
  return { ...(turning && { turning: share(turning) }), ...(transmitting && { transmitting: share(transmitting) }) }
}
