/** `parley bench`: turns a second on throw-away brokers, beside what the broker alone can do in the same run. */
import { type BenchReport, type Measured, runBench } from '../../runtime/bench/report.ts'
import { benchBroker } from '../bench-broker.ts'
import { VerbError } from '../cli.ts'
import { countIn } from '../count-in.ts'
import { say, table } from '../print.ts'

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
  const { bin, version, progress } = await benchBroker()
  const report = await runBench({ bin, version, conversations, failovers, timers, progress })
  if (json) say(JSON.stringify(report))
  else show(report)
  const broken = [report, report.overHttp, report.relaxed, report.replicated, report.timers].filter(({ check }) =>
    Object.values(check).some((count) => count !== 0),
  )
  if (broken.length > 0)
    throw new VerbError(`the run broke its own rules: ${JSON.stringify(broken.map(({ check }) => check))}`)
}

function show({ machine, node, nats, failover, timers, ...report }: BenchReport): void {
  const { workload, overHttp, relaxed, replicated } = report
  say(`${workload.name}, ${workload.concurrency} conversations at a time, on ${machine.cpus} × ${machine.model}`)
  say(`Node ${node}, nats-server ${nats}\n`)
  const all = [report, overHttp, relaxed, replicated]
  table(
    ['', 'turns', 'effects over HTTP', 'not waiting for disk', 'replicas 3'],
    rows.map(([title, cell]) => [title, ...all.map((measured) => String(cell(measured) ?? '-'))]),
  )
  say('')
  table(
    [`longest wait of a message, ms, ${failover.times} times each`, 'median', 'worst'],
    [waitRow('a node is killed', failover.killMs), waitRow('a node leaves in order', failover.handOverMs)],
  )
  say(
    `\ntimers, ${timers.outstanding} outstanding, after a kill of the broker: ${timers.latenessP50Ms} ms late (p50), ${timers.latenessP99Ms} ms (p99); ${timers.armedPerS} armed a second`,
  )
}

const rows: [title: string, cell: (measured: Measured) => number | null][] = [
  ['conversations', ({ workload }) => workload.conversations],
  ['turns a second', ({ turns }) => turns.perS],
  ['done, p50 ms', ({ turns }) => turns.doneP50Ms],
  ['done, p99 ms', ({ turns }) => turns.doneP99Ms],
  ['stored, p50 ms', ({ turns }) => turns.ackP50Ms],
  ['stored, p99 ms', ({ turns }) => turns.ackP99Ms],
  ['CPU ms a turn, node', ({ turns }) => turns.cpuMsPerTurn],
  ['CPU ms a turn, nats-server', ({ turns }) => turns.natsCpuMsPerTurn],
  ['memory, MB', ({ turns }) => turns.rssMb],
  ['disk, bytes a turn', ({ turns }) => turns.diskBytesPerTurn],
  ['raw commits a second', ({ ceiling }) => ceiling.commitPerS],
  ['raw publishes a second', ({ ceiling }) => ceiling.publishPerS],
  ['turns to raw commits', ({ ratio }) => ratio.turnsToCommitCeiling],
]

const waitRow = (title: string, { median, worst }: { median: number; worst: number }): string[] => [
  title,
  median.toFixed(0),
  worst.toFixed(0),
]
