/**
 * Conversations that lie in the streams and say nothing: the record of one that has ended, stored under as many names as
 * asked for, each with what became of its effects.
 */
import { actorIdOf } from '../../../adapters/identity.ts'
import type { Address } from '../../../machines/events.ts'
import type { Broker } from '../../broker.ts'
import { effectsLedger } from '../../ledger.ts'
import type { TurnRecord } from '../../record.ts'
import { persist } from '../../stages/persist.ts'
import { bench_asset } from '../workload.ts'

const under_way_max = 512
const told_every = 100_000

/** Resolves once the broker has all of them. */
export async function storeConversations(
  { js, jsm }: Broker,
  partitions: number,
  like: TurnRecord,
  count: number,
  progress: (line: string) => void,
): Promise<void> {
  const ledger = effectsLedger(js, jsm, partitions)
  let next = 0
  const lane = async () => {
    while (next < count) {
      const number = next++
      if (number > 0 && number % told_every === 0) progress(`  ${number} of ${count} conversations stored…`)
      const record = renamed(like, number)
      const persisted = await persist(js, partitions, record, 0)
      if (persisted.kind !== 'committed')
        throw new Error(`a stored conversation of the benchmark was ${persisted.kind}`)
      const { revision } = persisted.loaded
      await ledger.write(record.actor, { revision, outcomes: [{ index: 0, status: 'done', attempts: 1 }] })
    }
  }
  await Promise.all(Array.from({ length: Math.min(under_way_max, count) }, lane))
}

/** Another customer's, with nothing left to carry out. */
function renamed(like: TurnRecord, number: number): TurnRecord {
  const address: Address = { channel: 'live-chat', asset: bench_asset, customer: `stored-${number}` }
  return { ...like, address, actor: actorIdOf(address), effects: [] }
}
