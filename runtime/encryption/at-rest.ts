/**
 * Encryption at rest, as a setting: with master keys, what customers say and who they are lies sealed in the streams; without
 * any, nothing is sealed and nothing costs anything. Opens the stream of data keys and refuses a start with which stored
 * messages could not be read. Speaks to KEYS and, once, to TURNS.
 */
import type { Clock } from '../../adapters/clock.ts'
import type { Broker } from '../broker.ts'
import { StartError } from '../errors.ts'
import type { Log } from '../log.ts'
import { ensureStream, infoOf, stream } from '../streams.ts'
import { untilBrokerAnswers } from '../until-broker-answers.ts'
import { type DataKeys, dataKeys, KeyMissing } from './data-keys.ts'
import { check_name, keys_stream, keysConfig } from './keys-stream.ts'
import { makingWay } from './make-way.ts'
import { type MasterKey, masterKeyIn } from './master-keys.ts'
import { opener } from './opener.ts'
import { isSealed } from './sealed.ts'
import { sealedStreams } from './sealed-streams.ts'
import { filesSealed, type JournalSealing, journalSealed, type Sealing } from './sealing.ts'

export interface AtRest {
  /** What everything is read and written through. */
  broker: Broker
  /** Undefined while nothing is sealed. */
  keys: DataKeys | undefined
  files: Sealing
  /** Undefined while nothing is sealed. */
  journal: JournalSealing | undefined
  /** See `make-way.ts`. */
  makeWay(actor: string): Promise<void>
}

export interface AtRestSettings {
  /** As configured; the first one wraps new keys. */
  masterKeys: readonly string[]
  replicas: number
  partitions: number
}

/** Throws `StartError`: the master key is missing, or it is another one, or the data keys are. */
export async function atRest(broker: Broker, settings: AtRestSettings, clock: Clock, log: Log): Promise<AtRest> {
  const { nc, js, jsm } = broker
  const [first, ...others] = settings.masterKeys.map(masterKeyIn).filter((key) => key !== undefined)
  if (!first) {
    await expectNothingSealed(broker)
    const opening = opener(undefined, nc, clock, log)
    const sealed = sealedStreams(broker, undefined, opening, log)
    return { broker: sealed, keys: undefined, files: filesSealed(undefined, opening), journal: undefined, makeWay }
  }
  await untilBrokerAnswers(clock, async () => {
    if (!(await infoOf(jsm, keys_stream))) await expectNoSealedRecord(broker)
    await ensureStream(jsm, keysConfig(settings.replicas))
  })
  const masters: [MasterKey, ...MasterKey[]] = [first, ...others]
  const keys = dataKeys({ nc, js, jsm, masters })
  await untilBrokerAnswers(clock, () => expectRightMaster(keys))
  if (others.length > 0) void rewrapAll(keys, first, log)
  const opening = opener(keys, nc, clock, log)
  return {
    keys,
    broker: sealedStreams(broker, keys, opening, log),
    files: filesSealed(keys, opening),
    journal: await journalSealed(keys),
    makeWay: makingWay(broker, opening, settings.partitions, log),
  }
}

/** Nothing is sealed, so nothing can be in the way. */
const makeWay = async (): Promise<void> => {}

async function expectNothingSealed({ jsm }: Broker): Promise<void> {
  if (!(await infoOf(jsm, keys_stream))) return
  throw new StartError(
    'E_NO_MASTER_KEY',
    `what is stored is encrypted (there is a stream ${keys_stream}): expected a master key, found none; set PARLEY_MASTER_KEYS or PARLEY_MASTER_KEYS_FILE`,
  )
}

async function expectNoSealedRecord({ jsm }: Broker): Promise<void> {
  const last = await jsm.direct.getMessage(stream.turns, { last_by_subj: 'parley.turns.>' })
  if (!last || !isSealed(last.data)) return
  throw new StartError(
    'E_KEYS_LOST',
    `records are encrypted: expected the stream ${keys_stream} with their keys, found none; restore it from its backup`,
  )
}

async function expectRightMaster(keys: DataKeys): Promise<void> {
  try {
    await keys.current(check_name, () => check_name)
  } catch (error) {
    if (!(error instanceof KeyMissing)) throw error
    throw new StartError(
      'E_MASTER_KEY',
      `the master key is not the one that data keys are wrapped by: ${error.message}`,
      error,
    )
  }
}

/** After a start with more than one: when all nodes have the new one in front, the old ones may go. */
async function rewrapAll(keys: DataKeys, { fingerprint }: MasterKey, log: Log): Promise<void> {
  try {
    const rewrapped = await keys.rewrap()
    log.info(
      { code: 'keys-rewrapped', rewrapped, master: fingerprint },
      'all data keys are wrapped by the first master key',
    )
  } catch (err) {
    log.error(
      { code: 'keys-not-rewrapped', err },
      'some data keys may still be wrapped by an older master key; start again',
    )
  }
}
