/**
 * Card numbers written without a blank between them, or with expiry and code glued on.
 * Used by `card-numbers.ts` for runs of digits too long to be one card.
 * Invariants: the whole run must be accounted for; time is linear in the run.
 */
import { type DigitRow, issuerFit } from './issuers.ts'

const lengthsRunTogether = [16, 15, 19, 14, 13]
/** MMYY, alone or with a code. */
const glued_expiry = /^(?:0[1-9]|1[0-2])[2-4]\d(?:\d{3,4})?$/

/**
 * Lays card numbers end to end over the digits [first, end), with at most MMYY and a code left over; a chance fit over a
 * whole run is next to impossible. `tail` is the run's last eight digits. Returns no number where the run does not fit.
 */
export function cardsRunTogether(
  row: DigitRow,
  first: number,
  end: number,
  tail: string,
): { first: number; end: number }[] {
  const length = end - first
  const size = new Uint8Array(length + 1)
  for (let at = 0; at < length; at += 1) {
    if (at > 0 && !size[at]) continue
    for (const step of lengthsRunTogether) {
      const next = at + step
      if (next > length || size[next] || issuerFit(row.lead(first + at), step) !== 'usual') continue
      if (row.passesLuhn(first + at, first + next)) size[next] = step
    }
  }
  const rest = [0, 4, 7, 8].find((left) => size[length - left] && (left === 0 || glued_expiry.test(tail.slice(-left))))
  const found: { first: number; end: number }[] = []
  if (rest === undefined) return found
  for (let at = length - rest; at > 0; at -= size[at]!) found.push({ first: first + at - size[at]!, end: first + at })
  return found
}
