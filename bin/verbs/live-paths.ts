/**
 * `parley paths --live`: the generated paths on a running system, broker, node and far side over the real doors, beside the
 * machine alone. `--cluster`: three nodes, of which some are killed between steps; `--brokers 3`: every stream in three
 * copies. Fails on the first kind of difference.
 */
import { stopwatch } from '../../adapters/clock.ts'
import { getNatsServer } from '../../runtime/nats-server/get-nats-server.ts'
import { type Cover, criteria } from '../../test/paths/goals.ts'
import { type LiveReport, walkAll } from '../../test/paths/live/live.ts'
import { openLiveSite } from '../../test/paths/live/site.ts'
import { suiteFor } from '../../test/paths/suite.ts'
import { VerbError } from '../cli.ts'
import { natsServerCache } from '../nats-server-cache.ts'
import { differenceInWords, processorTime } from './live-words.ts'

const nodes_of_cluster = 3
const kills_per_machine = 4

interface LiveOptions {
  json?: boolean | undefined
  /** What the paths are made for. */
  cover?: Cover
  cluster?: boolean | undefined
  brokers?: 1 | 3
  /** Of each machine, this many paths at even distances; all without. */
  limit?: number
}

/** Prints a table, or one JSON object. Throws `VerbError` when a running system did otherwise than the machine. */
export async function livePaths(
  machines: readonly string[],
  seed: number,
  { json = false, cover = criteria, cluster = false, brokers = 1, limit = Number.POSITIVE_INFINITY }: LiveOptions,
): Promise<void> {
  const say = (line: string) => void (json || process.stderr.write(line))
  const { bin } = await getNatsServer({ cacheDir: natsServerCache, progress: (line) => say(`${line}\n`) })
  const suites = machines.map((machine) => {
    say(`${machine}: paths are generated …\n`)
    return { machine, paths: spread(suiteFor(machine, seed, cover), limit) }
  })
  const nodes = cluster ? nodes_of_cluster : 1
  say(
    `${nodes === 1 ? 'a node' : `${nodes} nodes`} and ${brokers === 1 ? 'a broker' : `${brokers} brokers`} are started …\n`,
  )
  const elapsed = stopwatch()
  const site = await openLiveSite({ natsServerBin: bin, machines, nodes, brokers })
  const startSeconds = Math.round(elapsed() / 100) / 10
  say(`ready after ${startSeconds} s\n`)
  const reports: LiveReport[] = []
  try {
    for (const { machine, paths } of suites) {
      const progress = (done: number, all: number) => say(`\r${machine}: ${done} of ${all} paths `)
      reports.push(await walkAll(site, machine, paths, { progress, kills: cluster ? kills_per_machine : 0 }))
      say('\n')
    }
  } finally {
    await site.stop()
  }
  const differences = reports.flatMap((report) => report.differences)
  const told = { ok: differences.length === 0, seed, cover, cluster, brokers, startSeconds, machines: reports }
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : `${reports.map(table).join('\n\n')}\n`)
  if (differences.length > 0) {
    const again = `parley paths ${differences[0]!.path.split('/')[0]} --replay ${differences[0]!.path}`
    throw new VerbError(`${differences.length} paths went otherwise on the running system; see one with: ${again}`)
  }
}

/** From all over the list, not its first: these are all under one policy. */
function spread<One>(list: readonly One[], count: number): One[] {
  const step = Math.max(1, list.length / count)
  return list.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
}

const shown_max = 5

function table({
  machine,
  paths,
  steps,
  forgotten,
  turns,
  ways,
  effects,
  kills,
  seconds,
  cpuMs,
  differences,
}: LiveReport): string {
  const went = Object.entries(ways).map(([way, count]) => `${way} ${count}`)
  return [
    `${machine}, live: ${paths} paths, ${steps} steps, ${turns} turns, ${effects} effects in ${seconds} s`,
    ...(forgotten > 0
      ? [`  and ${forgotten} steps about what was forgotten by then, since its retention was over`]
      : []),
    `  steps went in by: ${went.join(', ')}${kills > 0 ? `; nodes killed: ${kills}` : ''}`,
    `  processor time: ${processorTime(cpuMs)}`,
    differences.length === 0 ? '  every step as on the machine alone' : `  ${differences.length} differ`,
    ...differences.slice(0, shown_max).flatMap(differenceInWords),
  ].join('\n')
}
