/** `parley bench`: turns a second on throw-away brokers, beside what the broker alone can do in the same run. */
import { type BenchReport, type Measured, runBench } from '../../runtime/bench/report.ts'
import { getNatsServer } from '../../runtime/nats-server/get-nats-server.ts'
import { VerbError } from '../cli.ts'
import { countIn } from '../count-in.ts'
import { exitWhenTold } from '../exit-when-told.ts'
import { natsServerCache } from '../nats-server-cache.ts'

interface BenchArguments {
  json?: boolean
  conversations: string
  failovers: string
  timers: string
}

export async function bench({ json, ...given }: BenchArguments): Promise<void> {
  const conversations = countIn('--conversations', given.conversations)
  const failovers = countIn('--failovers', given.failovers)
  const timers = countIn('--timers', given.timers)
  exitWhenTold()
  const progress = (line: string) => void process.stderr.write(`${line}\n`)
  const { bin, version } = await getNatsServer({ cacheDir: natsServerCache, progress })
  const report = await runBench({ bin, version, conversations, failovers, timers, progress })
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : tableOf(report))
  const broken = [report, report.overHttp, report.relaxed, report.replicated, report.timers].filter(({ check }) =>
    Object.values(check).some((count) => count !== 0),
  )
  if (broken.length > 0)
    throw new VerbError(`the run broke its own rules: ${JSON.stringify(broken.map(({ check }) => check))}`)
}

function tableOf(report: BenchReport): string {
  const { machine, node, nats, workload, failover, timers } = report
  const columns: [string, Measured][] = [
    ['turns', report],
    ['effects over HTTP', report.overHttp],
    ['not waiting for disk', report.relaxed],
    ['replicas 3', report.replicated],
  ]
  const row = (title: string, cell: (measured: Measured) => string | number | null) =>
    [title.padEnd(28), ...columns.map(([, measured]) => String(cell(measured) ?? '-').padStart(22))].join('')
  return `${[
    `${workload.name}, ${workload.concurrency} conversations at a time, on ${machine.cpus} × ${machine.model}, Node ${node}, nats-server ${nats}`,
    '',
    ['', ...columns.map(([title]) => title.padStart(22))].join('').padStart(28 + 22 * columns.length),
    row('conversations', ({ workload }) => workload.conversations),
    row('turns a second', ({ turns }) => turns.perS),
    row('done, p50 ms', ({ turns }) => turns.doneP50Ms),
    row('done, p99 ms', ({ turns }) => turns.doneP99Ms),
    row('stored, p50 ms', ({ turns }) => turns.ackP50Ms),
    row('stored, p99 ms', ({ turns }) => turns.ackP99Ms),
    row('CPU ms a turn, node', ({ turns }) => turns.cpuMsPerTurn),
    row('CPU ms a turn, nats-server', ({ turns }) => turns.natsCpuMsPerTurn),
    row('memory, MB', ({ turns }) => turns.rssMb),
    row('disk, bytes a turn', ({ turns }) => turns.diskBytesPerTurn),
    row('raw commits a second', ({ ceiling }) => ceiling.commitPerS),
    row('raw publishes a second', ({ ceiling }) => ceiling.publishPerS),
    row('turns to raw commits', ({ ratio }) => ratio.turnsToCommitCeiling),
    '',
    `longest wait of a message, ms, ${failover.times} times each   median     worst`,
    waitRow('a node is killed', failover.killMs),
    waitRow('a node leaves in order', failover.handOverMs),
    '',
    `timers, ${timers.outstanding} outstanding, after a kill of the broker: ${timers.latenessP50Ms} ms late (p50), ${timers.latenessP99Ms} ms (p99); ${timers.armedPerS} armed a second`,
  ].join('\n')}\n`
}

const waitRow = (title: string, { median, worst }: { median: number; worst: number }): string =>
  `${title.padEnd(46)}${[median, worst].map((ms) => ms.toFixed(0).padStart(10)).join('')}`
