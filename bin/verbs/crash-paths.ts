/**
 * `parley paths --live --crash`: every transition of the machines cut by a kill at three points of the turn that takes it, on a
 * running system. Fails where a conversation goes on otherwise than on the machine alone, and where one could not be cut.
 */
import { stopwatch } from '../../adapters/clock.ts'
import { getNatsServer } from '../../runtime/nats-server/get-nats-server.ts'
import { type CrashReport, crashAll, type MachineReport, not_held } from '../../test/paths/live/crash.ts'
import { cutsOf } from '../../test/paths/live/cuts.ts'
import { openLiveSite } from '../../test/paths/live/site.ts'
import { VerbError } from '../cli.ts'
import { natsServerCache } from '../nats-server-cache.ts'
import { differenceInWords, processorTime } from './live-words.ts'

interface CrashOptions {
  json?: boolean | undefined
  brokers?: 1 | 3
}

/** Prints a table, or one JSON object. Throws `VerbError` when something went otherwise. */
export async function crashPaths(
  machines: readonly string[],
  { json = false, brokers = 1 }: CrashOptions,
): Promise<void> {
  const say = (line: string) => void (json || process.stderr.write(`${line}\n`))
  const { bin } = await getNatsServer({ cacheDir: natsServerCache, progress: say })
  const all = machines.map((machine) => {
    say(`${machine}: the shortest ways to its transitions are searched …`)
    return cutsOf(machine)
  })
  const elapsed = stopwatch()
  const site = await openLiveSite({ natsServerBin: bin, machines, nodes: 0, brokers })
  const startSeconds = Math.round(elapsed() / 100) / 10
  let report: CrashReport
  try {
    report = await crashAll(site, all, { progress: say })
  } finally {
    await site.stop()
  }
  const faults = report.machines.flatMap(faultsIn)
  const told = { ok: faults.length === 0, brokers, startSeconds, ...report }
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : `${table(report, startSeconds)}\n`)
  if (faults.length > 0) throw new VerbError(faults.join('; '))
}

function faultsIn({ machine, differences, notCut }: MachineReport): string[] {
  const missed = notCut.filter(({ why }) => why === not_held)
  return [
    ...(differences.length > 0 ? [`${machine}: ${differences.length} conversations went otherwise after a kill`] : []),
    ...(missed.length > 0 ? [`${machine}: ${missed.length} cuts could not be made`] : []),
  ]
}

const shown_max = 5

function table({ kills, seconds, cpuMs, machines }: CrashReport, startSeconds: number): string {
  return [
    ...machines.map(tableOf),
    `${kills} kills in ${seconds} s, after ${startSeconds} s for brokers; processor time: ${processorTime(cpuMs)}`,
  ].join('\n\n')
}

function tableOf({ machine, transitions, cut, notCut, conversations, ...counts }: MachineReport): string {
  const { steps, turns, effects, repeated, differences } = counts
  const held = Object.entries(cut).map(([point, count]) => `${point} ${count}`)
  const reasons = new Map(notCut.map(({ transition, why }) => [transition, why]))
  return [
    `${machine}, cut: ${transitions - reasons.size} of ${transitions} transitions, in ${conversations} conversations`,
    `  held when the node was killed: ${held.join(', ')}`,
    `  ${steps} steps, ${turns} turns, ${effects} effects, each once by its key; ${repeated} were called for again under it`,
    ...[...reasons].map(([transition, why]) => `  not cut: ${transition} (${why})`),
    differences.length === 0 ? '  all went on as on the machine alone' : `  ${differences.length} differ`,
    ...differences.slice(0, shown_max).flatMap(differenceInWords),
  ].join('\n')
}
