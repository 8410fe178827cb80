/**
 * `parley paths`: paths generated from the machines, what they cover, and whether the invariants hold on them and on every
 * disturbance of them. Fails on a violation, and where something that can be reached is not covered.
 */
import { writeFileSync } from 'node:fs'
import { latestDefinition } from '../../machines/definitions.ts'
import type { Cover, Criterion } from '../../test/paths/goals.ts'
import { junitOf } from '../../test/paths/junit.ts'
import { strykerReport } from '../../test/paths/mutation/stryker-report.ts'
import { machines, type Report } from '../../test/paths/report.ts'
import { reportsOf } from '../../test/paths/reports.ts'
import { savedFailure } from '../../test/paths/saved.ts'
import { usual_seed } from '../../test/paths/suite.ts'
import { table } from '../../test/paths/table.ts'
import { VerbError } from '../cli.ts'
import { countIn } from '../count-in.ts'
import { brokersIn, checkTogether, coverIn, limitIn, type PathsOptions, seedIn } from './paths-options.ts'

/** `machine`: one of ours by its id, a file of one's own, or all of ours. */
export async function paths(machine: string | undefined, options: PathsOptions): Promise<void> {
  checkTogether(options)
  const { json, replay, saveFailure, repeats, cluster } = options
  const seed = seedIn(options.seed ?? String(usual_seed))
  const cover = coverIn(options.cover)
  const brokers = brokersIn(options.brokers)
  if (options.protocol) return (await import('./protocol-paths.ts')).protocolPaths(seed, options.runs, { json })
  if (machine !== undefined && /^[./]/.test(machine)) {
    if (repeats !== undefined) throw new VerbError(`--repeats: expected a machine of Parley's own, found ${machine}`)
    return (await import('./own-paths.ts')).ownPaths(machine, seed, { json, cover, replay, saveFailure })
  }
  if (replay !== undefined) return (await import('./replayed-path.ts')).replayedPath(replay, seed, { json })
  const which = chosen(machine)
  if (repeats !== undefined) {
    const { repeatedPaths } = await import('./repeated-paths.ts')
    return repeatedPaths(which, seed, countIn('--repeats', repeats), { json })
  }
  if (options.crash) return (await import('./crash-paths.ts')).crashPaths(which, { json, ...brokers })
  if (options.live) {
    const { livePaths } = await import('./live-paths.ts')
    return livePaths(which, seed, { json, cover, cluster, ...brokers, ...limitIn(options.limit) })
  }
  return purePaths(which, seed, cover, options)
}

/** On the machines alone: prints a table, or one JSON object, and writes what else is asked for. */
async function purePaths(
  machines: readonly string[],
  seed: number,
  cover: Cover,
  { json, mutants = false, stryker, html, junit, saveFailure }: PathsOptions,
): Promise<void> {
  const isWatched = !json || process.stderr.isTTY
  const tells = (id: string, stage: string) => void (isWatched && process.stderr.write(`${id} ${stage} …\n`))
  const done = await reportsOf(machines, { seed, cover, allMutants: mutants }, tells)
  const reports = done.map(({ report }) => report)
  if (stryker) {
    const judged = done.map(({ report, verdicts }) => ({ definition: latestDefinition(report.machine)!, verdicts }))
    writeFileSync(stryker, `${JSON.stringify(strykerReport(judged))}\n`)
  }
  if (junit) writeFileSync(junit, junitOf(reports))
  if (html) writeFileSync(html, await (await import('../../test/paths/page/page.ts')).pageOf(done))
  if (saveFailure) saves(saveFailure, seed, reports)
  const short = reports.flatMap(shortfalls)
  const told = { ok: short.length === 0, seed, machines: reports }
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : `${reports.map(table).join('\n\n')}\n`)
  if (short.length > 0) throw new VerbError(`with seed ${seed}: ${short.join('; ')}`)
}

function saves(file: string, seed: number, reports: Report[]): void {
  const faults = reports.flatMap(({ machine, violations }) => violations.map((fault) => ({ machine, fault })))
  const [fewest] = faults.sort((one, other) => one.fault.steps.length - other.fault.steps.length)
  if (fewest === undefined) return
  const { machine, fault } = fewest
  const { id, policy, found, steps } = fault
  const saved = { machine, policy, id, seed, breaks: found, steps }
  writeFileSync(file, savedFailure(saved, `parley paths --replay ${file}`))
}

function chosen(machine: string | undefined): string[] {
  if (machine === undefined) return machines
  if (latestDefinition(machine)) return [machine]
  throw new VerbError(`no machine ${machine}; there are ${machines.join(', ')}; name your own as ./my-machine.ts`)
}

function shortfalls({ machine, cover, coverage, violations, traces }: Report): string[] {
  const missed = cover.filter((criterion) => coverage[criterion].ratio < 1)
  const inWords = (criterion: Criterion) =>
    `${machine} covers ${coverage[criterion].covered} of ${coverage[criterion].total} ${criterion}`
  return [
    ...missed.map(inWords),
    ...(violations.length > 0 ? [`${machine} breaks ${violations.length} invariants`] : []),
    ...(traces.asApproved === false ? [`${machine} goes otherwise than approved (${approving})`] : []),
  ]
}

const approving = 'read the turns above; UPDATE_EXPECT=1 npx vitest run test/paths.test.ts approves them'
