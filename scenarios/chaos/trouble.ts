/** Carries out one trouble of the schedule on the processes and lines of the site. Resolves when it is over. */
import { isOfBroker, type Trouble, type TroubleKind } from './schedule.ts'
import type { Site } from './site.ts'

export async function carryOut({ nodes, network, brokers }: Site, { kind, target, for_ms }: Trouble): Promise<void> {
  switch (kind) {
    case 'killBroker':
      return brokers.children[target]!.kill(for_ms)
    case 'stallBroker':
      return network.brokers[target]!.link.stall(for_ms)
    case 'muteBroker':
      return network.brokers[target]!.link.mute(for_ms)
    case 'kill':
      return nodes[target]!.child.kill(for_ms)
    case 'pause':
      return nodes[target]!.child.pause(for_ms)
    default:
      return nodes[target]!.link[kind](for_ms)
  }
}

const words: Record<TroubleKind, string> = {
  kill: 'is killed',
  pause: 'is stopped',
  cut: 'is refused by the brokers',
  stall: 'and the brokers do not hear each other',
  mute: 'is not heard by the brokers',
  killBroker: 'is killed',
  stallBroker: 'and the others do not hear each other',
  muteBroker: 'is not heard by the others',
}

/** What it is, in words for people who watch. */
export function told({ nodes }: Pick<Site, 'nodes'>, { kind, target, for_ms }: Trouble): string {
  const who = isOfBroker(kind) ? `broker ${target + 1}` : nodes[target]!.name
  return `${who} ${words[kind]}, ${(for_ms / 1_000).toFixed(1)} s`
}
