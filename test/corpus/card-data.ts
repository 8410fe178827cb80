/**
 * The labelled corpus for the card-data detector: invented messages with and without card data; `quality.ts` scores a mask.
 * Generated cases come from one seed; hand-written ones say what people really send. No real card number is in here.
 * All of it was written beside the detector, so the scores say that nothing was broken, not how it fares on real traffic.
 */

import { type Random, random } from '../../runtime/random.ts'
import { brands, cardNumber, ways } from './card-numbers.ts'
import { handHarmless, handPositives } from './hand-written.ts'
import { harmlessKinds } from './harmless-numbers.ts'
import { harmlessRows, splitBrands, splitRow, splits } from './split-numbers.ts'

/** The seed of every run that names no other. */
export const usual_seed = 20_260_302

export interface Case {
  kind: 'card' | 'harmless'
  /** The groups this case counts for in the score. */
  classes: string[]
  /** What the same customer said just before, oldest first. */
  earlier: string[]
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

function cardCases(draw: Random): Case[] {
  const cases: Case[] = []
  for (const [brand, form] of Object.entries(brands)) {
    for (const [way, write] of Object.entries(ways)) {
      for (const [before, after] of sentences) {
        const number = cardNumber(draw, form)
        const { text, masked } = write(number)
        const sentence = { text: before + text + after, masked: before + masked + after, earlier: [] }
        cases.push({ kind: 'card', classes: [brand, way], ...sentence, pans: [number] })
      }
    }
  }
  return cases
}

function splitCases(draw: Random): Case[] {
  return splitBrands.flatMap((brand) =>
    Object.entries(splits).map(([way, split]): Case => {
      const { texts, masked, pans } = splitRow(draw, brand, split)
      const said = { earlier: texts.slice(0, -1), text: texts.at(-1)!, masked, pans }
      return { kind: 'card', classes: ['split: all', `split: ${way}`], ...said }
    }),
  )
}

function harmlessCases(draw: Random): Case[] {
  return Object.entries(harmlessKinds).flatMap(([kind, make]) =>
    Array.from({ length: cases_per_kind }, (_, i) => {
      const [before, after] = around[i % around.length]!
      return harmless([kind], before + make(draw) + after)
    }),
  )
}

/** A row is one case: its last message, after the others. */
function harmlessRowCases(draw: Random): Case[] {
  return Object.entries(harmlessRows).flatMap(([kind, make]) =>
    Array.from({ length: cases_per_kind }, () => {
      const texts = make(draw)
      return harmless(['split: harmless', `harmless row: ${kind}`], texts.at(-1)!, texts.slice(0, -1))
    }),
  )
}

function harmless(classes: string[], text: string, earlier: string[] = []): Case {
  return { kind: 'harmless', classes, earlier, text, masked: text, pans: [] }
}

const written: Case[] = [
  ...handPositives.map(([name, text, masked, ...pans]): Case => {
    return { kind: 'card', classes: [`by hand: ${name}`], earlier: [], text, masked, pans }
  }),
  ...handHarmless.map(([name, text]) => harmless([`by hand: ${name}`], text)),
]

/** All cases: those drawn from the seed (any 32-bit integer) and those written by hand. */
export function corpusOf(seed: number): Case[] {
  return [
    ...cardCases(random(seed)),
    ...harmlessCases(random(seed + 1)),
    ...splitCases(random(seed + 2)),
    ...harmlessRowCases(random(seed + 3)),
    ...written,
  ]
}
