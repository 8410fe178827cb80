/** What the doctor hears of the nodes: who lives, and which partitions each owns. Listens, and says nothing itself. */
import type { NatsConnection } from '@nats-io/transport-node'
import { systemClock } from '../../adapters/clock.ts'
import { type NodeState, nodes_subject, nodeWordIn, type Work, works } from '../node-state.ts'
import { type Finding, ok, warn } from './finding.ts'

/** Every node says how it stands twice a second. */
const listen_ms = 1_500

export async function checkNodes(nc: NatsConnection, partitions: number): Promise<Finding[]> {
  const heard = await hear(nc)
  if (heard.length === 0) return [warn('nodes', 'none on this broker', 'start one with parley serve, or npm start')]
  const uneven = works.filter((work) => served(heard, work) < partitions)
  return [
    ok('nodes', `${heard.length} on this broker`),
    ...heard.map((node) => ok(`node ${node.id}`, ownedBy(node))),
    ...uneven.map((work) =>
      warn(
        `partitions for ${work}`,
        `${partitions - served(heard, work)} of ${partitions} have nobody`,
        'look again in a few seconds; if it stays so, start a node that does it',
      ),
    ),
  ]
}

async function hear(nc: NatsConnection): Promise<NodeState[]> {
  const heard = new Map<string, NodeState>()
  const subscription = nc.subscribe(nodes_subject, {
    callback: (error, message) => {
      const word = error ? undefined : nodeWordIn(message.string())
      if (word && 'leaves' in word) heard.delete(word.leaves)
      else if (word) heard.set(word.id, word)
    },
  })
  await systemClock().sleep(listen_ms)
  subscription.unsubscribe()
  return [...heard.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

const served = (heard: NodeState[], work: Work): number =>
  new Set(heard.flatMap(({ shares }) => [...(shares?.[work]?.has ?? []), ...(shares?.[work]?.wants ?? [])])).size

/** A partition without a message yet has no owner, only somebody who will be: on a node that is alone nothing is wrong with that. */
export function ownedBy({ host, pid, url, shares }: NodeState): string {
  const where = `${url === '' ? 'no gateway' : url}, ${host} ${pid}`
  if (!shares) return `${where}; a gateway only`
  const each = works.map((work) => {
    const { has, wants } = shares[work] ?? {}
    if (!has || !wants) return `no ${work}`
    return `${work} ${has.join(' ') || 'none'}${wants.length > 0 ? ` (will own, with the first message: ${wants.join(' ')})` : ''}`
  })
  return `${where}; ${each.join('; ')}`
}
