/** `parley bench --peers`: Parley and other runtimes in turn, in a harness that drives and judges them all alike. */
import { comparePeers, type PeerFigures, parleyPeers } from '../../runtime/bench/peers/compare.ts'
import { getNatsServer } from '../../runtime/nats-server/get-nats-server.ts'
import { VerbError } from '../cli.ts'
import { countIn } from '../count-in.ts'
import { exitWhenTold } from '../exit-when-told.ts'
import { natsServerCache } from '../nats-server-cache.ts'

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
  exitWhenTold()
  const progress = (line: string) => void process.stderr.write(`${line}\n`)
  const { bin, version } = await getNatsServer({ cacheDir: natsServerCache, progress })
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
  process.stdout.write(json ? `${JSON.stringify(compared)}\n` : `${title}\n\n${tableOf(peers)}\n`)
  const wrong = peers.filter(({ faults }) => faults > 0)
  if (wrong.length > 0)
    throw new VerbError(`wrong results: ${wrong.map(({ peer, faults }) => `${peer} ${faults}`).join(', ')}`)
}

function tableOf(peers: PeerFigures[]): string {
  const columns: [title: string, cell: (row: PeerFigures) => string | number][] = [
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
  const widths = columns.map(
    ([title, cell]) => 2 + Math.max(title.length, ...peers.map((row) => `${cell(row)}`.length)),
  )
  const named = 1 + Math.max(...peers.map(({ peer }) => peer.length))
  const line = (name: string, cells: (string | number)[]) =>
    name.padEnd(named) + cells.map((cell, place) => `${cell}`.padStart(widths[place]!)).join('')
  return [
    line(
      '',
      columns.map(([title]) => title),
    ),
    ...peers.map((row) =>
      line(
        row.peer,
        columns.map(([, cell]) => cell(row)),
      ),
    ),
  ].join('\n')
}
