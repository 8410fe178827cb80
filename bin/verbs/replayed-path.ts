/**
 * `parley paths --replay`: exactly one generated path, or one disturbance of it, by its id, or a failure by its file; step by
 * step.
 */
import { existsSync, readFileSync } from 'node:fs'
import { latestDefinition } from '../../machines/definitions.ts'
import type { Step } from '../../test/drive.ts'
import { type Replayed, type ReplayedStep, replayed, replayedSteps } from '../../test/paths/replayed.ts'
import { machines } from '../../test/paths/report.ts'
import { readFailure, type Saved, SavedError } from '../../test/paths/saved.ts'
import { VerbError } from '../cli.ts'

/** Exit 1 when something breaks on it. Throws `VerbError` when no path has the id, or the file is none of a failure. */
export function replayedPath(which: string, seed: number, { json }: { json?: boolean | undefined }): void {
  const one = isFile(which) ? replayedFile(which) : replayed(which, seed)
  if (one === undefined)
    throw new VerbError(
      `--replay: expected the id of a path or failure with seed ${seed}, such as ${machines[0]}/waits/1, or a file, found ${which}`,
    )
  process.stdout.write(json ? `${JSON.stringify(one)}\n` : `${inWords(one)}\n`)
  if (one.found.length > 0) process.exitCode = 1
}

export const isFile = (which: string): boolean => /\.ya?ml$/.test(which)

function replayedFile(file: string): Replayed {
  const { machine, policy = 'waits', id, steps } = failureIn(file)
  if (latestDefinition(machine) === undefined)
    throw new VerbError(
      `${file}: machine: expected one of ${machines.join(', ')}, found ${machine}; one of your own is played by parley paths ${machine} --replay ${file}`,
    )
  return replayedSteps(id, { machine, policy, steps: steps as Step[] })
}

/** Throws `VerbError` when it cannot be read. */
export function failureIn(file: string): Saved {
  if (!existsSync(file)) throw new VerbError(`--replay: there is no file ${file}`)
  try {
    return readFailure(file, readFileSync(file, 'utf8'))
  } catch (error) {
    throw error instanceof SavedError ? new VerbError(error.message) : error
  }
}

const inWords = ({ id, policy, steps, found }: Replayed): string =>
  [
    `${id}: ${steps.length} steps, policy ${policy}`,
    ...steps.flatMap(stepInWords),
    ...(found.length === 0 ? ['every invariant holds'] : found),
  ].join('\n')

function stepInWords({ step, state, sent }: ReplayedStep, index: number): string[] {
  const number = String(index + 1).padStart(3)
  return [
    `${number}  ${JSON.stringify(step)}`,
    `     ${state ?? '(cannot happen here)'}`,
    ...sent.map((line) => `       ${line}`),
  ]
}
