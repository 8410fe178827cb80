/** `parley chaos`: kills, pauses and cut-offs under load, and a verdict from the records alone. */
import { getNatsServer } from '../../runtime/nats-server/get-nats-server.ts'
import { runChaos } from '../../scenarios/chaos/chaos.ts'
import { summary } from '../../scenarios/chaos/report.ts'
import { VerbError } from '../cli.ts'
import { natsServerCache } from '../nats-server-cache.ts'

interface Options {
  json?: boolean
  seed: string
  minutes: string
  nodes: string
  brokers: string
}

const seed_max = 2 ** 32 - 1
const minutes_max = 120
const nodes_max = 5

/** Fails when a rule was broken. */
export async function chaos({ json, seed, minutes, nodes, brokers }: Options): Promise<void> {
  const run = {
    seed: within('--seed', seed, 0, seed_max, true),
    minutes: within('--minutes', minutes, 0.05, minutes_max, false),
    nodes: within('--nodes', nodes, 1, nodes_max, true),
    brokers: within('--brokers', brokers, 1, 3, true),
  }
  if (run.brokers === 2)
    throw new VerbError('--brokers: expected 1 or 3, found 2; two have no majority when one is down')
  const progress = (line: string) => void process.stderr.write(`${line}\n`)
  // Ending here ends what was started: its processes are killed when this one exits.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130))
  const { bin } = await getNatsServer({ cacheDir: natsServerCache, progress })
  const report = await runChaos({ ...run, natsServerBin: bin, progress })
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${summary(report)}\n`)
  if (report.ok) return
  throw new VerbError(
    `${report.violations.length} violations with seed ${run.seed}; logs and data are in ${report.dir}`,
  )
}

function within(name: string, text: string, low: number, high: number, whole: boolean): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value >= low && value <= high && !(whole && !Number.isInteger(value))) return value
  throw new VerbError(`${name}: expected a ${whole ? 'whole ' : ''}number from ${low} to ${high}, found ${text}`)
}
