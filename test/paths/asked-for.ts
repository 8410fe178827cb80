/**
 * Paths that planted faults asked for: what only these steps tell from a machine without the fault, and no criterion of
 * coverage leads along. Found by `parley paths --mutants`, which names the steps that a suite lacks for every survivor; kept
 * in `asked-for.jsonl`, one a line.
 */
import { readFileSync } from 'node:fs'
import type { Step } from '../drive.ts'
import type { PolicyName } from './line.ts'

export interface AskedFor {
  machine: string
  policy: PolicyName
  /** The fault that shows. */
  because: string
  steps: Step[]
}

export const askedForOf = (machine: string): AskedFor[] => all.filter((one) => one.machine === machine)

const all = readFileSync(new URL('./asked-for.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as AskedFor)
