/** Carries out one trouble of the schedule on the processes and lines of the site. Resolves when it is over. */
import type { Trouble } from './schedule.ts'
import type { Site } from './site.ts'

export async function carryOut({ nodes, brokers }: Site, { kind, target, for_ms }: Trouble): Promise<void> {
  if (kind === 'killBroker') return brokers.children[target]!.kill(for_ms)
  const { child, line } = nodes[target]!
  if (kind === 'kill') return child.kill(for_ms)
  if (kind === 'pause') return child.pause(for_ms)
  return kind === 'cut' ? line.cut(for_ms) : line.stall(for_ms)
}

/** What it is, in words for people who watch. */
export function told({ nodes }: Pick<Site, 'nodes'>, { kind, target, for_ms }: Trouble): string {
  const s = (for_ms / 1_000).toFixed(1)
  if (kind === 'killBroker') return `broker ${target + 1} is killed, ${s} s`
  const what = { kill: 'is killed', pause: 'is stopped', cut: 'is cut off', stall: 'hears nothing' }[kind]
  return `${nodes[target]!.name} ${what}, ${s} s`
}
