/**
 * `parley demo` and `parley play FILE…`: plays scenarios on a throw-away stack, prints what happened as a table, and holds
 * it against the approved transcripts. UPDATE_EXPECT=1 or --approve writes them anew. Ctrl-C stops the stack in order.
 */
import { resolve } from 'node:path'
import type { Paint } from '../../runtime/live-view.ts'
import { approve, differences } from '../../scenarios/approval.ts'
import { play as playOne } from '../../scenarios/player.ts'
import type { Scenario } from '../../scenarios/scenario.ts'
import { ScenarioError } from '../../scenarios/scenario-error.ts'
import { readScenario, scenarioFiles } from '../../scenarios/scenario-files.ts'
import { startStack } from '../../scenarios/stack.ts'
import { head, type Line, linesOf, markdown, settingOf } from '../../scenarios/transcript.ts'
import { VerbError } from '../cli.ts'
import { paintFor } from '../paint.ts'
import { stopAsked } from '../stop-asked.ts'

interface Options {
  json?: boolean
  approve?: boolean
}

/** Every scenario there is. */
export async function demo(options: Options): Promise<void> {
  await playFiles(await scenarioFiles(), options)
}

export async function play(files: string[], options: Options): Promise<void> {
  await playFiles(
    files.map((file) => resolve(file)),
    options,
  )
}

interface Outcome {
  file: string
  scenario: string
  passed: boolean
  problems: string[]
  /** Against the approved transcript: `-` approved, `+` played. */
  differences: string[]
  transcript: string
}

async function playFiles(paths: string[], options: Options): Promise<void> {
  const approving = options.approve === true || Boolean(process.env.UPDATE_EXPECT)
  const scenarios = await readAll(paths)
  const stop = stopAsked()
  const stack = await startStack({ scenarios, progress: (line) => void process.stderr.write(`${line}\n`) })
  const outcomes: Outcome[] = []
  try {
    for (const [index, scenario] of scenarios.entries()) {
      const { steps, problems } = await Promise.race([playOne(stack, scenario), stop.asked])
      const transcript = markdown(scenario, steps)
      const path = paths[index]!
      if (approving && problems.length === 0) await approve(path, transcript)
      const differs = await differences(path, transcript)
      const passed = problems.length === 0 && differs.length === 0
      const { file } = scenario
      const outcome = { file, scenario: scenario.scenario, passed, problems, differences: differs, transcript }
      outcomes.push(outcome)
      if (!options.json) print(scenario, linesOf(steps), outcome)
    }
  } finally {
    await stack.stop()
    stop.forget()
  }
  report(outcomes, options)
}

async function readAll(paths: string[]): Promise<Scenario[]> {
  const read = await Promise.allSettled(paths.map((path) => readScenario(path)))
  const wrong = read.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  const other = wrong.find((error) => !(error instanceof ScenarioError))
  if (other) throw other
  if (wrong.length > 0) throw new VerbError(wrong.map((error) => (error as ScenarioError).message).join('\n'))
  return read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

function report(outcomes: Outcome[], { json }: Options): void {
  const failed = outcomes.filter(({ passed }) => !passed)
  const line = `${outcomes.length - failed.length} of ${outcomes.length} scenarios passed`
  if (json)
    say(JSON.stringify({ passed: outcomes.length - failed.length, total: outcomes.length, scenarios: outcomes }))
  else say(failed.length === 0 ? paint.green(line) : paint.red(line))
  if (failed.length === 0) return
  const files = failed.map(({ file }) => file).join(', ')
  throw new VerbError(`read what differs in ${files}; when it is meant, approve it with UPDATE_EXPECT=1`)
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const paint: Paint = paintFor(process.stdout, process.env)

function print(scenario: Scenario, lines: Line[], { file, problems, differences }: Outcome): void {
  say(paint.bold(scenario.scenario))
  say(paint.dim(`${file} · ${settingOf(scenario)}`))
  if (scenario.about) say(scenario.about.trim())
  const width = (of: (line: Line) => string) => Math.max(...[head, ...lines].map((line) => of(line).length))
  const [number, when, who] = [width((line) => line.number), width((line) => line.when), width((line) => line.who)]
  for (const line of lines) {
    const left = paint.dim(`${line.number.padStart(number)}  ${line.when.padEnd(when)}`)
    const state = line.state === '' ? '' : `  ${paint.bold(`[${line.state}]`)}`
    say(`${left}  ${colourOf(line.who)(line.who.padEnd(who))}  ${line.what}${state}`)
  }
  for (const problem of problems) say(paint.red(`${file} ${problem}`))
  if (differences.length > 0) say(`${file}: the transcript differs from the approved one (- approved, + played)`)
  for (const line of differences)
    say(line.startsWith('-') ? paint.red(line) : line.startsWith('+') ? paint.green(line) : line)
  say('')
}

function colourOf(who: string): (text: string) => string {
  if (who === 'customer') return paint.cyan
  if (who === 'to customer' || who.startsWith('agent')) return paint.green
  return who === 'fault' || who === 'alert' ? paint.red : paint.dim
}
