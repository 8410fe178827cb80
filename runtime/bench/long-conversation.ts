/**
 * One conversation alone that goes on and on: whether its last message takes as long as its hundredth. One node, on a broker
 * that syncs now and then. While it is looked at, each event is sent when the turn before has ended; between the two looks
 * events are stored ahead of their turns, so that it gets there in minutes.
 */
import { stopwatch } from '../../adapters/clock.ts'
import { actorIdOf } from '../../adapters/identity.ts'
import { recordReader } from '../actor-cache.ts'
import { type Broker, connectBroker } from '../broker.ts'
import { ensureStreams, subject } from '../streams.ts'
import { percentile, roundedTo } from './costs.ts'
import { benchFarSide } from './far-side.ts'
import { startHostedNode } from './node.ts'
import { onThrowAwayBroker } from './throw-away-broker.ts'
import { type Driven, drive, type Ended, envelopesOf, followEnds } from './turns.ts'
import { endless, endlessMessages } from './workload.ts'

export interface LongConversation {
  turns: number
  seconds: number
  early: Look
  late: Look
  /** Late to early, by their medians. */
  ratio: number
  check: { wrongTurns: number; effectsMissing: number; effectsRepeated: number }
}

/** Milliseconds from sending an event until its turn is committed and its effects have ended. */
export interface Look {
  fromTurn: number
  doneP50Ms: number
  doneP99Ms: number
}

const looked_at_turns = 500
const early_from_turn = 100
/** What comes before the first look, and the two. */
export const long_turns_min = early_from_turn + 2 * looked_at_turns

const partitions = 16
const stored_ahead_max = 64
const told_every_turns = 50_000

/** About a minute for 50,000 turns; not fewer than `long_turns_min`. */
export function measureLongConversation(
  bin: string,
  turns: number,
  progress: (line: string) => void,
): Promise<LongConversation> {
  return onThrowAwayBroker(bin, false, async ({ url }) => {
    const [broker, driver] = await Promise.all([connectBroker([url], {}, 'bench'), connectBroker([url], {}, 'driver')])
    await ensureStreams(broker.jsm, { replicas: 1, partitions })
    const farSide = await benchFarSide('noop')
    const node = startHostedNode(broker, partitions, farSide)
    try {
      const elapsed = stopwatch()
      const looks = await turnAll(driver, turns, progress)
      const { performed, repeated } = farSide.counts()
      const stored = await recordReader(driver.jsm, partitions)(actorIdOf(endless))
      return {
        turns,
        seconds: roundedTo(1, elapsed() / 1_000),
        ...looks,
        ratio: roundedTo(2, looks.late.doneP50Ms / looks.early.doneP50Ms),
        check: {
          wrongTurns: Math.abs(turns - (stored?.record.turn ?? 0)),
          effectsMissing: turns + effects_more_of_the_first - performed,
          effectsRepeated: repeated,
        },
      }
    } finally {
      await node.stop()
      await Promise.all([broker.nc.close(), driver.nc.close()])
    }
  })
}

const messages = (from: number, count: number): Driven => ({ address: endless, events: endlessMessages(from, count) })

/** Every event has one effect but the first, which opens the conversation. */
const effects_more_of_the_first = 1

async function turnAll(
  driver: Broker,
  turns: number,
  progress: (line: string) => void,
): Promise<{ early: Look; late: Look }> {
  const ended = await followEnds(driver)
  const lookFrom = async (fromTurn: number): Promise<Look> => {
    const { done_ms } = await drive(driver, ended, [messages(fromTurn, looked_at_turns)], 1)
    return { fromTurn, doneP50Ms: percentile(done_ms, 0.5), doneP99Ms: percentile(done_ms, 0.99) }
  }
  await drive(driver, ended, [messages(0, early_from_turn)], 1)
  const early = await lookFrom(early_from_turn)
  const between = messages(early_from_turn + looked_at_turns, turns - long_turns_min)
  await storeAhead(driver, ended, between, progress)
  return { early, late: await lookFrom(turns - looked_at_turns) }
}

/** Resolves when all turns have ended. */
async function storeAhead(driver: Broker, ended: Ended, all: Driven, progress: (line: string) => void): Promise<void> {
  let open = 0
  let turned = 0
  let wake = () => {}
  ended.set(actorIdOf(all.address), () => {
    open--
    if (++turned % told_every_turns === 0) progress(`  ${turned} turns…`)
    wake()
  })
  const untilOpenBelow = async (count: number) => {
    while (open >= count) await new Promise<void>((resolve) => (wake = resolve))
  }
  for (const { actor, id, body } of envelopesOf(all)) {
    await untilOpenBelow(stored_ahead_max)
    open++
    await driver.js.publish(subject.in(actor), body, { msgID: id })
  }
  await untilOpenBelow(1)
}
