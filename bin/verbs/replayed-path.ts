/** `parley paths --replay ID`: exactly one generated path, or one disturbance of it, step by step. */

import { type Replayed, type ReplayedStep, replayed } from '../../test/paths/replayed.ts'
import { machines } from '../../test/paths/report.ts'
import { VerbError } from '../cli.ts'

/** Exit 1 when something breaks on it. Throws `VerbError` when no path has the id. */
export function replayedPath(id: string, seed: number, { json }: { json?: boolean | undefined }): void {
  const one = replayed(id, seed)
  if (one === undefined)
    throw new VerbError(
      `--replay: expected the id of a path or failure with seed ${seed}, such as ${machines[0]}/waits/1, found ${id}`,
    )
  process.stdout.write(json ? `${JSON.stringify(one)}\n` : `${inWords(one)}\n`)
  if (one.found.length > 0) process.exitCode = 1
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
