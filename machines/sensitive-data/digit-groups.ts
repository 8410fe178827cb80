/**
 * Runs of digits, the separators between them, and the shapes in which people and printers lay a long number out.
 * Used by `card-numbers.ts` and `split-numbers.ts` on readings (`reading.ts`).
 * Invariants: the groups of a chain are parted by separators only; a question about a window costs at most its groups.
 */
import { type DigitRow, digitRow } from './issuers.ts'

/** An unbroken run of digits: its place in the row of digits [first, end) and in the reading [from, to). */
export interface Group {
  first: number
  end: number
  from: number
  to: number
}

/** All digits in a row, without what stands between them, and where each one stands. */
export function digitsOf(chars: string): { places: Int32Array; row: DigitRow } {
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

const gap_chars_max = 4
const gap = /^[\s\-.,/_|:;\\~()[\]'"]+$/

/** Yields the groups that only separators part from each other, chain by chain. */
export function* chainsOf(chars: string, places: Int32Array): Generator<Group[]> {
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

/** How many digits a group has. */
export function sizeOf(group: Group): number {
  return group.end - group.first
}

/** What stands between the groups `from` to `to`, in order. */
export function gapsOf(chars: string, groups: Group[], from: number, to: number): string[] {
  const gaps: string[] = []
  for (let at = from; at < to; at += 1) gaps.push(chars.slice(groups[at]!.to, groups[at + 1]!.from))
  return gaps
}

/** How cards are printed when not in fours: Amex, Diners, old Visa, 19-digit UnionPay. */
const printedShapes = new Set(['4,6,5', '4,6,4', '4,3,3,3', '6,13'])

/** Whether groups of these sizes are laid out as on a card: as printed, or in fours with a blank forgotten here or there. */
export function isPrintedLayout(sizes: number[]): boolean {
  if (printedShapes.has(sizes.join())) return true
  if (sizes.at(-1)! < 4) return sizes.slice(0, -1).every((size) => size === 4)
  return sizes.every((size) => size === 4 || size === 8)
}

/** Whether a number was written digit by digit or in pairs. */
export function isSmallSteps(sizes: number[]): boolean {
  const step = sizes[0]!
  return step <= 2 && sizes.slice(0, -1).every((size) => size === step) && sizes.at(-1)! <= step
}

/** Whether this group goes on a list of one- or two-digit numbers under one separator. */
export function continuesList(chars: string, groups: Group[], at: number): boolean {
  const [left, one, right] = [groups[at - 1], groups[at]!, groups[at + 1]]
  const size = sizeOf(one)
  if (size > 2 || !left || !right || sizeOf(left) !== size) return false
  return chars.slice(left.to, one.from) === chars.slice(one.to, right.from)
}

/**
 * Whether the groups are a part of a SIM number (ITU-T E.118: 89..., 18-22 digits) or a USPS tracking number
 * (420 or 91-95..., 20-34 digits),
 * written in fours.
 */
export function isInLongNumber(chars: string, groups: Group[], row: DigitRow, from: number, to: number): boolean {
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
