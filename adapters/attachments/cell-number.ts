/**
 * How a number in a spreadsheet cell may read to a person who typed a card number into it. Pure.
 * A cell keeps a double, and Excel only its first fifteen digits: 4111111111111111 becomes 4111111111111110. The check
 * digit is lost then, so every digit is tried in its place: issuer and length decide.
 */

const exact_digits_max = 15

/** What the cell may have meant, one reading a line; empty for a number that is no card number. */
export function cellNumberReadings(raw: string): string[] {
  const value = Number(raw)
  const isShort = raw.length <= short_chars_max
  if (!Number.isInteger(value) || isShort) return isShort ? [raw] : []
  const digits = BigInt(value).toString()
  const isRounded = !Number.isSafeInteger(value) || /^0+$/.test(digits.slice(exact_digits_max))
  if (!isRounded) return [digits]
  return Array.from({ length: 10 }, (_, last) => digits.slice(0, -1) + last)
}

/** A code, a date, a short amount: as written, for the words in the cell beside it may make it a security code. */
const short_chars_max = 8
