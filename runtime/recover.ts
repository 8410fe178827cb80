/**
 * What copies of streams that were taken while nodes ran need once they are put back, before nodes start: a timer that a
 * record waits for may have fired, or not yet have been armed, when TIMERS was copied; and a turn that is made now must not
 * get the number of one that is lost, since keys are made of it and far sides remember them (T6, T9). Speaks to TURNS and
 * TIMERS; deletes nothing. Repeating it is harmless.
 */
import { systemClock } from '../adapters/clock.ts'
import { recordReader } from './actor-cache.ts'
import { type Broker, connectBroker, replicasOf } from './broker.ts'
import type { Config } from './config.ts'
import { atRest } from './encryption/at-rest.ts'
import { StartError } from './errors.ts'
import type { Log } from './log.ts'
import { infoOf, stream, subject } from './streams.ts'
import { scheduledTimers } from './timers.ts'

export interface Recovered {
  /** That there is a record of. */
  conversations: number
  /** Armed, whether or not they were there. */
  timers: number
  /** Turns begin behind this number. */
  turnsFrom: number
}

export interface RecoverOptions {
  config: Config
  natsUrls: string[]
  /** More than were made since the copy. */
  turns: number
  log: Log
}

/** Throws `StartError` when there is nothing to recover, or it cannot be read. */
export async function recover({ config, natsUrls, turns, log }: RecoverOptions): Promise<Recovered> {
  const broker = await connectBroker(natsUrls, config.nats, 'parley-recover')
  try {
    if (!(await infoOf(broker.jsm, stream.turns))) {
      throw new StartError('E_NO_TURNS', 'expected the stream TURNS, found none; restore it before parley recover')
    }
    const { partitions, masterKeys } = config
    const replicas = replicasOf(config, broker)
    const sealed = await atRest(broker, { masterKeys, partitions, replicas }, systemClock(), log)
    return { turnsFrom: await skipNumbers(broker, turns), ...(await armTimers(sealed.broker, partitions)) }
  } finally {
    await broker.nc.close()
  }
}

/** Under a subject that no consumer of a partition reads; the messages go, their numbers stay used. */
async function skipNumbers({ js, jsm }: Broker, turns: number): Promise<number> {
  let last = 0
  for (let left = turns; left > 0; left -= batch_max) {
    const batch = Array.from({ length: Math.min(left, batch_max) }, () => js.publish(skipped, ''))
    last = Math.max(...(await Promise.all(batch)).map(({ seq }) => seq))
  }
  await jsm.streams.purge(stream.turns, { filter: skipped })
  return last
}

const skipped = 'parley.turns.none.skipped'
const batch_max = 500

async function armTimers({ js, jsm }: Broker, partitions: number): Promise<Omit<Recovered, 'turnsFrom'>> {
  const { state } = await jsm.streams.info(stream.turns, { subjects_filter: subject.turnsOfAll })
  const actors = Object.keys(state.subjects ?? {}).map((name) => name.split('.').at(-1) ?? '')
  const recordOf = recordReader(jsm, partitions)
  const { arm } = scheduledTimers(js, jsm, partitions)
  let conversations = 0
  let timers = 0
  for (const actor of actors) {
    const loaded = await recordOf(actor)
    if (!loaded) continue
    const armed = Object.entries(loaded.record.timers)
    await Promise.all(armed.map(([name, timer]) => arm(actor, name, timer)))
    conversations += 1
    timers += armed.length
  }
  return { conversations, timers }
}
