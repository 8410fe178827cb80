/** `parley bench --peers`: Parley and other runtimes in turn, in a harness that drives and judges them all alike. */
import { comparePeers, type PeerFigures, parleyPeers } from '../../runtime/bench/peers/compare.ts'
import { benchBroker } from '../bench-broker.ts'
import { VerbError } from '../cli.ts'
import { countIn } from '../count-in.ts'
import { say, table } from '../print.ts'

export interface PeersArguments {
  json?: boolean
  peers: string
  with: string
  rounds: string
  conversations: string
  effects: string
  concurrency: string
}

export async function benchPeers({ json, peers: folder, effects, ...given }: PeersArguments): Promise<void> {
  if (effects !== 'http' && effects !== 'noop')
    throw new VerbError(`--effects: expected http or noop, found ${effects}`)
  const { bin, version, progress } = await benchBroker()
  const others = given.with.split(',').filter((peer) => peer !== '')
  const compared = await comparePeers({
    folder,
    bin,
    version,
    peers: [...new Set([...parleyPeers, ...others])],
    rounds: countIn('--rounds', given.rounds),
    conversations: countIn('--conversations', given.conversations),
    concurrency: countIn('--concurrency', given.concurrency),
    effects,
    progress,
  })
  const { machine, node, workload, peers } = compared
  const title = `${workload.conversations} conversations, ${workload.concurrency} at a time, effects ${effects}, medians of ${workload.rounds} rounds, on ${machine.cpus} × ${machine.model}, Node ${node}`
  if (json) say(JSON.stringify(compared))
  else {
    say(`${title}\n`)
    table(
      columns.map(([title]) => title),
      peers.map((row) => columns.map(([, cell]) => String(cell(row)))),
    )
  }
  const wrong = peers.filter(({ faults }) => faults > 0)
  if (wrong.length > 0)
    throw new VerbError(`wrong results: ${wrong.map(({ peer, faults }) => `${peer} ${faults}`).join(', ')}`)
}

const columns: [title: string, cell: (row: PeerFigures) => string | number][] = [
  ['', ({ peer }) => peer],
  ['turns/s', ({ turnsPerS }) => turnsPerS.median],
  ['min-max', ({ turnsPerS: { min, max } }) => `${min}-${max}`],
  ['done p50', ({ doneP50Ms }) => doneP50Ms],
  ['p99 ms', ({ doneP99Ms }) => doneP99Ms],
  ['CPU ms', ({ cpuMsPerTurn }) => cpuMsPerTurn],
  ['flushes', ({ flushesPerTurn }) => flushesPerTurn],
  ['disk kB', ({ diskKbPerTurn }) => diskKbPerTurn],
  ['MB', ({ memoryMb }) => memoryMb],
  ['other load', ({ otherLoadPct }) => `${otherLoadPct}%`],
  ...parleyPeers.map((parley): (typeof columns)[number] => [`${parley} ÷`, ({ ratio }) => ratio[parley] ?? '-']),
  ['wrong', ({ faults }) => faults],
]
