/**
 * A card number over several messages: "4111 1111", then "1111 1111". Of the part that completes it no digit stays.
 * Speaks to `card-data.ts`, which judges the parts joined as it judges any text; what is decided here is only whether two
 * messages touch. Pure: the caller keeps the tail between messages and says when each was sent.
 * Invariants: parts of fewer digits than `part_digits_min` are nothing, so answers to a menu neither begin nor complete a
 * number; a number is hidden only when it crosses the border of two messages; a tail holds at most `tail_digits_max` digits.
 */
import { findCardData } from './card-data.ts'
import { chainsOf, digitsOf, type Group, sizeOf } from './digit-groups.ts'
import { cardWord, isGluedIdentifier, surroundings } from './harmless-numbers.ts'
import { pan_digits_max } from './issuers.ts'
import { type Reading, read } from './reading.ts'
import { starsOver } from './stars.ts'

/** The digits a customer's messages ended with, should the next message go on with them. */
export interface DigitTail {
  /** Groups under blanks, at most 18 digits: "4111 1111". */
  digits: string
  /** Whether words have called them a card's. */
  ofCard: boolean
  /** When the last of them were sent, ISO 8601. */
  at: string
}

/** The smallest part of a printed number: the end of nineteen digits in fours. */
const part_digits_min = 3
const tail_digits_max = pan_digits_max - 1
/** Who splits a number writes the next part at once; what comes later is about something else. */
const split_window_ms = 15 * 60_000

/**
 * Masks in `text` what completes a card number that the messages before it began, expiry and code behind it included
 * (SM12-SM14). `text` is masked already for what it holds alone; `tail` is what the call for the message before it gave.
 * `at` is when it was sent, ISO 8601. Returns the text, whether this call hid anything, and the tail for the next one.
 */
export function maskSplit(
  text: string,
  at: string,
  tail: DigitTail | undefined,
): { text: string; found: boolean; tail: DigitTail | undefined } {
  const heard = tail && isFresh(tail, at) ? tail : undefined
  if (heard === undefined && !mayHoldDigits.test(text)) return { text, found: false, tail: undefined }
  const said = digitsSaid(text)
  const masked = heard && said.opening ? maskJoined(heard, text, said.opening) : text
  if (masked !== text) return { text: masked, found: true, tail: undefined }
  return { text, found: false, tail: tailOf(said, at, heard) }
}

/** A digit, or what could be read as one: of another script, or a character reference. Most messages hold nothing of it. */
const mayHoldDigits = /[\d&\u0080-\uffff]/

/** Whether a message may complete a number at all: whoever must fetch the tail first can spare it where it may not. */
export function mayContinueNumber(text: string): boolean {
  return digitsSaid(text).opening !== undefined
}

function isFresh(tail: DigitTail, at: string): boolean {
  return Math.abs(Date.parse(at) - Date.parse(tail.at)) <= split_window_ms
}

/** Groups of digits that only separators part, and whether words call them a card's. */
interface Part {
  reading: Reading
  groups: Group[]
  ofCard: boolean
}

/** The parts with which a text may go on with a number and leave one open; one part where it is nothing else. */
interface Said {
  opening: Part | undefined
  closing: Part | undefined
  /** It holds nothing but what may stand between the parts of a number, so it parts nothing. */
  isFiller: boolean
}

function digitsSaid(text: string): Said {
  const reading = read(text)
  const { chars } = reading
  const chains = [...chainsOf(chars, digitsOf(chars).places)]
  const [first, last] = [chains[0], chains.at(-1)]
  if (!first || !last) return { opening: undefined, closing: undefined, isFiller: isBetween(chars) }
  const mayEndOpen = isBetween(chars.slice(last.at(-1)!.to)) && !endOfNumber.test(textBefore(chars, last))
  return {
    opening: isBetween(chars.slice(0, first[0]!.from)) ? partOf(reading, first) : undefined,
    closing: mayEndOpen ? partOf(reading, last) : undefined,
    isFiller: false,
  }
}

/** "my card ends in 1111": these four are the end of a number, not the beginning of one. */
const endOfNumber = /\b(?:end(?:s|ed|ing)?|last)\b[^\d\n]{0,20}$/i
const before_chars_max = 40

function textBefore(chars: string, groups: Group[]): string {
  const { from } = groups[0]!
  return chars.slice(Math.max(0, from - before_chars_max), from)
}

/** Signs that make a number a sum, a phone or an order; a star says that what follows is left of a masked number. */
const otherSign = /[+#$€£*] ?\(?$/
/** Half a number is weak evidence, so a noun alone speaks for something else; for whole numbers it does not. */
const otherNoun =
  /\b(?:order|case|transaction|customer|client|member|policy|contract|pin|otp|code|zip|post ?code|room|flight|meter|bestellung|pedido|commande)[\s:._-]*(?:(?:numbers?|no|nr|num|id|is|was)[\s:._-]*){0,3}$/i
const unitAfter = /^ ?(?:[%€$£]|eur|usd|dollar)/i

/** A chain as a part of a number; none where it is too small, or its words and signs say that it is something else. */
function partOf(reading: Reading, groups: Group[]): Part | undefined {
  const { chars } = reading
  const [from, to] = [groups[0]!.from, groups.at(-1)!.to]
  if (groups.reduce((sum, group) => sum + sizeOf(group), 0) < part_digits_min) return undefined
  const before = textBefore(chars, groups)
  if (otherSign.test(before) || otherNoun.test(before) || unitAfter.test(chars.slice(to, to + 8))) return undefined
  const { label, ofCard } = surroundings(chars, from, to)
  if (label === 'phone' || label === 'record') return undefined
  return ofCard || !isGluedIdentifier(chars, from, to) ? { reading, groups, ofCard } : undefined
}

const between_chars_max = 60
/** What people write before, between and after the parts; "order", "at" or "euros" would speak of another number. */
const between = new RegExp(
  `^[\\s\\-.,/_|:;~()[\\]'"!?]*(?:(?:${[
    'and|then|so|ok|okay|yes|sorry|here|now|wait|please|thanks|y|und|et|the|this|is|are|it|its|s|my|of|first|second|next',
    'last|rest|remaining|other|half|part|digits|numbers?|four|eight|more|follows|continued|cont|cards?|visa|mastercard|amex',
  ].join('|')})(?!\\p{L})[\\s\\-.,/_|:;~()[\\]'"!?]*){0,6}$`,
  'iu',
)

function isBetween(chars: string): boolean {
  return chars.length <= between_chars_max && between.test(chars)
}

/** The text with stars over what the join completes; the text itself where no number crosses the border. */
function maskJoined(tail: DigitTail, text: string, { reading, groups }: Part): string {
  const { chars } = reading
  const start = groups[0]!.from
  // What stood between would part the groups; the writer's own separator keeps the layout even.
  const separator = groups[1] ? chars.slice(groups[0]!.to, groups[1].from) : ' '
  const word = tail.ofCard || cardWord.test(chars.slice(0, start)) ? 'card ' : ''
  const before = word + tail.digits.replaceAll(' ', separator)
  const { hidden, pan } = findCardData(before + separator + chars.slice(start))
  const border = before.length + separator.length
  if (!pan[before.length - 1] || !pan[border]) return text
  const completing = hidden.map((is, at) => is | pan[at]!).subarray(border)
  const inText = new Uint8Array(chars.length)
  inText.set(completing, start)
  return starsOver(text, reading, inText)
}

/** The last groups that a number of up to nineteen digits may begin with; what the tail before it began goes on. */
function tailOf(
  { opening, closing, isFiller }: Said,
  at: string,
  before: DigitTail | undefined,
): DigitTail | undefined {
  if (isFiller) return before
  if (!closing) return undefined
  const goesOn = before !== undefined && opening?.groups[0] === closing.groups[0]
  const own = closing.groups.map(({ from, to }) => closing.reading.chars.slice(from, to))
  const groups = goesOn ? [...before.digits.split(' '), ...own] : own
  let [start, digits] = [groups.length, 0]
  while (start > 0 && digits + groups[start - 1]!.length <= tail_digits_max) digits += groups[--start]!.length
  if (digits === 0) return undefined
  return { digits: groups.slice(start).join(' '), ofCard: closing.ofCard || (goesOn && before.ofCard), at }
}
