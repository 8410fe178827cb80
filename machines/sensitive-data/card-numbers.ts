/**
 * Finds card numbers in a reading: bare runs, groups under many separators, and several cards run together.
 * Speaks to `issuers.ts` (may this be a card?), `digit-groups.ts` (is it laid out as one?), `run-together.ts`, and
 * `harmless-numbers.ts` (is it something else?).
 * Invariants: a number begins and ends where a run of digits does; of each number all but the last four digits are
 * hidden; work is linear, for a window never holds more than nineteen groups.
 */
import {
  chainsOf,
  continuesList,
  digitsOf,
  type Group,
  gapsOf,
  isInLongNumber,
  isPrintedLayout,
  isSmallSteps,
  sizeOf,
} from './digit-groups.ts'
import { isGluedIdentifier, type Surroundings, shieldHarmless, surroundings } from './harmless-numbers.ts'
import { type DigitRow, isAmex, issuerFit, pan_digits_max, pan_digits_min } from './issuers.ts'
import { cardsRunTogether } from './run-together.ts'

const digits_kept = 4

/** What is to be hidden, character by character of the reading. */
export interface Findings {
  hidden: Uint8Array
  /** Digits that belong to a card number, kept ones included. */
  pan: Uint8Array
  /** Where each card number ends, and how many digits its code has. */
  ends: { to: number; codeDigits: number }[]
}

/** Enters a card number, given the places of its digits in the reading; all but the last four are to be hidden. */
export function hidePan(findings: Findings, places: ArrayLike<number>, codeDigits = 3): void {
  for (let i = 0; i < places.length; i += 1) {
    findings.pan[places[i]!] = 1
    if (i < places.length - digits_kept) findings.hidden[places[i]!] = 1
  }
  findings.ends.push({ to: places[places.length - 1]! + 1, codeDigits })
}

/** Finds the card numbers of a reading (flows.md 7.2, E100-E102, E104). */
export function findCardNumbers(chars: string): Findings {
  const findings: Findings = { hidden: new Uint8Array(chars.length), pan: new Uint8Array(chars.length), ends: [] }
  const { places, row } = digitsOf(chars)
  if (places.length < pan_digits_min) return findings
  const shield = shieldHarmless(chars)
  for (const groups of chainsOf(chars, places)) {
    if (groups.at(-1)!.end - groups[0]!.first < pan_digits_min) continue
    const chain = { chars, groups, row, shield, said: undefined, next: 0 }
    for (const { first, end } of [...windowsIn(chain), ...longRunsIn(chain)]) {
      hidePan(findings, places.subarray(first, end), isAmex(row.lead(first)) && end - first === 15 ? 4 : 3)
    }
  }
  return findings
}

interface Chain {
  chars: string
  groups: Group[]
  row: DigitRow
  shield: Uint8Array
  /** What the words around the chain say; asked once, and only when something in the chain may be a card. */
  said: Surroundings | undefined
  /** The group after the latest card found: another card may begin there. */
  next: number
}

/** Card numbers among the groups of a chain. Windows lie on group borders, so no card is found inside an IMEI. */
function* windowsIn(chain: Chain): Generator<{ first: number; end: number }> {
  const { groups, row } = chain
  for (let from = 0; from < groups.length; from += 1) {
    // In a list of small numbers some stretch always looks like a card, so only its beginning counts.
    if (from !== chain.next && continuesList(chain.chars, groups, from)) continue
    const first = groups[from]!.first
    for (let to = from; to < groups.length; to += 1) {
      const end = groups[to]!.end
      if (end - first > pan_digits_max) break
      if (end - first < pan_digits_min) continue
      const fit = issuerFit(row.lead(first), end - first)
      if (fit === 'none' || !row.passesLuhn(first, end)) continue
      if (!isCard(chain, from, to, fit === 'rare')) continue
      chain.next = to + 1
      yield { first, end }
    }
  }
}

/** ITU-T E.164: a phone number has at most fifteen digits; after a plus, more than that cannot be one. */
const phone_digits_max = 15
/** Without a plus, a word such as "call" speaks for a phone number only as long as those of Germany and Austria. */
const labelled_phone_digits_max = 13

function isCard(chain: Chain, from: number, to: number, isRareLength: boolean): boolean {
  const { chars, groups, row, shield } = chain
  const start = groups[from]!
  const last = groups[to]!
  const length = last.end - start.first
  if (shield[start.from] || shield[last.to - 1]) return false
  // The local part of a mail address or message id.
  if (chars[last.to] === '@' && /[a-z\d]/i.test(chars[last.to + 1] ?? '')) return false
  if (last.end - groups[0]!.first <= phone_digits_max && /\+ ?\(?$/.test(textBefore(chain, 3))) return false
  chain.said ??= surroundings(chars, groups[0]!.from, groups.at(-1)!.to)
  const { label, ofCard } = chain.said
  if (!ofCard) {
    if (isGluedIdentifier(chars, start.from, last.to)) return false
    if (from === 0 && label === 'phone' && length <= labelled_phone_digits_max) return false
    // Visa hardly issues thirteen digits any more; so many have German (49 15..17) and Austrian (43 6) mobile numbers,
    // and German product codes.
    if (length === 13 && /^(?:491[5-7]|436)/.test(String(row.lead(start.first)))) return false
    if (from === to && row.isProductCode(start.first, last.end)) return false
  }
  if (from < to) return isGroupedAsCard(chain, from, to, isRareLength)
  if (isFraction(chain, from)) return false
  if (from === 0 && label === 'record') return false
  return ofCard || !isRareLength
}

function textBefore(chain: Chain, length: number): string {
  const from = chain.groups[0]!.from
  return chain.chars.slice(Math.max(0, from - length), from)
}

/** Digits after a decimal point, or after a decimal comma when the whole part is zero ("0,4111..."). */
function isFraction({ chars, groups }: Chain, at: number): boolean {
  const whole = groups[at - 1]
  if (!whole) return false
  const mark = chars.slice(whole.to, groups[at]!.from)
  return mark === '.' || (mark === ',' && chars.slice(whole.from, whole.to) === '0')
}

/** A rare length is told from a phone number by its groups only when it is longer than phone numbers are. */
const shortest_rare_in_groups = 16

/** Whether a chain's groups `from` to `to` lie as people write a card number; after a card word any grouping will do. */
function isGroupedAsCard(chain: Chain, from: number, to: number, isRareLength: boolean): boolean {
  const { chars, groups, row } = chain
  const gaps = gapsOf(chars, groups, from, to)
  const alike = gaps.every((one) => one === gaps[0])
  // Blanks, dashes and dots get mixed in one number; a list under commas or slashes is at least even.
  if (!alike && !gaps.every((one) => /^[\s.-]+$/.test(one))) return false
  if (isInLongNumber(chars, groups, row, from, to)) return false
  const { ofCard, label } = chain.said!
  if (label === 'card' && from === 0) return true
  if (isRareLength && !ofCard && groups[to]!.end - groups[from]!.first < shortest_rare_in_groups) return false
  const sizes = groups.slice(from, to + 1).map(sizeOf)
  return isPrintedLayout(sizes) || (alike && isSmallSteps(sizes))
}

/** Cards pasted back to back without a blank, and a card with its expiry (MMYY) and code glued on. */
function* longRunsIn(chain: Chain): Generator<{ first: number; end: number }> {
  const { chars, row, shield } = chain
  for (const { first, end, from, to } of chain.groups) {
    if (end - first <= pan_digits_max || shield[from] || isGluedIdentifier(chars, from, to)) continue
    yield* cardsRunTogether(row, first, end, chars.slice(to - 8, to))
  }
}
