/**
 * A rolling upgrade beside the troubles: one node after the other leaves in order and comes again as the newer build. The seed
 * decides the order; when each goes is a share of the load, so that both builds serve beside each other for most of it.
 */
import type { Clock } from '../../adapters/clock.ts'
import type { Random } from '../../runtime/random.ts'
import { isUp, type Site } from './site.ts'

export interface Step {
  /** Place among the nodes. */
  target: number
  /** How much of the load has begun by then, from 0 to 1. */
  share: number
}

/** Every node once; the first when others have begun conversations on the old build. */
export function rollOut(random: Random, nodes: number): Step[] {
  const staying = Array.from({ length: nodes }, (_, target) => target)
  return Array.from({ length: nodes }, (_, place) => {
    const [target] = staying.splice(random.int(0, staying.length - 1), 1)
    return { target: target!, share: (place + 1) / (nodes + 1) }
  })
}

const look_again_ms = 100

/**
 * Resolves when every node runs the newer build, or when `over` comes before a step's share of the load has begun. Throws
 * `StartError` when a node does not come up.
 */
export async function carryOutRollOut(
  clock: Clock,
  { nodes }: Pick<Site, 'nodes'>,
  steps: readonly Step[],
  begun: () => number,
  over: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  for (const { target, share } of steps) {
    while (begun() < share) {
      if (over.aborted) return
      await clock.sleep(look_again_ms)
    }
    const node = nodes[target]!
    say(`${node.name} leaves for the newer build`)
    await node.upgrade()
    await isUp(clock, node)
  }
}
