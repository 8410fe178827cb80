/**
 * Card numbers over several messages, and rows of messages that only look like it. Nothing here knows the detector.
 */

import type { Random } from '../../runtime/random.ts'
import { brands, cardNumber, luhnDigit } from './card-numbers.ts'

/** Messages in the order in which they were sent; `masked` is what a right mask makes of the last one. */
export interface Row {
  texts: string[]
  masked: string
  pans: string[]
}

const stars = (text: string) => text.replace(/\d/g, '*')
const fours = (digits: string) => digits.replace(/(.{4})(?=.)/g, '$1 ')
const cut = (number: string, at: number) => [fours(number.slice(0, at)), fours(number.slice(at))] as const

type Split = (number: string) => { texts: string[]; last: string; after?: string; before?: string }

/** Every way of splitting a number of sixteen or nineteen digits. */
export const splits: Record<string, Split> = {
  halves: (n) => ({ texts: [cut(n, 8)[0]], last: cut(n, 8)[1] }),
  'bare halves': (n) => ({ texts: [n.slice(0, 8)], last: n.slice(8) }),
  'a group, then the rest': (n) => ({ texts: [cut(n, 4)[0]], last: cut(n, 4)[1] }),
  'all but the last group': (n) => ({ texts: [cut(n, 12)[0]], last: cut(n, 12)[1] }),
  'group by group': (n) => {
    const groups = fours(n).split(' ')
    return { texts: groups.slice(0, -1), last: groups.at(-1)! }
  },
  'with dashes': (n) => ({ texts: [cut(n, 8)[0].replace(' ', '-')], last: cut(n, 8)[1].replaceAll(' ', '-') }),
  'with words around': (n) => ({ texts: [`my card is ${cut(n, 8)[0]}`], last: cut(n, 8)[1], after: ' thanks' }),
  'with words between': (n) => ({
    texts: [`${cut(n, 8)[0]} and...`],
    before: 'the rest is ',
    last: cut(n, 8)[1],
    after: ', ok?',
  }),
  'anywhere, after a card word': (n) => ({ texts: [`my card number: ${n.slice(0, 7)}`], last: n.slice(7) }),
  'a word said in between': (n) => ({ texts: [cut(n, 8)[0], 'wait...'], last: cut(n, 8)[1] }),
}

export function splitRow(draw: Random, brand: keyof typeof brands, split: Split): Row {
  const number = cardNumber(draw, brands[brand]!)
  const { texts, before = '', last, after = '' } = split(number)
  return { texts: [...texts, before + last + after], masked: before + stars(last) + after, pans: [number] }
}

/** Brands whose numbers come in fours. */
export const splitBrands = Object.keys(brands).filter(
  (name) => brands[name]!.length % 4 !== 1 && brands[name]!.length > 15,
)

const phone = (draw: Random) => `${draw.int(201, 989)}${draw.int(200, 999)}${draw.digits(4)}`
const two = (n: number) => String(n).padStart(2, '0')
const date = (draw: Random, mark: string) =>
  [two(draw.int(1, 28)), two(draw.int(1, 12)), draw.int(2020, 2029)].join(mark)

/** Sixteen digits that would be a card number if they were one: the worst case for whoever joins messages. */
function likeCard(draw: Random): string {
  const body = `4${draw.digits(14)}`
  return body + luhnDigit(body)
}

/** Rows of messages whose digits have nothing to do with each other. */
export const harmlessRows: Record<string, (draw: Random) => string[]> = {
  'phone, then order': (d) => [phone(d), d.digits(6)],
  'phone and order, named': (d) => {
    const n = likeCard(d)
    return [`my phone is ${n.slice(0, 8)}`, `order ${n.slice(8)}`]
  },
  'phone, order asked for': (d) => {
    const n = likeCard(d)
    return [`+${n.slice(0, 11)}`, n.slice(11)]
  },
  'two orders': (d) => {
    const n = likeCard(d)
    return [`order ${n.slice(0, 8)}`, `and order ${n.slice(8)}`]
  },
  'two bare orders': (d) => [d.digits(8), d.digits(8)],
  'an order, then a bare one': (d) => {
    const n = likeCard(d)
    return [`my order is ${fours(n.slice(0, 8))}`, fours(n.slice(8))]
  },
  'two orders with a sign': (d) => {
    const n = likeCard(d)
    return [`#${fours(n.slice(0, 8))}`, `#${fours(n.slice(8))}`]
  },
  'two dates': (d) => [date(d, '/'), date(d, '/')],
  'two dates with dots': (d) => [date(d, '.'), date(d, '.')],
  'menu answers': (d) => Array.from({ length: 16 }, () => String(d.int(1, 5))),
  'a number digit by digit': (d) => [...likeCard(d)],
  'last four, then an order': (d) => {
    const n = likeCard(d)
    return [`my card ends in ${n.slice(0, 4)}`, n.slice(4)]
  },
  'a sum, then an order': (d) => {
    const n = likeCard(d)
    return [`I paid $${n.slice(0, 4)}`, n.slice(4)]
  },
  'numbers in sentences': (d) => {
    const n = likeCard(d)
    return [`I called on ${n.slice(0, 4)} ${n.slice(4, 8)} about it`, `it was ticket ${n.slice(8, 12)} ${n.slice(12)}`]
  },
  'a wrong check digit': (d) => {
    const n = likeCard(d)
    const wrong = n.slice(0, 15) + ((Number(n[15]) + 1) % 10)
    return [fours(wrong.slice(0, 8)), fours(wrong.slice(8))]
  },
  'codes one after the other': (d) => [d.digits(6), d.digits(6)],
}
