/**
 * `parley paths --protocol`: the runtime's promises in a model of it, under schedules of crashes, redeliveries, owners who
 * linger and answers that are lost, one drawn from each seed; and whether these schedules show each promise when it is
 * broken. Fails when a run is wrong, or a broken promise is seen by none.
 */
import { type ProtocolReport, protocolReport } from '../../test/paths/protocol/protocol-report.ts'
import { VerbError } from '../cli.ts'
import { countIn } from '../count-in.ts'

const usual_runs = '30000'

/** Prints a few lines, or one JSON object. */
export async function protocolPaths(
  seed: number,
  runs: string = usual_runs,
  { json = false }: { json?: boolean | undefined } = {},
): Promise<void> {
  const seeds = { seed, runs: countIn('--runs', runs) }
  const isWatched = !json || process.stderr.isTTY
  const report = await protocolReport(
    seeds,
    (stage) => void (isWatched && process.stderr.write(`\rprotocol: ${stage} `)),
  )
  if (isWatched) process.stderr.write('\n')
  const { wrong, mutation } = report
  const short = [
    ...wrong.slice(0, 1).map(({ seed, found }) => `with seed ${seed}: ${found.join(', ')}`),
    ...mutation.survivors.map((name) => `no run shows it when this is broken: ${name}`),
  ]
  const told = { ok: short.length === 0, protocol: report }
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : `${linesOf(report).join('\n')}\n`)
  if (short.length > 0) throw new VerbError(`the protocol, ${short.join('; ')}`)
}

function linesOf({ seed, runs, turns, wrong, mutation }: ProtocolReport): string[] {
  const { score, mutants, killed, survivors } = mutation
  const rarest = killed.reduce((most, { by }) => Math.max(most, by.seed - seed + 1), 0)
  return [
    `protocol: ${runs} runs, seeds ${seed} to ${seed + runs - 1}, ${turns} turns`,
    wrong.length === 0 ? '  nothing is lost, doubled, or waits for ever' : '  broken:',
    ...wrong.map(
      ({ seed, found }) => `  seed ${seed}: ${found.join(', ')} (again: --protocol --seed ${seed} --runs 1)`,
    ),
    `  promises broken one at a time: ${mutants}, of which ${(100 * score).toFixed(1)} % show, the rarest within ${rarest} runs`,
    ...survivors.map((name) => `    not seen: ${name}`),
  ]
}
