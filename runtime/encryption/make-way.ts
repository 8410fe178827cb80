/**
 * The record of an erased customer that a restored copy of the streams brought back: nobody can read it, and no record could
 * be appended behind it. Speaks to TURNS and EFFECTS. Only what is in the way is deleted, nothing that came later (T3).
 */
import { lastOf } from '../actor-cache.ts'
import type { Broker } from '../broker.ts'
import type { Log } from '../log.ts'
import { partitionOf } from '../partition.ts'
import { stream, subject } from '../streams.ts'
import type { Opener } from './opener.ts'

/** For whoever found no record of an actor. Throws when the broker does not answer. */
export const makingWay =
  ({ jsm }: Broker, { open }: Opener, partitions: number, log: Log) =>
  async (actor: string): Promise<void> => {
    const partition = partitionOf(actor, partitions)
    const [turns, effects] = [subject.turns(partition, actor), subject.effects(partition, actor)]
    const inTheWay = async () => {
      const record = await lastOf(jsm, stream.turns, turns)
      return record && (await open(record.data)) === 'forgotten' ? record : undefined
    }
    if (!(await inTheWay())) return
    // Before the record is looked at for good: what the ledger has by then is of no later turn.
    const ledger = await lastOf(jsm, stream.effects, effects)
    const record = await inTheWay()
    if (!record) return
    log.info({ code: 'forgotten', actor }, 'the record of an erased customer, which a restored copy had, is deleted')
    if (ledger) await jsm.streams.purge(stream.effects, { filter: effects, seq: ledger.seq + 1 })
    await jsm.streams.purge(stream.turns, { filter: turns, seq: record.seq + 1 })
  }
