/** `parley bench --encrypted`: the same turns with what is stored encrypted and in clear, in turn, and their ratio. */
import { type Compared, compareEncrypted, type EncryptedReport } from '../../runtime/bench/encrypted.ts'
import type { TurnFigures } from '../../runtime/bench/turn-figures.ts'
import { benchBroker } from '../bench-broker.ts'
import { VerbError } from '../cli.ts'
import { countIn } from '../count-in.ts'
import { say, table } from '../print.ts'

interface EncryptedArguments {
  json?: boolean
  conversations: string
  rounds: string
}

export async function benchEncrypted({ json, ...given }: EncryptedArguments): Promise<void> {
  const conversations = countIn('--conversations', given.conversations)
  const rounds = countIn('--rounds', given.rounds)
  const { bin, progress } = await benchBroker()
  const report = await compareEncrypted({ bin, conversations, rounds, progress })
  if (json) say(JSON.stringify(report))
  else print(report)
  const broken = [report.synced, report.relaxed]
    .flatMap(({ rounds }) => rounds.flatMap(({ check }) => Object.values(check)))
    .filter((check) => Object.values(check).some((count) => count !== 0))
  if (broken.length > 0) throw new VerbError(`the run broke its own rules: ${JSON.stringify(broken)}`)
}

function print({ conversations, loadBefore, loadAfter, synced, relaxed }: EncryptedReport): void {
  say(`${conversations} conversations a run; load of the machine ${loadBefore} before, ${loadAfter} after\n`)
  table(
    ['', 'round', 'turns/s', 'CPU ms a turn, node', 'nats-server', 'disk bytes a turn'],
    [...rowsOf('every write synced', synced), ...rowsOf('synced now and then', relaxed)],
  )
}

function rowsOf(title: string, { rounds, ratio }: Compared): string[][] {
  const row = (how: string, round: string, figures: Figures) => [
    `${title}, ${how}`,
    round,
    ...[figures.perS, figures.cpuMsPerTurn, figures.natsCpuMsPerTurn, figures.diskBytesPerTurn].map((one) =>
      String(one ?? '-'),
    ),
  ]
  return [
    ...rounds.flatMap(({ clear, encrypted }, place) => [
      row('in clear', String(place + 1), clear),
      row('encrypted', String(place + 1), encrypted),
    ]),
    row('encrypted through clear', 'median', { ...ratio, perS: ratio.turnsPerS }),
  ]
}

type Figures = Pick<TurnFigures, 'perS' | 'cpuMsPerTurn' | 'natsCpuMsPerTurn' | 'diskBytesPerTurn'>
