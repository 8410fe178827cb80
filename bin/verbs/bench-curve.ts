/** `parley bench --curve`: what a turn costs, from few to many conversations, partitions, kB of context and nodes. */
import { writeFileSync } from 'node:fs'
import { type Axis, axes, axisTitles } from '../../runtime/bench/curve/axes.ts'
import { measureCurve, type Point } from '../../runtime/bench/curve/curve.ts'
import { plotOf } from '../../runtime/bench/curve/plot.ts'
import { benchBroker } from '../bench-broker.ts'
import { VerbError } from '../cli.ts'
import { countIn } from '../count-in.ts'
import { say, table } from '../print.ts'

export interface CurveArguments {
  json?: boolean
  conversations: string
  concurrency: string
  svg?: string
  stored?: string
  partitions?: string
  context?: string
  nodes?: string
}

export async function benchCurve({ json, svg, ...given }: CurveArguments): Promise<void> {
  const chosen: Record<Axis, readonly number[]> = {
    stored: valuesIn('--stored', given.stored) ?? axes.stored,
    partitions: valuesIn('--partitions', given.partitions) ?? axes.partitions,
    contextKb: valuesIn('--context', given.context) ?? axes.contextKb,
    nodes: valuesIn('--nodes', given.nodes) ?? axes.nodes,
  }
  const conversations = countIn('--conversations', given.conversations)
  const concurrency = countIn('--concurrency', given.concurrency)
  const { bin, version, progress } = await benchBroker()
  const points = await measureCurve({ bin, axes: chosen, conversations, concurrency, progress })
  if (svg) writeFileSync(svg, plotOf(points))
  const report = { node: process.version, nats: version, workload: { conversations, concurrency }, points }
  if (json) say(JSON.stringify(report))
  else
    table(
      columns.map(([title]) => title),
      points.map((point) => columns.map(([, cell]) => String(cell(point) ?? '-'))),
    )
  const wrong = points.filter(({ wrongConversations }) => wrongConversations > 0)
  if (wrong.length > 0) throw new VerbError(`conversations that did not end as they should: ${JSON.stringify(wrong)}`)
}

/** `1,1000`, or nothing at all for an axis that is left out: `none`. Undefined where it was not given. */
function valuesIn(option: string, given: string | undefined): number[] | undefined {
  if (given === undefined) return undefined
  const values = given === 'none' ? [] : given.split(',').map(Number)
  const wrong = values.find((value) => !(value > 0) || (option !== '--context' && !Number.isInteger(value)))
  if (wrong !== undefined)
    throw new VerbError(
      `${option}: expected ${option === '--context' ? '' : 'whole '}numbers above 0 with commas, or none; found ${given}`,
    )
  return values
}

const columns: [title: string, cell: (point: Point) => string | number | null][] = [
  ['', ({ axis, value }) => `${axisTitles[axis]} ${value}`],
  ['turns/s', ({ turnsPerS }) => turnsPerS],
  ['done p50', ({ doneP50Ms }) => doneP50Ms],
  ['p99 ms', ({ doneP99Ms }) => doneP99Ms],
  ['CPU ms, nodes', ({ cpuMsPerTurn }) => cpuMsPerTurn],
  ['CPU ms, broker', ({ natsCpuMsPerTurn }) => natsCpuMsPerTurn],
  ['MB, nodes', ({ memoryMb }) => memoryMb],
  ['MB, broker', ({ natsMemoryMb }) => natsMemoryMb],
  ['disk MB', ({ diskMb }) => diskMb],
]
