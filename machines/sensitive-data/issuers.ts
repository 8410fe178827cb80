/**
 * Which digits an issuer would print on a card: the number ranges and lengths, and the Luhn check.
 * Invariants: a number is a candidate only if issuer, length and check digit agree (flows.md 7.2); each question costs O(1).
 */

export const pan_digits_min = 12
export const pan_digits_max = 19

interface Issuer {
  /** Ranges of the first four digits, both ends included. */
  ranges: [number, number][]
  lengths: number[]
  /** Lengths the issuer may use but hardly does; phone numbers and record ids have them too, so they need more evidence. */
  rareLengths: number[]
}

/** The brands PCI DSS speaks of, with Maestro (flows.md 7.2). */
const issuers: Record<string, Issuer> = {
  visa: { ranges: [[4000, 4999]], lengths: [13, 16, 19], rareLengths: [] },
  mastercard: {
    ranges: [
      [5100, 5599],
      [2221, 2720],
    ],
    lengths: [16],
    rareLengths: [],
  },
  amex: {
    ranges: [
      [3400, 3499],
      [3700, 3799],
    ],
    lengths: [15],
    rareLengths: [],
  },
  discover: {
    ranges: [
      [6011, 6011],
      [6440, 6599],
    ],
    lengths: [16, 19],
    rareLengths: [17, 18],
  },
  diners: {
    ranges: [
      [3000, 3059],
      [3600, 3699],
      [3800, 3999],
    ],
    lengths: [14, 16],
    rareLengths: [15, 17, 18, 19],
  },
  jcb: { ranges: [[3528, 3589]], lengths: [16, 19], rareLengths: [17, 18] },
  unionpay: { ranges: [[6200, 6299]], lengths: [16, 19], rareLengths: [17, 18] },
  // Twelve bare digits from 57, 58 or 63 are also a Colombian, Venezuelan or Philippine phone number.
  maestro: {
    ranges: [
      [5000, 5099],
      [5600, 5899],
      [6300, 6399],
      [6700, 6799],
    ],
    lengths: [16, 19],
    rareLengths: [12, 13, 14, 15, 17, 18],
  },
}

const usual = new Uint32Array(10_000)
const rare = new Uint32Array(10_000)
for (const { ranges, lengths, rareLengths } of Object.values(issuers)) {
  for (const [low, high] of ranges) {
    for (let lead = low; lead <= high; lead += 1) {
      for (const length of lengths) usual[lead]! |= 1 << length
      for (const length of rareLengths) rare[lead]! |= 1 << length
    }
  }
}

export type Fit = 'usual' | 'rare' | 'none'

/** Whether some issuer has numbers of this length that begin with these four digits (`lead`, 0-9999). */
export function issuerFit(lead: number, length: number): Fit {
  const bit = 1 << length
  if (usual[lead]! & bit) return 'usual'
  return rare[lead]! & bit ? 'rare' : 'none'
}

/** Whether fifteen digits with this lead are an American Express card, whose code has four digits. */
export function isAmex(lead: number): boolean {
  return (lead >= 3400 && lead <= 3499) || (lead >= 3700 && lead <= 3799)
}

/** Answers questions about any stretch [first, end) of a row of digits. */
export interface DigitRow {
  lead(first: number): number
  passesLuhn(first: number, end: number): boolean
  /** Whether the thirteen digits are a German product code (EAN 400-440 with its own check digit). */
  isProductCode(first: number, end: number): boolean
}

/** Sums the row once, twice over (even places doubled, odd places doubled), so that every Luhn check is a subtraction. */
export function digitRow(digits: Uint8Array): DigitRow {
  const evenDoubled = new Int32Array(digits.length + 1)
  const oddDoubled = new Int32Array(digits.length + 1)
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digits[i]!
    const doubled = digit > 4 ? digit * 2 - 9 : digit * 2
    evenDoubled[i + 1] = evenDoubled[i]! + (i % 2 === 0 ? doubled : digit)
    oddDoubled[i + 1] = oddDoubled[i]! + (i % 2 === 0 ? digit : doubled)
  }
  const lead = (first: number) =>
    digits[first]! * 1000 + digits[first + 1]! * 100 + digits[first + 2]! * 10 + digits[first + 3]!
  return {
    lead,
    passesLuhn(first, end) {
      const sums = (end - 1) % 2 === 0 ? oddDoubled : evenDoubled
      return (sums[end]! - sums[first]!) % 10 === 0
    },
    isProductCode(first, end) {
      if (end - first !== 13 || lead(first) >= 4410) return false
      let sum = 0
      for (let i = first; i < end; i += 1) sum += digits[i]! * ((i - first) % 2 === 0 ? 1 : 3)
      return sum % 10 === 0
    },
  }
}
