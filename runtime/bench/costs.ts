/** What a measured run cost, as the operating system tells it, and the arithmetic of its figures. */
import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Linux counts processor time in ticks of this length. */
const tick_ms = 10

/** Processor time a process has used so far, or null where the system keeps no `/proc`. */
export function cpuMsOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * tick_ms
  } catch {
    return null
  }
}

/** Memory a process holds now, in MB, or null where the system keeps no `/proc`. */
export function memoryMbOf(pid: number): number | null {
  try {
    const held = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return held ? Math.round(Number(held[1]) / 1_024) : null
  } catch {
    return null
  }
}

/** Null where one of them could not be had. */
export const sumOf = (values: (number | null)[]): number | null =>
  values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0)

/** Bytes of all files below a folder; files that go meanwhile count nothing. */
export async function diskBytesOf(dir: string): Promise<number> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(
    files.map(({ parentPath, name }) => stat(join(parentPath, name)).catch(() => undefined)),
  )
  return sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0)
}

/** The value below which `share` of the values lie, to hundredths. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return roundedTo(2, sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
}

/** As it is, not rounded; of an even number the higher of the two in the middle. */
export const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

export const roundedTo = (places: number, value: number): number => Number(value.toFixed(places))
