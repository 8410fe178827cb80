/**
 * What `parley paths` is asked for, as the command line gives it, and what goes together. Whoever asks for what does not is told
 * so, since an option that is passed over looks like one that was heard.
 */
import { type Cover, criteria } from '../../test/paths/goals.ts'
import { VerbError } from '../cli.ts'
import { countIn } from '../count-in.ts'

export interface PathsOptions {
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
type Option = keyof PathsOptions

/** Of what is found on the machines alone. */
const written: Option[] = ['mutants', 'html', 'junit', 'stryker', 'saveFailure']

/** Each of the options needs the first one. */
const only: [Option, Option[]][] = [
  ['live', ['cluster', 'crash', 'brokers', 'limit']],
  ['protocol', ['runs']],
]
/** None of the options goes with the first one. */
const never: [Option, Option[]][] = [
  ['crash', ['cluster', 'limit', 'cover']],
  ['protocol', ['cover', 'live', 'replay', ...written]],
  ['live', ['replay', ...written]],
  ['replay', ['cover']],
  ['repeats', ['cover', 'live', 'protocol', 'replay', ...written]],
]

/** Throws `VerbError` with the first two that do not go together, or the first that needs another. */
export function checkTogether(options: PathsOptions): void {
  const isGiven = (option: Option) => options[option] !== undefined
  for (const [other, needing] of only) {
    const [alone] = isGiven(other) ? [] : needing.filter(isGiven)
    if (alone) throw new VerbError(`${flag(alone)}: expected together with ${flag(other)}, found alone`)
  }
  for (const [other, refused] of never) {
    const [one] = isGiven(other) ? refused.filter(isGiven) : []
    if (one) throw new VerbError(`${flag(one)}: expected without ${flag(other)}, found together with it`)
  }
}

const flag = (option: Option): string => `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

const seed_max = 2 ** 32 - 1

export function seedIn(text: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(seed <= seed_max)) throw new VerbError(`--seed: expected a whole number from 0 to ${seed_max}, found ${text}`)
  return seed
}

/** In the order of the criteria, each once. */
export function coverIn(text: string | undefined): Cover {
  const named = text?.split(',')
  const known = criteria.filter((criterion) => named?.includes(criterion) ?? true)
  if (named === undefined || known.length === named.length) return known
  throw new VerbError(`--cover: expected some of ${criteria.join(', ')}, joined by commas, found ${text}`)
}

export const limitIn = (text: string | undefined): { limit?: number } =>
  text === undefined ? {} : { limit: countIn('--limit', text) }

export function brokersIn(text: string | undefined): { brokers?: 1 | 3 } {
  if (text === undefined) return {}
  if (text === '1' || text === '3') return { brokers: text === '3' ? 3 : 1 }
  throw new VerbError(`--brokers: expected 1 or 3, found ${text}`)
}
