/**
 * `parley paths`: paths generated from the machines, what they cover, and whether the invariants hold on them and on every
 * disturbance of them. Fails on a violation, and where something that can be reached is not covered.
 */
import { writeFileSync } from 'node:fs'
import { latestDefinition } from '../../machines/definitions.ts'
import { type Cover, type Criterion, criteria } from '../../test/paths/goals.ts'
import { junitOf } from '../../test/paths/junit.ts'
import { strykerReport } from '../../test/paths/mutation/stryker-report.ts'
import { machines, type Report } from '../../test/paths/report.ts'
import { reportsOf } from '../../test/paths/reports.ts'
import { savedFailure } from '../../test/paths/saved.ts'
import { usual_seed } from '../../test/paths/suite.ts'
import { table } from '../../test/paths/table.ts'
import { VerbError } from '../cli.ts'
import { countIn } from '../count-in.ts'

interface PathsOptions {
  json?: boolean
  seed?: string
  /** Criteria, joined by commas; all without. */
  cover?: string
  /** Suites by so many seeds instead of one. */
  repeats?: string
  live?: boolean
  /** The promises of the runtime instead of machines. */
  protocol?: boolean
  /** With `protocol`: from so many seeds. */
  runs?: string
  cluster?: boolean
  /** With `live`: every transition cut by a kill, instead of the suite. */
  crash?: boolean
  /** With `live`: 1, or 3 as a cluster. */
  brokers?: string
  /** With `live`: at most so many paths of each machine. */
  limit?: string
  replay?: string
  /** Where the failure that shows after the fewest steps goes. */
  saveFailure?: string
  /** Every mutant instead of a sample. */
  mutants?: boolean
  /** Where the verdicts on mutants go, in Stryker's schema. */
  stryker?: string
  /** Where the page goes, and the report for CI. */
  html?: string
  junit?: string
}

export async function paths(
  machine: string | undefined,
  {
    json,
    seed = String(usual_seed),
    cover: criteriaNamed,
    repeats,
    live,
    protocol,
    runs,
    cluster,
    crash,
    brokers,
    limit,
    replay,
    mutants = false,
    stryker,
    html,
    junit,
    saveFailure,
  }: PathsOptions,
): Promise<void> {
  const number = seedOf(seed)
  for (const [option, value] of Object.entries({ cluster, crash, brokers, limit }))
    if (value !== undefined && !live) throw new VerbError(`--${option}: expected together with --live, found alone`)
  if (runs !== undefined && !protocol) throw new VerbError('--runs: expected together with --protocol, found alone')
  for (const [option, value] of Object.entries({ cluster, limit }))
    if (value !== undefined && crash)
      throw new VerbError(`--${option}: expected without --crash, found together with it`)
  for (const [option, value] of Object.entries({ protocol, crash, repeats }))
    if (value !== undefined && criteriaNamed !== undefined)
      throw new VerbError(`--cover: expected without --${option}, found together with it`)
  const cover = coverIn(criteriaNamed)
  if (protocol) return (await import('./protocol-paths.ts')).protocolPaths(number, runs, { json })
  if (machine !== undefined && /^[./]/.test(machine))
    return (await import('./own-paths.ts')).ownPaths(machine, number, { json, cover, replay, saveFailure })
  if (replay !== undefined) return (await import('./replayed-path.ts')).replayedPath(replay, number, { json })
  if (crash) return (await import('./crash-paths.ts')).crashPaths(chosen(machine), { json, ...brokersIn(brokers) })
  if (repeats !== undefined)
    return (await import('./repeated-paths.ts')).repeatedPaths(chosen(machine), number, countIn('--repeats', repeats), {
      json,
    })
  if (live)
    return (await import('./live-paths.ts')).livePaths(chosen(machine), number, {
      json,
      cover,
      cluster,
      ...brokersIn(brokers),
      ...limited(limit),
    })
  const isWatched = !json || process.stderr.isTTY
  const tells = (id: string, stage: string) => void (isWatched && process.stderr.write(`${id} ${stage} …\n`))
  const done = await reportsOf(chosen(machine), { seed: number, cover, allMutants: mutants }, tells)
  const reports = done.map(({ report }) => report)
  if (stryker) {
    const judged = done.map(({ report, verdicts }) => ({ definition: latestDefinition(report.machine)!, verdicts }))
    writeFileSync(stryker, `${JSON.stringify(strykerReport(judged))}\n`)
  }
  if (junit) writeFileSync(junit, junitOf(reports))
  if (html) writeFileSync(html, await (await import('../../test/paths/page/page.ts')).pageOf(done))
  if (saveFailure) saves(saveFailure, number, reports)
  const short = reports.flatMap(shortfalls)
  const told = { ok: short.length === 0, seed: number, machines: reports }
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : `${reports.map(table).join('\n\n')}\n`)
  if (short.length > 0) throw new VerbError(`with seed ${number}: ${short.join('; ')}`)
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

function limited(text: string | undefined): { limit?: number } {
  return text === undefined ? {} : { limit: countIn('--limit', text) }
}

/** In the order of the criteria, each once. */
function coverIn(text: string | undefined): Cover {
  const named = text?.split(',')
  const known = criteria.filter((criterion) => named?.includes(criterion) ?? true)
  if (named === undefined || known.length === named.length) return known
  throw new VerbError(`--cover: expected some of ${criteria.join(', ')}, joined by commas, found ${text}`)
}

function brokersIn(text: string | undefined): { brokers?: 1 | 3 } {
  if (text === undefined) return {}
  if (text === '1' || text === '3') return { brokers: text === '3' ? 3 : 1 }
  throw new VerbError(`--brokers: expected 1 or 3, found ${text}`)
}

const seed_max = 2 ** 32 - 1

function seedOf(text: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(seed <= seed_max)) throw new VerbError(`--seed: expected a whole number from 0 to ${seed_max}, found ${text}`)
  return seed
}
