/** What the verbs on a running system say alike. */
import type { Difference } from '../../test/paths/live/compare.ts'
import type { CpuMs } from '../../test/paths/live/cpu.ts'

export const differenceInWords = ({ path, step, what, expected, found }: Difference): string[] => [
  '',
  `  ${path}, step ${step}: ${what}`,
  `    machine  ${JSON.stringify(expected)}`,
  `    live     ${JSON.stringify(found)}`,
]

export const processorTime = (cpuMs: CpuMs): string => Object.entries(cpuMs).map(inSeconds).join(', ')

const inSeconds = ([who, ms]: [string, number | null]): string =>
  `${who} ${ms === null ? 'unknown' : `${(ms / 1_000).toFixed(1)} s`}`
