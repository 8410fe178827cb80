/**
 * `parley paths ./my-machine.ts`: paths of a machine that is not one of ours, with the catalogue beside it. Fails where an
 * invariant breaks; `--replay ID` shows one path or failure.
 */
import { writeFileSync } from 'node:fs'
import { coverBy } from '../../test/paths/cover-in-ids.ts'
import { type Cover, criteria } from '../../test/paths/goals.ts'
import { CatalogueError, ownMachineIn } from '../../test/paths/own/catalogue.ts'
import { faultOf, type OwnReport, ownReport } from '../../test/paths/own/own-report.ts'
import { type OwnSuite, ownSuite } from '../../test/paths/own/own-suite.ts'
import { savedFailure } from '../../test/paths/saved.ts'
import { VerbError } from '../cli.ts'
import { failureIn, isFile } from './replayed-path.ts'

interface Options {
  json?: boolean | undefined
  cover?: Cover
  /** The id of a path or failure, or the file of one. */
  replay?: string | undefined
  saveFailure?: string | undefined
}

export async function ownPaths(
  file: string,
  seed: number,
  { json, cover, replay, saveFailure }: Options,
): Promise<void> {
  const suite = await suiteOf(file, seed, replay === undefined ? cover : coverBy(replay))
  if (replay !== undefined && isFile(replay)) return replayedFile(suite, replay)
  const report = ownReport(suite)
  if (replay !== undefined) return replayed(suite, report, replay)
  const { violations } = report
  const [fewest] = [...violations].sort((one, other) => one.steps.length - other.steps.length)
  if (saveFailure && fewest) {
    const { id, found, steps } = fewest
    const command = `parley paths ${file} --replay ${saveFailure}`
    writeFileSync(saveFailure, savedFailure({ machine: file, id, seed, breaks: found, steps: steps as never }, command))
  }
  const told = { ok: violations.length === 0, seed, machines: [report] }
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : `${inWords(report)}\n`)
  if (violations.length > 0) {
    const again = `parley paths ${file} --replay ${violations[0]!.id}`
    throw new VerbError(`${violations.length} invariants of ${report.machine} break; see one with: ${again}`)
  }
}

/** What is wrong with a machine or its catalogue is told in a sentence, when it is read as well as when it is walked. */
async function suiteOf(file: string, seed: number, cover?: Cover): Promise<OwnSuite> {
  try {
    return ownSuite(await ownMachineIn(file), seed, cover)
  } catch (error) {
    throw error instanceof CatalogueError ? new VerbError(error.message) : error
  }
}

function inWords({ machine, paths, steps, cover, coverage, unreachable, disturbances, violations }: OwnReport): string {
  return [
    `${machine}: ${paths} paths, ${steps} steps`,
    ...criteria.map((what) => {
      const { covered, total } = coverage[what]
      return `  ${what.padEnd(12)} ${covered} of ${total}${cover.includes(what) ? '' : ', not asked for'}`
    }),
    ...unreachable.map(({ what, why }) => `  not reachable: ${what} (${why})`),
    `  disturbed: ${Object.entries(disturbances)
      .map(([how, count]) => `${how} ${count}`)
      .join(', ')}`,
    violations.length === 0 ? '  every invariant holds' : `  ${violations.length} invariants broken`,
    ...violations.flatMap(({ id, found, steps }) => ['', `  ${found}`, `  (${id})`, ...numbered(steps)]),
  ].join('\n')
}

const numbered = (steps: object[]): string[] => steps.map((step, index) => `  ${index + 1}  ${JSON.stringify(step)}`)

function replayedFile(suite: OwnSuite, file: string): void {
  const { id, steps } = failureIn(file)
  const found = faultOf(suite, steps as never)
  const lines = [id, ...numbered(steps), found === undefined ? 'every invariant holds' : `  ${found}`]
  process.stdout.write(`${lines.join('\n')}\n`)
  if (found !== undefined) process.exitCode = 1
}

function replayed({ paths, machine }: OwnSuite, { violations }: OwnReport, id: string): void {
  const found = violations.find((one) => one.id === id) ?? paths.find((one) => one.id === id)
  if (found === undefined)
    throw new VerbError(
      `--replay: expected the id of a path or failure of ${machine}, such as ${machine}/1, found ${id}`,
    )
  const broken = 'found' in found ? [`  ${found.found}`] : []
  process.stdout.write(`${[id, ...numbered(found.steps), ...broken].join('\n')}\n`)
  if (broken.length > 0) process.exitCode = 1
}
