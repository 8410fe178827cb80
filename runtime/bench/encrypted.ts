/**
 * What encryption at rest costs: the same workload with a master key and without one, in turn on brokers of their own, so
 * that a machine whose speed drifts is as fast for the one as for the other. The ratio is what counts.
 */
import { randomBytes } from 'node:crypto'
import { loadavg } from 'node:os'
import { median, roundedTo } from './costs.ts'
import { onThrowAwayBroker } from './throw-away-broker.ts'
import { type Check, type TurnFigures, turnsOf } from './turn-figures.ts'

export interface EncryptedReport {
  conversations: number
  /** The machine's load before and after, over a minute. */
  loadBefore: number
  loadAfter: number
  /** Every write synced to the disk, as by default, and synced now and then, where the processor is all that counts. */
  synced: Compared
  relaxed: Compared
}

export interface Compared {
  rounds: Round[]
  /** Medians over the rounds of encrypted through clear. */
  ratio: { turnsPerS: number; cpuMsPerTurn: number; natsCpuMsPerTurn: number | null; diskBytesPerTurn: number }
}

export interface Round {
  clear: TurnFigures
  encrypted: TurnFigures
  check: { clear: Check; encrypted: Check }
}

export interface EncryptedOptions {
  /** The nats-server binary. */
  bin: string
  conversations: number
  rounds: number
  progress: (line: string) => void
}

const master_key_bytes = 32

/** About a quarter of a minute a round for 500 conversations. Which of the two comes first changes from round to round. */
export async function compareEncrypted(options: EncryptedOptions): Promise<EncryptedReport> {
  const loadNow = () => roundedTo(1, loadavg()[0]!)
  const loadBefore = loadNow()
  const synced = await compared(options, true)
  const relaxed = await compared(options, false)
  return { conversations: options.conversations, loadBefore, loadAfter: loadNow(), synced, relaxed }
}

async function compared({ bin, conversations, rounds: count, progress }: EncryptedOptions, syncAlways: boolean) {
  const run = (masterKeys: string[]) =>
    onThrowAwayBroker(bin, syncAlways, (server, dataDir) =>
      turnsOf({ servers: [server], dataDir, replicas: 1 }, { effects: 'noop', conversations, masterKeys }),
    )
  const inClear = () => run([])
  const encrypted = () => run([randomBytes(master_key_bytes).toString('base64')])
  const rounds: Round[] = []
  for (let round = 1; round <= count; round += 1) {
    progress(`round ${round} of ${count}, ${syncAlways ? 'every write synced' : 'synced now and then'}…`)
    const [first, second] = round % 2 === 1 ? [inClear, encrypted] : [encrypted, inClear]
    const [one, other] = [await first(), await second()]
    const [clear, sealed] = round % 2 === 1 ? [one, other] : [other, one]
    rounds.push({
      clear: clear.turns,
      encrypted: sealed.turns,
      check: { clear: clear.check, encrypted: sealed.check },
    })
  }
  return { rounds, ratio: ratioOf(rounds) }
}

function ratioOf(rounds: Round[]): Compared['ratio'] {
  const of = (figure: (figures: TurnFigures) => number | null) => {
    const all = rounds.map(({ clear, encrypted }) => (figure(encrypted) ?? Number.NaN) / (figure(clear) ?? Number.NaN))
    return roundedTo(3, median(all))
  }
  const nats = of(({ natsCpuMsPerTurn }) => natsCpuMsPerTurn)
  return {
    turnsPerS: of(({ perS }) => perS),
    cpuMsPerTurn: of(({ cpuMsPerTurn }) => cpuMsPerTurn),
    natsCpuMsPerTurn: Number.isNaN(nats) ? null : nats,
    diskBytesPerTurn: of(({ diskBytesPerTurn }) => diskBytesPerTurn),
  }
}
