/**
 * Finds card numbers in a reading: bare runs, groups under many separators, and several cards run together.
 * Speaks to `issuers.ts` (may this be a card?) and `harmless-numbers.ts` (is it something else?).
 * Invariants: a number begins and ends where a run of digits does; of each number all but the last four digits are
 * hidden; work is linear, for a window never holds more than nineteen groups.
 */
import { isGluedIdentifier, type Surroundings, shieldHarmless, surroundings } from './harmless-numbers.ts'
import { type DigitRow, digitRow, isAmex, issuerFit, pan_digits_max, pan_digits_min } from './issuers.ts'

const digits_kept = 4

/** What is to be hidden, character by character of the reading. */
export interface Findings {
  hidden: Uint8Array
  /** Digits that belong to a card number, kept ones included. */
  pan: Uint8Array
  /** Where each card number ends, and how many digits its code has. */
  ends: { to: number; codeDigits: number }[]
}

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
    for (const { first, end } of [...windowsIn(chain), ...cardsRunTogether(chain)]) {
      hidePan(findings, places.subarray(first, end), isAmex(row.lead(first)) && end - first === 15 ? 4 : 3)
    }
  }
  return findings
}

/** All digits in a row, without what stands between them, and where each one stands. */
function digitsOf(chars: string): { places: Int32Array; row: DigitRow } {
  const places = new Int32Array(chars.length)
  const digits = new Uint8Array(chars.length)
  let count = 0
  for (let at = 0; at < chars.length; at += 1) {
    const value = chars.charCodeAt(at) - 48
    if (value < 0 || value > 9) continue
    places[count] = at
    digits[count] = value
    count += 1
  }
  return { places: places.subarray(0, count), row: digitRow(digits.subarray(0, count)) }
}

/** An unbroken run of digits: its place in the row of digits [first, end) and in the reading [from, to). */
interface Group {
  first: number
  end: number
  from: number
  to: number
}

const gap_chars_max = 4
const gap = /^[\s\-.,/_|:;\\~()[\]'"]+$/

/** Yields the groups that only separators part from each other, chain by chain. */
function* chainsOf(chars: string, places: Int32Array): Generator<Group[]> {
  let chain: Group[] = []
  for (let first = 0; first < places.length; ) {
    let end = first + 1
    while (end < places.length && places[end] === places[end - 1]! + 1) end += 1
    const group = { first, end, from: places[first]!, to: places[end - 1]! + 1 }
    const previous = chain.at(-1)
    if (previous && !(group.from - previous.to <= gap_chars_max && gap.test(chars.slice(previous.to, group.from)))) {
      yield chain
      chain = []
    }
    chain.push(group)
    first = end
  }
  if (chain.length > 0) yield chain
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
    if (continuesList(chain, from)) continue
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
    if (row.isProductCode(start.first, last.end)) return false
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

/** How cards are printed when not in fours: Amex, Diners, old Visa, 19-digit UnionPay. */
const printedShapes = new Set(['4,6,5', '4,6,4', '4,3,3,3', '6,13'])

/**
 * Whether the groups lie as people write a card number: as printed, in fours (a blank may be forgotten), or digit by
 * digit and in pairs. After a card word any grouping counts, if the number opens the chain.
 */
function isGroupedAsCard(chain: Chain, from: number, to: number, isRareLength: boolean): boolean {
  const { groups } = chain
  const gaps = gapsOf(chain, from, to)
  const alike = gaps.every((one) => one === gaps[0])
  // Blanks, dashes and dots get mixed in one number; a list under commas or slashes is at least even.
  if (!alike && !gaps.every((one) => /^[\s.-]+$/.test(one))) return false
  if (isLongNumber(chain, from, to)) return false
  const { ofCard, label } = chain.said!
  if (label === 'card' && from === 0) return true
  const lengths = groups.slice(from, to + 1).map(({ first, end }) => end - first)
  const digits = groups[to]!.end - groups[from]!.first
  if (isRareLength && !ofCard && digits < 16) return false
  if (inFours(lengths) || printedShapes.has(lengths.join())) return true
  return alike && (lengths[0] === 1 || lengths[0] === 2) && inSteps(lengths, lengths[0])
}

/** In a list of one- or two-digit numbers some stretch always looks like a card, so only its beginning counts. */
function continuesList({ chars, groups, next }: Chain, at: number): boolean {
  const [left, one, right] = [groups[at - 1], groups[at]!, groups[at + 1]]
  const size = sizeOf(one)
  if (size > 2 || at === next || !left || !right || sizeOf(left) !== size) return false
  return chars.slice(left.to, one.from) === chars.slice(one.to, right.from)
}

function gapsOf({ chars, groups }: Chain, from: number, to: number): string[] {
  const gaps: string[] = []
  for (let at = from; at < to; at += 1) gaps.push(chars.slice(groups[at]!.to, groups[at + 1]!.from))
  return gaps
}

function sizeOf(group: Group): number {
  return group.end - group.first
}

function inFours(lengths: number[]): boolean {
  const last = lengths.at(-1)!
  const before = lengths.slice(0, -1)
  if (last < 4) return before.every((length) => length === 4)
  return lengths.every((length) => length === 4 || length === 8)
}

function inSteps(lengths: number[], step: number): boolean {
  return lengths.slice(0, -1).every((length) => length === step) && lengths.at(-1)! <= step
}

/** A SIM number (ITU-T E.118: 89..., 18-22 digits) or a USPS tracking number (420/91-95..., 20-34) written in fours. */
function isLongNumber({ chars, groups, row }: Chain, from: number, to: number): boolean {
  const isLink = (at: number) => {
    const [left, right] = [groups[at], groups[at + 1]]
    return left && right && sizeOf(left) === 4 && sizeOf(right) <= 4 && right.from - left.to === 1
  }
  let start = from
  while (from - start < 8 && isLink(start - 1) && /[ -]/.test(chars[groups[start]!.from - 1]!)) start -= 1
  if (start === from) return false
  let end = to
  while (end - to < 8 && isLink(end)) end += 1
  const digits = groups[end]!.end - groups[start]!.first
  const lead = String(row.lead(groups[start]!.first)).padStart(4, '0')
  if (lead.startsWith('89')) return digits >= 18 && digits <= 22
  return /^(?:420|9[1-5])/.test(lead) && digits >= 20 && digits <= 34
}

/** Cards pasted back to back without a blank, and a card with its expiry (MMYY) and code glued on. */
function* cardsRunTogether(chain: Chain): Generator<{ first: number; end: number }> {
  const { chars, row, shield } = chain
  for (const { first, end, from, to } of chain.groups) {
    if (end - first <= pan_digits_max || shield[from] || isGluedIdentifier(chars, from, to)) continue
    yield* tiles(row, first, end, chars.slice(to - 8, to))
  }
}

const lengthsRunTogether = [16, 15, 19, 14, 13]
const glued_expiry = /^(?:0[1-9]|1[0-2])[2-4]\d(?:\d{3,4})?$/

/** Lays card numbers end to end over a run of digits; a chance fit over the whole run is next to impossible. */
function tiles(row: DigitRow, first: number, end: number, tail: string): { first: number; end: number }[] {
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
