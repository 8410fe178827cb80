/**
 * How well a mask does on the corpus: what it finds, what it alters for nothing, what it leaves to read.
 * Owned here: the floor below which no change may bring it. Nothing here knows the detector.
 */
import { type Case, corpusOf, usual_seed } from './card-data.ts'

/** Masks a text that comes after the others of the same customer. */
export type Mask = (text: string, earlier: string[]) => { text: string }

export interface Quality {
  seed: number
  cases: number
  /** Card cases masked exactly as they must be, as a share of all card cases. */
  recall: number
  /** Harmless cases altered, as a share of all harmless cases. */
  falseRate: number
  /** Masked texts that a second round would change. */
  restless: number
  /** The most digits of one card number that can still be read off one masked text. */
  digitsLeft: number
  /** `rate` is recall for card classes and the share altered for harmless ones. */
  classes: { name: string; kind: Case['kind']; cases: number; right: number; rate: number }[]
}

export const floor = { recall_min: 0.98, false_rate_max: 0.005, restless_max: 0, digits_left_max: 4 } as const

/** What falls below the floor, one sentence each; none when all is well. */
export function shortfalls({ recall, falseRate, restless, digitsLeft }: Quality): string[] {
  const held: [string, boolean][] = [
    [`recall: expected at least ${floor.recall_min}, found ${recall.toFixed(4)}`, recall >= floor.recall_min],
    [
      `harmless altered: expected at most ${floor.false_rate_max}, found ${falseRate.toFixed(4)}`,
      falseRate <= floor.false_rate_max,
    ],
    [`masked again: expected ${floor.restless_max}, found ${restless}`, restless <= floor.restless_max],
    [
      `digits left: expected at most ${floor.digits_left_max}, found ${digitsLeft}`,
      digitsLeft <= floor.digits_left_max,
    ],
  ]
  return held.flatMap(([sentence, is]) => (is ? [] : [sentence]))
}

/** Scores a mask on the corpus of a seed. */
export function qualityOf(mask: Mask, seed = usual_seed): Quality {
  const corpus = corpusOf(seed)
  const outcomes = corpus.map((one) => {
    const { text } = mask(one.text, one.earlier)
    const isFound = text !== one.text
    return {
      ...one,
      right: text === one.masked,
      isRestless: mask(text, one.earlier).text !== text,
      left: isFound ? Math.max(0, ...one.pans.map((pan) => longestSurvivor(text, pan))) : 0,
    }
  })
  const share = (kind: Case['kind']) => {
    const of = outcomes.filter((one) => one.kind === kind)
    return of.filter(({ right }) => right).length / of.length
  }
  return {
    seed,
    cases: corpus.length,
    recall: share('card'),
    falseRate: 1 - share('harmless'),
    restless: outcomes.filter(({ isRestless }) => isRestless).length,
    digitsLeft: Math.max(...outcomes.map(({ left }) => left)),
    classes: byClass(outcomes),
  }
}

function byClass(outcomes: (Case & { right: boolean })[]): Quality['classes'] {
  const classes = new Map<string, Quality['classes'][number]>()
  for (const { kind, classes: names, right } of outcomes) {
    for (const name of names) {
      const entry = classes.get(name) ?? { name, kind, cases: 0, right: 0, rate: 0 }
      entry.cases += 1
      entry.right += right ? 1 : 0
      entry.rate = kind === 'card' ? entry.right / entry.cases : 1 - entry.right / entry.cases
      classes.set(name, entry)
    }
  }
  return [...classes.values()]
}

/** The quality as lines of text, worst classes first; for failures and reports. */
export function table({ classes, ...total }: Quality): string {
  const fault = ({ cases, right }: Quality['classes'][number]) => (cases - right) / cases
  const lines = [...classes]
    .sort((a, b) => fault(b) - fault(a))
    .map(({ name, kind, cases, right }) => `${kind.padEnd(9)}${name.padEnd(44)}${right}/${cases}`)
  return [
    `recall ${total.recall.toFixed(4)}, harmless altered ${total.falseRate.toFixed(4)}, masked again ${total.restless}, digits left ${total.digitsLeft}, ${total.cases} cases, seed ${total.seed}`,
    ...lines,
  ].join('\n')
}

/** The longest row of digits of a card number that can still be read off a text, separators aside. */
function longestSurvivor(text: string, pan: string): number {
  const readable = text
    .replace(/<[^<>]*>|&\w+;/g, '')
    .normalize('NFKC')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - 0x966))
    .replace(/[^\d\p{L}*]/gu, '')
  for (let size = pan.length; size > 0; size -= 1) {
    for (let at = 0; at + size <= pan.length; at += 1) if (readable.includes(pan.slice(at, at + size))) return size
  }
  return 0
}
