/**
 * Invented numbers that look like cards and are none, by kind; where a real number carries a check digit, so do these.
 * Nothing here knows the detector.
 */

import type { Random } from '../../runtime/random.ts'
import { luhnDigit } from './card-numbers.ts'

type Make = (draw: Random) => string

const fours = (digits: string) => digits.replace(/(.{4})(?=.)/g, '$1 ')

/** An IBAN with valid check digits (ISO 7064, mod 97). `bank` makes the part after the check digits. */
function iban(country: string, rest: string): string {
  let remainder = 0
  for (const char of `${rest}${country}00`) {
    const value = Number.parseInt(char, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return `${country}${String(98 - remainder).padStart(2, '0')}${rest}`
}

function eanDigit(body: string): string {
  const sum = [...body].reverse().reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 3 : 1), 0)
  return String((10 - (sum % 10)) % 10)
}

const hex = (draw: Random, length: number) => Array.from({ length }, () => draw.pick([...'0123456789abcdef'])).join('')
const two = (n: number) => String(n).padStart(2, '0')
const date = (draw: Random) => `20${draw.int(20, 29)}-${two(draw.int(1, 12))}-${two(draw.int(1, 28))}`
const time = (draw: Random) => `${two(draw.int(0, 23))}:${two(draw.int(0, 59))}:${two(draw.int(0, 59))}`
const usPhone = (draw: Random) => `${draw.int(201, 989)}${draw.int(200, 999)}${draw.digits(4)}`

/** A card number of a wrong check digit: the check digit plus one. */
function misspelled(draw: Random): string {
  const body = `4${draw.digits(14)}`
  return body + ((Number(luhnDigit(body)) + 1) % 10)
}

export const harmlessKinds: Record<string, Make> = {
  'international phone': (d) => `+${d.pick(['1', '44', '49', '34', '62', '57', '639'])}${d.digits(10)}`,
  'spaced phone': (d) => `+${d.pick(['44 7700', '49 1512', '33 6 12 34', '57 300'])} ${d.digits(3)} ${d.digits(4)}`,
  'us phone': (d) => usPhone(d).replace(/(\d{3})(\d{3})(\d{4})/, '($1) $2-$3'),
  'two phones in a row': (d) => `${usPhone(d)} ${usPhone(d)}`,
  'two written phones': (d) => [usPhone(d), usPhone(d)].join(' ').replace(/(\d{3})(\d{3})(\d{4})/g, '$1-$2-$3'),
  'phone without plus': (d) => d.pick(['491512', '491761', '44770', '436641']) + d.digits(7),
  'latin american or philippine phone': (d) => d.pick(['5730', '5841', '6391']) + d.digits(8),
  'phone and year': (d) => `447700${d.digits(6)} 2026`,
  imei: (d) => {
    const body = d.pick(['35', '86', '01', '49', '52']) + d.digits(12)
    return body + luhnDigit(body)
  },
  iccid: (d) => {
    const body = `89${d.digits(d.pick([16, 17]))}`
    return body + luhnDigit(body)
  },
  'iccid in fours': (d) => {
    const body = `89${d.digits(17)}`
    return fours(body + luhnDigit(body))
  },
  'epoch milliseconds': (d) => `17${d.digits(11)}`,
  'epoch nanoseconds': (d) => `17${d.digits(17)}`,
  'iso time': (d) => `${date(d)}T${time(d)}.${d.digits(3)}Z`,
  'log time': (d) => `${date(d).replaceAll('-', '')}${time(d).replaceAll(':', '')}`,
  'date and time': (d) => `${d.int(1, 28)}/${d.int(1, 12)}/20${d.int(20, 29)} ${time(d)}`,
  'iban, one word': (d) => iban('DE', d.digits(18)),
  'iban in fours': (d) => fours(iban(d.pick(['DE', 'ES', 'IT']), d.digits(20))),
  'british iban': (d) => fours(iban('GB', `NWBK${d.digits(14)}`)),
  ups: (d) => `1Z${d.digits(3)}AA${d.digits(10)}`,
  'fedex 12': (d) => `FedEx ${d.digits(12)}`,
  'fedex 15': (d) => `tracking number ${d.digits(15)}`,
  'usps, one word': (d) => `94${d.digits(20)}`,
  'usps in fours': (d) => fours(`94${d.digits(20)}`),
  uuid: (d) => `${hex(d, 8)}-${hex(d, 4)}-4${hex(d, 3)}-a${hex(d, 3)}-${hex(d, 12)}`,
  'uuid of digits': (d) => `${d.digits(8)}-${d.digits(4)}-4${d.digits(3)}-8${d.digits(3)}-${d.digits(12)}`,
  'hex digest': (d) => hex(d, 40),
  'order id': (d) => `ORD-${d.digits(16)}`,
  'glued record id': (d) => `TX${d.digits(16)}`,
  'numbered order': (d) => `order number ${d.digits(16)}`,
  'short order': (d) => `order #${d.digits(10)}`,
  'app id': (d) => `a_${d.digits(18)}`,
  'record id of 18 digits': (d) => `${d.int(4, 6)}${d.digits(17)}`,
  amount: (d) => `$${d.int(1, 999)},${d.digits(3)},${d.digits(3)}.${d.digits(2)}`,
  decimal: (d) => `${d.int(0, 9)}.${d.pick(['4', '5', '37', '62'])}${d.digits(15)}`,
  coordinates: (d) => `${d.int(30, 59)}.${d.digits(6)}, -${d.int(30, 120)}.${d.digits(6)}`,
  'german product code': (d) => {
    const body = `4${d.int(0, 3)}${d.digits(10)}`
    return /^4(?:0|[123])/.test(body) ? body + eanDigit(body) : body
  },
  isbn: (d) => {
    const body = `978${d.digits(9)}`
    return body + eanDigit(body)
  },
  'misspelled card': misspelled,
  'misspelled card in fours': (d) => fours(misspelled(d)),
  'unissued number': (d) => {
    const body = d.pick(['1', '7', '8', '9', '0']) + d.digits(14)
    return body + luhnDigit(body)
  },
  'record in a url': (d) => `https://shop.example/orders/${d.digits(16)}?page=2`,
  'message id': (d) => `<${d.digits(16)}@mail.example>`,
  'one-time code': (d) => `your code is ${d.digits(6)}`,
  'list of years': (d) => `${d.int(1990, 2020)} 2021 2022 2023 2024`,
  'plain date': (d) => `${two(d.int(1, 12))}/${two(d.int(1, 28))}/20${d.int(20, 29)}`,
  'contract end': (d) => `my contract expires ${two(d.int(1, 12))}/${d.int(26, 39)}`,
  'masked card': (d) => `card **** **** **** ${d.digits(4)} exp **/** cvv ***`,
  'bank mask': (d) => `XXXX-XXXX-XXXX-${d.digits(4)}`,
  'last four': (d) => `card ending in ${d.digits(4)}`,
}
