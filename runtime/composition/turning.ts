/** The turning half of a node: worker, transmitter, and the shares of both. Puts parts together and decides nothing. */
import type { Adapter } from '../../adapters/adapter.ts'
import type { TextLine } from '../../adapters/text-line.ts'
import type { AnyEffect } from '../../machines/effects.ts'
import { actorCache } from '../actor-cache.ts'
import { balance } from '../balance.ts'
import { type Breaker, breaker } from '../breaker.ts'
import { chatAppender } from '../chat-threads.ts'
import { effectsLedger } from '../ledger.ts'
import { owedTurns } from '../owed-turns.ts'
import { pacing } from '../pacing.ts'
import { onForgotten } from '../privacy/erase-customer.ts'
import { remembered } from '../remembered.ts'
import type { Running } from '../running.ts'
import { storeUntilDone } from '../store-until-done.ts'
import { scheduledTimers } from '../timers.ts'
import { startTransmitter } from '../transmitter.ts'
import { turnstilesOf, unlimited } from '../turnstile.ts'
import { startWorker } from '../worker.ts'
import { farSides } from './far-sides.ts'
import type { NodeParts } from './node-parts.ts'

/** Begins to own partitions. `textLines` and `own`: lines that are open, adapters of machines that the program brought along. */
export function startTurning(
  parts: NodeParts,
  running: Running,
  textLines: readonly TextLine[],
  own: readonly Adapter<AnyEffect>[],
): void {
  const { config, broker, common, connections, versions, virtual, measured, recordOf, nodes } = parts
  const { js, jsm, nc, log, clock, wallClock, partitions, bindings } = common
  const readRecord = async (actor: string) => {
    const found = await recordOf(actor)
    if (!found) await parts.sealed.makeWay(actor)
    return found
  }
  const cache = actorCache(readRecord, partitions)
  onForgotten(nc, (actor) => cache.drop(actor))
  const timers = virtual?.timers ?? scheduledTimers(js, jsm, partitions)
  const breakers = new Map<string, Breaker>()
  const ledger = effectsLedger(js, jsm, partitions)
  const turnstiles = turnstilesOf(config, clock, () => running.transmitter?.share() ?? 0)
  const chatLines = chatAppender(js, jsm)
  const far = farSides(config, {
    desk: running.desk,
    clock,
    log,
    connections,
    chatLines,
    textLines,
    measured: measured.performing,
    own,
  })
  running.worker = startWorker({
    ...common,
    versions,
    timeOf: virtual?.timeOf ?? clock.now,
    cache,
    timers,
    pacing: pacing(clock, partitions, config.reconcilePerSecond),
    isTooFarAhead: owedTurns(jsm, partitions, ledger),
    turned: measured.turned,
  })
  running.transmitter = startTransmitter({
    ...common,
    definitions: versions.definitions,
    ledger,
    adapterFor: far,
    breakerFor: (destination) => remembered(breakers, destination, () => breaker(clock)),
    turnstileFor: (destination) => turnstiles[destination] ?? unlimited,
    policyOf: (record) => bindings(record.address)?.asset.policy ?? config.assets[0]!.policy,
    tell: (actor, envelope) => storeUntilDone(broker, wallClock, actor, envelope),
    random: Math.random,
  })
  running.balance = balance(nodes, wallClock, {
    turning: running.worker.partitions,
    transmitting: running.transmitter.partitions,
  })
}
