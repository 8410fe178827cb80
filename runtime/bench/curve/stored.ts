/**
 * Conversations that lie in the streams and say nothing: the record of one that has ended, stored under as many names as
 * asked for, each with what became of its effects. Speaks to TURNS and EFFECTS as `persist.ts` and `ledger.ts` do.
 */
import { headers } from '@nats-io/transport-node'
import { actorIdOf } from '../../../adapters/identity.ts'
import type { Address } from '../../../machines/events.ts'
import type { Broker } from '../../broker.ts'
import type { LedgerEntry } from '../../ledger.ts'
import { partitionOf } from '../../partition.ts'
import { summaryOf, type TurnRecord } from '../../record.ts'
import { summaryHeader } from '../../stages/persist.ts'
import { subject } from '../../streams.ts'
import { bench_asset } from '../workload.ts'

const under_way_max = 512
const told_every = 100_000

/** Resolves once the broker has all of them. */
export async function storeConversations(
  { js }: Broker,
  partitions: number,
  like: TurnRecord,
  count: number,
  progress: (line: string) => void,
): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < count) {
      const number = next++
      if (number > 0 && number % told_every === 0) progress(`  ${number} of ${count} conversations stored…`)
      const record = renamed(like, number)
      const partition = partitionOf(record.actor, partitions)
      const head = headers()
      head.set(summaryHeader, encodeURIComponent(JSON.stringify(summaryOf(record))))
      const { seq } = await js.publish(subject.turns(partition, record.actor), JSON.stringify(record), {
        headers: head,
      })
      const entry: LedgerEntry = { revision: seq, outcomes: [{ index: 0, status: 'done', attempts: 1 }] }
      await js.publish(subject.effects(partition, record.actor), JSON.stringify(entry))
    }
  }
  await Promise.all(Array.from({ length: Math.min(under_way_max, count) }, lane))
}

/** Another customer's, with nothing left to carry out. */
function renamed(like: TurnRecord, number: number): TurnRecord {
  const address: Address = { channel: 'live-chat', asset: bench_asset, customer: `stored-${number}` }
  return { ...like, address, actor: actorIdOf(address), effects: [] }
}
