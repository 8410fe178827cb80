/**
 * All that is card data in a reading: numbers first, then what stands beside them.
 * Speaks to `card-numbers.ts` and `card-codes.ts`; asked by `sensitive-data.ts` of a text and by `split-numbers.ts` of two.
 * Invariant: whoever masks, masks by these findings; there is one detector.
 */
import { findCardCodes } from './card-codes.ts'
import { type Findings, findCardNumbers } from './card-numbers.ts'

/** What a reading (`reading.ts`) holds of card numbers, security codes, expiry dates and track data. */
export function findCardData(chars: string): Findings {
  const findings = findCardNumbers(chars)
  findCardCodes(chars, findings)
  return findings
}
