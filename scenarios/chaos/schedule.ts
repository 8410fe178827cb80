/**
 * What goes wrong, and when: a seeded row of troubles. Pure. Invariants: no target has two troubles at once, so that each
 * is over before the next one; of a cluster of brokers one at a time is down or cut off, so that a majority lives.
 */
import type { Random } from '../../runtime/random.ts'

/**
 * kill: SIGKILL, started again afterwards · pause: SIGSTOP, then SIGCONT ·
 * cut: the connections to NATS are refused · stall: nothing passes, and nobody is told · mute: only what the node sends is lost
 */
const nodeKinds = ['kill', 'pause', 'cut', 'stall', 'mute'] as const
/** Between one broker and the others of its cluster, the same as between a node and the brokers. */
const clusterKinds = ['stallBroker', 'muteBroker'] as const
export type TroubleKind = (typeof nodeKinds)[number] | 'killBroker' | (typeof clusterKinds)[number]

/** What can go wrong with so many brokers. */
export const troubleKinds = (brokers: number): readonly TroubleKind[] => [
  ...nodeKinds,
  'killBroker',
  ...(brokers > 1 ? clusterKinds : []),
]

export const isOfBroker = (kind: TroubleKind): boolean => !nodeKinds.includes(kind as (typeof nodeKinds)[number])

export interface Trouble {
  /** From the beginning of the load. */
  at_ms: number
  kind: TroubleKind
  /** Place among the nodes, or among the brokers. */
  target: number
  for_ms: number
}

/** What has one trouble at a time. */
export const placeOf = ({ kind, target }: Pick<Trouble, 'kind' | 'target'>): string =>
  isOfBroker(kind) ? 'broker' : `node ${target}`

/** How long each kind lasts. Some outlast the pin of an owner (3 s), and the patience of brokers with their leader (4 to 9 s). */
const lasting_ms: Record<TroubleKind, [low: number, high: number]> = {
  kill: [100, 1_500],
  pause: [3_500, 6_000],
  cut: [500, 5_000],
  stall: [1_000, 6_000],
  mute: [1_000, 6_000],
  killBroker: [100, 1_500],
  stallBroker: [2_000, 8_000],
  muteBroker: [2_000, 8_000],
}
const gap_ms: [low: number, high: number] = [800, 2_500]
/** Without pauses nobody would ever be served by a cluster. */
const cluster_gap_ms: [low: number, high: number] = [2_000, 6_000]
const first_ms = 1_500
/** A process that was killed needs a while until it stands again. */
const recovery_ms = 3_000
/** Of a cluster: its brokers agree on leaders, which takes up to ten seconds, and then there is time to work off what waits. */
const cluster_recovery_ms = 12_000

/** Troubles that begin within `length_ms`, oldest first. */
export function schedule(random: Random, length_ms: number, nodes: number, brokers: number): Trouble[] {
  const kinds = troubleKinds(brokers)
  const gap = brokers > 1 ? cluster_gap_ms : gap_ms
  const troubles: Trouble[] = []
  const freeAt_ms = new Map<string, number>()
  for (let at_ms = first_ms; at_ms < length_ms; at_ms += random.int(...gap)) {
    const kind = random.pick(kinds)
    const target = random.int(0, (isOfBroker(kind) ? brokers : nodes) - 1)
    const for_ms = random.int(...lasting_ms[kind])
    const place = placeOf({ kind, target })
    if ((freeAt_ms.get(place) ?? 0) > at_ms) continue
    const isOfCluster = isOfBroker(kind) && brokers > 1
    freeAt_ms.set(place, at_ms + for_ms + (isOfCluster ? cluster_recovery_ms : recovery_ms))
    troubles.push({ at_ms, kind, target, for_ms })
  }
  return troubles
}
