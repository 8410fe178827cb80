/** The transmitting work of a node: every turn's effects to their far sides. Puts parts together and decides nothing. */
import type { Adapter } from '../../adapters/adapter.ts'
import type { TextLine } from '../../adapters/text-line.ts'
import type { AnyEffect } from '../../machines/effects.ts'
import { type Breaker, breaker } from '../breaker.ts'
import { chatAppender } from '../chat-threads.ts'
import { effectsLedger } from '../ledger.ts'
import { remembered } from '../remembered.ts'
import type { Running } from '../running.ts'
import { storeUntilDone } from '../store-until-done.ts'
import { startTransmitter, type Transmitter } from '../transmitter.ts'
import { turnstilesOf, unlimited } from '../turnstile.ts'
import { farSides } from './far-sides.ts'
import type { NodeParts } from './node-parts.ts'

/** Begins to own partitions of the turns. `textLines` and `own`: lines that are open, adapters that the program brought along. */
export function startTransmitting(
  { config, broker, common, connections, versions, measured }: NodeParts,
  running: Running,
  textLines: readonly TextLine[],
  own: readonly Adapter<AnyEffect>[],
): Transmitter {
  const { js, jsm, log, clock, wallClock, partitions, bindings } = common
  const breakers = new Map<string, Breaker>()
  const turnstiles = turnstilesOf(config, clock, () => running.transmitter?.share() ?? 0)
  const chatLines = chatAppender(js, jsm)
  const { desk } = running
  return startTransmitter({
    ...common,
    definitions: versions.definitions,
    ledger: effectsLedger(js, jsm, partitions),
    adapterFor: farSides(config, {
      desk,
      clock,
      log,
      connections,
      chatLines,
      textLines,
      measured: measured.performing,
      own,
    }),
    breakerFor: (destination) => remembered(breakers, destination, () => breaker(clock)),
    turnstileFor: (destination) => turnstiles[destination] ?? unlimited,
    policyOf: (record) => bindings(record.address)?.asset.policy ?? config.assets[0]!.policy,
    tell: (actor, envelope) => storeUntilDone(broker, wallClock, actor, envelope),
    random: Math.random,
  })
}
