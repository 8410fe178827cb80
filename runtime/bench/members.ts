/**
 * Nodes of the benchmark as processes (`node-process.mjs`), and what a driver beside them hears of their shares. Speaks to
 * them over their parent's channel, and to the nodes' own announcements.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '../../adapters/clock.ts'
import { type Work, works } from '../node-state.ts'
import { joinNodes } from '../nodes.ts'

export type Ending = 'killed' | 'leaves'

export interface MemberSettings {
  natsUrl: string
  partitions: number
  /** What it owns partitions for; both unless said. */
  does?: readonly Work[]
  /** Takes its effects over HTTP; they end within the node unless said. */
  farSideUrl?: string
}

export function startMember(settings: MemberSettings): ChildProcess {
  return fork(new URL('./node-process.mjs', import.meta.url), [JSON.stringify(settings)], { execArgv: [] })
}

/** Resolves when the process is gone. */
export async function endMember(member: ChildProcess, how: Ending): Promise<void> {
  const ended = once(member, 'exit')
  if (how === 'killed') member.kill('SIGKILL')
  else member.send('leave')
  await ended
}

export interface HeardMembers {
  /**
   * Whether every partition has an owner, and shares differ by one at most; a partition that nothing has come for has none.
   * Throws when a node has ended by itself.
   */
  isEven(members: readonly ChildProcess[], partitions: number): boolean
  untilEven(members: readonly ChildProcess[], partitions: number): Promise<void>
  leave(): void
}

/** The driver hears the nodes as a gateway does: it owns nothing. */
export function hearMembers(nc: NatsConnection, clock: Clock): HeardMembers {
  const onlooker = { id: 'bench-driver', host: hostname(), pid: process.pid, url: '', since: '' }
  const nodes = joinNodes(nc, clock, () => onlooker)
  const isEven: HeardMembers['isEven'] = (members, partitions) => {
    const ended = members.find(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)
    if (ended) throw new Error(`a node of the benchmark ended by itself with ${ended.exitCode ?? ended.signalCode}`)
    const shares = members.map(({ pid }) => nodes.live().find((node) => node.pid === pid)?.shares)
    const all = works.map((work) => shares.map((one) => one?.[work]?.has.length ?? 0))
    const owned = (sizes: number[]) => sizes.reduce((sum, size) => sum + size, 0)
    return all.every((sizes) => owned(sizes) === partitions && Math.max(...sizes) - Math.min(...sizes) <= 1)
  }
  return {
    isEven,
    async untilEven(members, partitions) {
      while (!isEven(members, partitions)) await clock.sleep(look_again_ms)
    },
    leave: () => nodes.leave(),
  }
}

const look_again_ms = 50
