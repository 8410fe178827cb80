/**
 * Invented card numbers of every brand, and the ways people write them, each with the mask it must get.
 * Nothing here knows the detector: masks are built from the digits, before they are written.
 */
import type { Random } from '../../runtime/random.ts'

/** Brand and length, with the first digits its numbers may begin with. */
export const brands: Record<string, { leads: string[]; length: number }> = {
  'visa 13': { leads: ['4'], length: 13 },
  'visa 16': { leads: ['4'], length: 16 },
  'visa 19': { leads: ['4'], length: 19 },
  'mastercard 5': { leads: ['51', '52', '53', '54', '55'], length: 16 },
  'mastercard 2': { leads: ['2221', '2300', '2599', '2650', '2720'], length: 16 },
  'amex 15': { leads: ['34', '37'], length: 15 },
  'discover 16': { leads: ['6011', '644', '649', '65'], length: 16 },
  'discover 19': { leads: ['6011', '65'], length: 19 },
  'diners 14': { leads: ['300', '305', '36', '38', '39'], length: 14 },
  'diners 16': { leads: ['36', '38'], length: 16 },
  'jcb 16': { leads: ['3528', '3550', '3589'], length: 16 },
  'unionpay 16': { leads: ['62'], length: 16 },
  'unionpay 19': { leads: ['62'], length: 19 },
  'maestro 16': { leads: ['50', '56', '58', '63', '67'], length: 16 },
  'maestro 19': { leads: ['50', '63', '67'], length: 19 },
}

/** The digit that makes a number pass the Luhn check. */
export function luhnDigit(digits: string): string {
  let sum = 0
  for (const [i, char] of [...digits].reverse().entries()) {
    const digit = Number(char) * (i % 2 === 0 ? 2 : 1)
    sum += digit > 9 ? digit - 9 : digit
  }
  return String((10 - (sum % 10)) % 10)
}

export function cardNumber(draw: Random, { leads, length }: { leads: string[]; length: number }): string {
  const lead = draw.pick(leads)
  const body = lead + draw.digits(length - lead.length - 1)
  return body + luhnDigit(body)
}

/** A number as a list of written digits and marks; digits become `*` in the mask, marks stay. */
export interface Written {
  text: string
  masked: string
}

/** Writes groups of a number under a separator. `write` gives each digit its script, `glue` stands inside groups. */
function grouped(number: string, sizes: number[], separator: string, write = (d: string) => d, glue = ''): Written {
  const written: Written = { text: '', masked: '' }
  let at = 0
  for (const size of sizes) {
    if (at > 0) for (const side of ['text', 'masked'] as const) written[side] += separator
    for (let i = 0; i < size; i += 1, at += 1) {
      const digit = write(number[at]!)
      const mark = i > 0 ? glue : ''
      written.text += mark + digit
      written.masked += mark + (at < number.length - 4 ? '*' : digit)
    }
  }
  return written
}

/** Group sizes of a number of this length as printed on cards. */
function printed(length: number): number[] {
  const sizes: Record<number, number[]> = { 13: [4, 3, 3, 3], 14: [4, 6, 4], 15: [4, 6, 5] }
  return sizes[length] ?? steps(length, 4)
}

function steps(length: number, size: number): number[] {
  const sizes = Array.from({ length: Math.floor(length / size) }, () => size)
  return length % size === 0 ? sizes : [...sizes, length % size]
}

const script = (zero: number) => (digit: string) => String.fromCodePoint(zero + Number(digit))

/** Every way of writing a number. */
export const ways: Record<string, (number: string) => Written> = {
  bare: (n) => grouped(n, [n.length], ''),
  spaces: (n) => grouped(n, printed(n.length), ' '),
  hyphens: (n) => grouped(n, printed(n.length), '-'),
  dots: (n) => grouped(n, printed(n.length), '.'),
  'no-break spaces': (n) => grouped(n, printed(n.length), '\u00a0'),
  'double spaces': (n) => grouped(n, printed(n.length), '  '),
  'spaced dashes': (n) => grouped(n, printed(n.length), ' \u2013 '),
  'line breaks': (n) => grouped(n, printed(n.length), '\n'),
  'windows line breaks': (n) => grouped(n, printed(n.length), '\r\n'),
  commas: (n) => grouped(n, printed(n.length), ', '),
  slashes: (n) => grouped(n, printed(n.length), '/'),
  underscores: (n) => grouped(n, printed(n.length), '_'),
  pipes: (n) => grouped(n, printed(n.length), ' | '),
  'digit by digit': (n) => grouped(n, steps(n.length, 1), ' '),
  pairs: (n) => grouped(n, steps(n.length, 2), ' '),
  fours: (n) => grouped(n, steps(n.length, 4), ' '),
  'full width': (n) => grouped(n, printed(n.length), '\u3000', script(0xff10)),
  'arabic-indic': (n) => grouped(n, printed(n.length), ' ', script(0x660)),
  devanagari: (n) => grouped(n, [n.length], '', script(0x966)),
  'mathematical bold': (n) => grouped(n, printed(n.length), ' ', script(0x1d7ce)),
  'zero-width inside': (n) => grouped(n, [n.length], '', undefined, '\u200b'),
  'soft hyphens': (n) => grouped(n, printed(n.length), '\u00ad'),
  'html blanks': (n) => grouped(n, printed(n.length), '&nbsp;'),
  'html cells': (n) => grouped(n, printed(n.length), '</td><td class="n1">'),
  'glued to words': (n) => around('card', grouped(n, [n.length], ''), 'exp'),
  'glued to a sentence': (n) => around('mynumberis', grouped(n, [n.length], ''), 'thanks'),
  'after a sign': (n) => around('no:', grouped(n, printed(n.length), ' '), ''),
  'in brackets': (n) => around('(', grouped(n, printed(n.length), ' '), ')'),
  'in quotes': (n) => around('{"pan":"', grouped(n, [n.length], ''), '"}'),
  'in bold': (n) => around('**', grouped(n, [n.length], ''), '**'),
}

function around(before: string, written: Written, after: string): Written {
  return { text: before + written.text + after, masked: before + written.masked + after }
}
