/**
 * The labelled corpus for the card-data detector: invented messages with and without card data, and how a mask scores.
 * Generated cases come from one seed; hand-written ones say what people really send. No real card number is in here.
 * All of it was written beside the detector, so the scores say that nothing was broken, not how it fares on real traffic.
 */
import { brands, cardNumber, ways } from './card-numbers.ts'
import { handHarmless, handPositives } from './hand-written.ts'
import { harmlessKinds } from './harmless-numbers.ts'
import { random } from './random.ts'

export const seed = 20_260_302

export interface Case {
  kind: 'card' | 'harmless'
  /** The groups this case counts for in the score. */
  classes: string[]
  text: string
  /** What a right mask makes of it: the text itself for a harmless case. */
  masked: string
  /** The card numbers in the text, digits only. */
  pans: string[]
}

const cases_per_kind = 40
/** Sentences around a card number; some name a card and some do not. */
const sentences: [before: string, after: string][] = [
  ['', ''],
  ['hi, here it is: ', ''],
  ['', ' that is the one'],
  ['please use ', ', thank you!'],
  ['my card is ', ''],
  ['Pay 3 items with ', ' please'],
  ['ok\n', '\nregards, Ana'],
]
const around: [before: string, after: string][] = [
  ['', ''],
  ['hello, ', ' is mine'],
  ['any news on ', '?'],
  ['I wrote to you about ', ' last week, please check'],
]

function generatedCards(): Case[] {
  const draw = random(seed)
  const cases: Case[] = []
  for (const [brand, form] of Object.entries(brands)) {
    for (const [way, write] of Object.entries(ways)) {
      for (const [before, after] of sentences) {
        const number = cardNumber(draw, form)
        const { text, masked } = write(number)
        cases.push({
          kind: 'card',
          classes: [brand, way],
          text: before + text + after,
          masked: before + masked + after,
          pans: [number],
        })
      }
    }
  }
  return cases
}

function generatedHarmless(): Case[] {
  const draw = random(seed + 1)
  const cases: Case[] = []
  for (const [kind, make] of Object.entries(harmlessKinds)) {
    for (let i = 0; i < cases_per_kind; i += 1) {
      const [before, after] = around[i % around.length]!
      cases.push(harmless(kind, before + make(draw) + after))
    }
  }
  return cases
}

function harmless(kind: string, text: string): Case {
  return { kind: 'harmless', classes: [kind], text, masked: text, pans: [] }
}

const written: Case[] = [
  ...handPositives.map(([name, text, masked, ...pans]): Case => {
    return { kind: 'card', classes: [`by hand: ${name}`], text, masked, pans }
  }),
  ...handHarmless.map(([name, text]) => harmless(`by hand: ${name}`, text)),
]

export const corpus: Case[] = [...generatedCards(), ...generatedHarmless(), ...written]

export interface Score {
  /** Card cases masked exactly as they must be, as a share of all card cases. */
  recall: number
  /** Harmless cases altered, as a share of all harmless cases. */
  falseRate: number
  classes: { name: string; kind: Case['kind']; cases: number; right: number; rate: number }[]
}

/** Scores a mask on the corpus: per class, `rate` is recall for card classes and the share altered for harmless ones. */
export function score(mask: (text: string) => { text: string }): Score {
  const classes = new Map<string, Score['classes'][number]>()
  const totals = { card: { cases: 0, right: 0 }, harmless: { cases: 0, right: 0 } }
  for (const { kind, classes: names, text, masked } of corpus) {
    const right = mask(text).text === masked ? 1 : 0
    totals[kind].cases += 1
    totals[kind].right += right
    for (const name of names) {
      const entry = classes.get(name) ?? { name, kind, cases: 0, right: 0, rate: 0 }
      entry.cases += 1
      entry.right += right
      entry.rate = kind === 'card' ? entry.right / entry.cases : 1 - entry.right / entry.cases
      classes.set(name, entry)
    }
  }
  return {
    recall: totals.card.right / totals.card.cases,
    falseRate: 1 - totals.harmless.right / totals.harmless.cases,
    classes: [...classes.values()],
  }
}

/** The score as lines of text, worst classes first; for failures and reports. */
export function table(result: Score): string {
  const fault = (entry: Score['classes'][number]) => entry.cases - entry.right
  const lines = [...result.classes]
    .sort((a, b) => fault(b) / b.cases - fault(a) / a.cases)
    .map(({ name, kind, cases, right }) => `${kind.padEnd(9)}${name.padEnd(44)}${right}/${cases}`)
  const total = `recall ${result.recall.toFixed(4)}, harmless altered ${result.falseRate.toFixed(4)}, seed ${seed}`
  return [total, ...lines].join('\n')
}
