/** The turning work of a node: every event of the inbox to its turn. Puts parts together and decides nothing. */
import { actorCache } from '../actor-cache.ts'
import { effectsLedger } from '../ledger.ts'
import { owedTurns } from '../owed-turns.ts'
import { pacing } from '../pacing.ts'
import { onForgotten } from '../privacy/erase-customer.ts'
import { scheduledTimers } from '../timers.ts'
import { startWorker, type Worker } from '../worker.ts'
import type { NodeParts } from './node-parts.ts'

/** Begins to own partitions of the inbox. */
export function startTurning({ config, common, versions, virtual, measured, recordOf, sealed }: NodeParts): Worker {
  const { js, jsm, nc, clock, partitions } = common
  const readRecord = async (actor: string) => {
    const found = await recordOf(actor)
    if (!found) await sealed.makeWay(actor)
    return found
  }
  const cache = actorCache(readRecord, partitions)
  onForgotten(nc, (actor) => cache.drop(actor))
  return startWorker({
    ...common,
    versions,
    timeOf: virtual?.timeOf ?? clock.now,
    cache,
    timers: virtual?.timers ?? scheduledTimers(js, jsm, partitions),
    pacing: pacing(clock, partitions, config.reconcilePerSecond),
    isTooFarAhead: owedTurns(jsm, partitions, effectsLedger(js, jsm, partitions)),
    turned: measured.turned,
  })
}
