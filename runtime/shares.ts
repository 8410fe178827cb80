/**
 * Who should own which partition: rendezvous hashing, with a ceiling that keeps shares even. Pure, and the same on every
 * node that knows of the same nodes. A hint and nothing more: who does own one is decided by the server's pin, and who may
 * commit by the conditional append (T1, T3).
 */
import { hash } from 'node:crypto'

/**
 * The owner of each partition, by its number; empty without nodes. Shares differ by one at most, and a node that comes
 * or goes moves a few times its own share at most, never all. The order of `nodes` does not matter.
 */
export function sharesOf(nodes: readonly string[], partitions: number): string[] {
  const owners: string[] = []
  const held = new Map<string, number>()
  const floor = Math.floor(partitions / nodes.length)
  let aboveFloor = partitions % nodes.length

  for (const { node, partition } of byWeight(nodes, partitions)) {
    const count = held.get(node) ?? 0
    const mayHaveMore = count < floor || (count === floor && aboveFloor > 0)
    if (owners[partition] !== undefined || !mayHaveMore) continue
    owners[partition] = node
    held.set(node, count + 1)
    if (count === floor) aboveFloor--
  }
  return owners
}

/** Every pair, the one that belongs together most before all others. */
function byWeight(nodes: readonly string[], partitions: number) {
  const pairs = nodes.flatMap((node) =>
    Array.from({ length: partitions }, (_, partition) => ({
      node,
      partition,
      weight: hash('sha256', `${partition} ${node}`),
    })),
  )
  return pairs.sort((a, b) => (a.weight < b.weight ? -1 : 1))
}
