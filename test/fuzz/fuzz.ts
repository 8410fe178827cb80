/**
 * Throws almost right inputs at every codec, and a part of them at the doors of a real node. A fault is what nobody meant:
 * an error of another kind, a 5xx but 503, memory that grows. Each fault names the seed and the input that bring it back.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { stopwatch } from '../../adapters/clock.ts'
import { random } from '../../runtime/random.ts'
import { codecs } from './codecs.ts'
import { mutated, written } from './mutate.ts'

export interface FuzzOptions {
  seed: number
  inputs: number
  /** Posts one body; resolves to the status. Every `door_share`th input for a door goes there as well. */
  post?: (door: string, body: Uint8Array) => Promise<number>
  progress?: (done: number) => void
}

export interface FuzzReport {
  seed: number
  inputs: number
  /** How many were read, and how many refused in order, by codec. */
  byCodec: Record<string, { read: number; refused: number }>
  /** How many a node answered with each status. */
  statuses: Record<string, number>
  heapGrowthMb: number
  /** Longest time one input took, in ms. */
  slowestMs: number
  faults: { codec: string; input: number; what: string; value: string }[]
}

export const door_share = 50
export const heap_growth_mb_max = 32
/** One input must not hold a node up; nested a thousand deep or 5 kB of the worst included, on a busy machine. */
export const input_ms_max = 2_000
const faults_max = 20
const progress_every = 10_000

export async function fuzz({ seed, inputs, post, progress = () => {} }: FuzzOptions): Promise<FuzzReport> {
  const source = random(seed)
  const report: FuzzReport = { seed, inputs, byCodec: {}, statuses: {}, heapGrowthMb: 0, slowestMs: 0, faults: [] }
  const warm = Math.min(Math.floor(inputs / 5), 50_000)
  let heapBefore = 0
  for (let input = 0; input < inputs && report.faults.length < faults_max; input++) {
    if (input === warm) heapBefore = heapMb()
    if (input % progress_every === 0) progress(input)
    const { name, samples, read, mayThrow } = source.pick(codecs)
    const value = mutated(source.pick(samples), source)
    const bytes = written(value, source)
    report.byCodec[name] ??= { read: 0, refused: 0 }
    const row = report.byCodec[name]
    const fault = (what: string) => {
      report.faults.push({ codec: name, input, what, value: Buffer.from(bytes).toString('utf8').slice(0, 2_000) })
    }
    const elapsed = stopwatch()
    try {
      read(parsed(bytes))
      row.read++
    } catch (error) {
      if (mayThrow(error) || error instanceof Unparsable) row.refused++
      else fault(error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
    const took_ms = elapsed()
    report.slowestMs = Math.max(report.slowestMs, Math.round(took_ms))
    if (took_ms > input_ms_max) fault(`took ${Math.round(took_ms)} ms`)
    if (post && name.startsWith('door ') && input % door_share === 0) {
      const status = await post(name.slice('door '.length), bytes).catch((error: Error) => error.message)
      report.statuses[status] = (report.statuses[status] ?? 0) + 1
      if (typeof status === 'string' || (status >= 500 && status !== 503)) fault(`the node answered ${status}`)
    }
  }
  report.heapGrowthMb = Math.round((heapMb() - heapBefore) * 10) / 10
  if (report.heapGrowthMb > heap_growth_mb_max) {
    const what = `the heap grew by ${report.heapGrowthMb} MB from input ${warm} on`
    report.faults.push({ codec: 'all', input: inputs, what, value: '' })
  }
  return report
}

class Unparsable extends Error {}

/** As `accept` reads a body. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new Unparsable()
  }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapMb(): number {
  collect()
  return process.memoryUsage().heapUsed / 1_048_576
}
