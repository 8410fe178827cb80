/**
 * Finds what stands beside a card number: security codes, expiry dates and magnetic track data, all hidden whole.
 * Speaks to `card-numbers.ts` through its findings, which it completes. Works on readings (`reading.ts`) only.
 * Invariants: three or four digits are a code only beside a code word or a card number; a date is an expiry only beside
 * an expiry word or a card number; digits kept of a masked number are left alone, so masked text stays as it is.
 */
import { type Findings, hidePan } from './card-numbers.ts'
import { cardWord } from './harmless-numbers.ts'
import { digitRow, issuerFit } from './issuers.ts'

/** Adds codes, expiry dates and track data to the findings of a reading (flows.md 7.2, E103). */
export function findCardCodes(chars: string, findings: Findings): void {
  hideTracks(chars, findings)
  for (const { to, codeDigits } of findings.ends) hideWhatFollows(chars, findings, to, codeDigits)
  hideExpiriesNearCards(chars, findings)
  const ofCard = findings.ends.length > 0 || cardWord.test(chars)
  hideExpiriesAfterWords(chars, findings, ofCard)
  hideCodesByWords(chars, findings, ofCard)
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9'
}

function hideDigits(chars: string, { hidden, pan }: Findings, from: number, to: number): void {
  for (let at = from; at < to; at += 1) if (isDigit(chars[at]) && !pan[at]) hidden[at] = 1
}

/** The match of a sticky or global pattern at or after `at`. */
function matchFrom(pattern: RegExp, chars: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(chars)
}

/** ISO/IEC 7813: track 1 "%B<number>^<name>^<data>?", track 2 ";<number>=<data>?"; the data holds expiry and codes. */
const track = /(?<!\d)(\d{12,19})(?:[=D]|\^[^^\n]{2,40}\^)(\d{7,})/g

function hideTracks(chars: string, findings: Findings): void {
  for (const match of chars.matchAll(track)) {
    const number = match[1]!
    const row = digitRow(Uint8Array.from(number, Number))
    if (issuerFit(row.lead(0), number.length) === 'none' || !row.passesLuhn(0, number.length)) continue
    hidePan(
      findings,
      Array.from(number, (_, i) => match.index + i),
    )
    const end = match.index + match[0].length
    hideDigits(chars, findings, end - match[2]!.length, end)
  }
}

const month = '(?:0?[1-9]|1[0-2])'
const year = '(?:20)?[2-4]\\d'
/** No more of a date follows ("12/27/2026"); a code of three digits may ("12/27/123"). */
const dateEnd = '(?!\\d|[/.-](?!\\d{3}(?!\\d))\\d)'
const expiry = `(?:${month}\\s?[/.|-]\\s?${year}|(?:0[1-9]|1[0-2])\\s?${year}|20[2-4]\\d[/-](?:0[1-9]|1[0-2]))${dateEnd}`

const expiryFollows = new RegExp(`[\\s,;:/|."'(-]{1,4}${expiry}`, 'y')
const codeFollows = /[\s,;:/|."'()-]{1,4}(\d{3,4})(?![\d%]|[:.,]\d)/y
const nothingMore = / ?(?:$|[\n,;)!?\]"']|\.(?!\d))/y

/**
 * People write number, expiry and code in one line and name none of them. A lone group of a code's length after a card
 * number is its code if nothing names it otherwise ("... 250 euros" stays).
 */
function hideWhatFollows(chars: string, findings: Findings, end: number, codeDigits: number): void {
  let at = end
  // Digits glued to a number exist only where expiry and code, or another card, were written without a blank.
  while (isDigit(chars[at]) && !findings.pan[at]) at += 1
  const glued = at > end
  hideDigits(chars, findings, end, at)
  const date = matchFrom(expiryFollows, chars, at)
  if (date) {
    hideDigits(chars, findings, at, at + date[0].length)
    at += date[0].length
  }
  const code = matchFrom(codeFollows, chars, at)
  if (glued || code?.[1]?.length !== codeDigits) return
  const after = at + code[0].length
  if (date || matchFrom(nothingMore, chars, after)) hideDigits(chars, findings, at, after)
}

const near_chars_max = 40
const expirySlashed = new RegExp(`(?<![\\d*])(?<![\\d*][/.-])${month} ?/ ?${year}${dateEnd}`, 'g')

function hideExpiriesNearCards(chars: string, findings: Findings): void {
  if (findings.ends.length === 0) return
  const upTo = new Int32Array(chars.length + 1)
  for (let at = 0; at < chars.length; at += 1) upTo[at + 1] = upTo[at]! + findings.pan[at]!
  for (const { 0: text, index } of chars.matchAll(expirySlashed)) {
    const near = upTo[Math.min(chars.length, index + text.length + near_chars_max)]!
    if (near > upTo[Math.max(0, index - near_chars_max)]!) hideDigits(chars, findings, index, index + text.length)
  }
}

/** The second kind of word is also said of contracts and offers, so it needs a card in the same text. */
const expiryWord =
  /(?<![a-z])(?:(exp(?:iry|iration)?(?: ?date)?|(?:valid|good) ?thr(?:u|ough)|mm ?\/ ?yy(?:yy)?|vto|caducidad)|expir(?:es?|ed|ing)|valid (?:until|till|to)|ablauf(?:datum)?|g[uü]ltig bis|caduca)(?![a-z])/gi
const expiryAfterWord = new RegExp(`[^\\d*]{0,20}(${expiry})`, 'y')

function hideExpiriesAfterWords(chars: string, findings: Findings, ofCard: boolean): void {
  for (const word of chars.matchAll(expiryWord)) {
    if (!word[1] && !ofCard) continue
    const date = matchFrom(expiryAfterWord, chars, word.index + word[0].length)
    if (!date) continue
    const end = date.index + date[0].length
    hideDigits(chars, findings, end - date[1]!.length, end)
  }
}

/** The first kind of word is an abbreviation for other things too, so it needs a card in the same text. */
const codeWord =
  /(?<![a-z])(?:(cid|csc)|(?:cvv|cvc|cvn)(?:2(?!\d))?|security code|card verification (?:code|value|number)|c[oó]digo de seguridad|code de s[eé]curit[eé]|cryptogramme|pr[uü]f(?:nummer|ziffer)|sicherheitscode)(?![a-z])/gi
const code_gap_chars_max = 20
const codeGap = new RegExp(`[^\\d*]{0,${code_gap_chars_max}}`, 'y')
/** "cvv (3 digits): 123" */
const codeSize = /[34][ -]?digits?/iy
const code = /(\d{3,4})(?!\d|%|[:./]\d|-\d+-)/y
/** Words and signs that name the number after them as something else than a code, as letters glued to it do. */
const otherName =
  /(?:\b(?:order|error|ticket|case|ref|reference|invoice|in|since|year|at|until|room|ext|page|line|of|for|than|past)[\s:.]*|[$€£#] ?|[a-z])$/i

function hideCodesByWords(chars: string, findings: Findings, ofCard: boolean): void {
  for (const word of chars.matchAll(codeWord)) {
    if (word[1] && !ofCard) continue
    const end = word.index + word[0].length
    const found = codeAfter(chars, findings, end) ?? codeBefore(chars, findings, word.index)
    if (found) hideDigits(chars, findings, found.from, found.to)
  }
}

interface Span {
  from: number
  to: number
}

/** The code after its word; a card number may stand between the two. Empty where a masked code already stands. */
function codeAfter(chars: string, { pan }: Findings, end: number): Span | undefined {
  let at = end
  for (let steps = 0; steps < 2; steps += 1) {
    const filler = matchFrom(codeGap, chars, at)![0]
    at += filler.length
    if (chars[at] === '*') return { from: at, to: at }
    if (filler.includes('\n') && /\p{L}/u.test(filler)) return undefined
    const size = matchFrom(codeSize, chars, at)
    if (size) {
      at += size[0].length
      continue
    }
    if (!pan[at]) {
      const digits = matchFrom(code, chars, at)
      return digits && !otherName.test(filler) ? { from: at, to: at + digits[0].length } : undefined
    }
    while (pan[at] || (isBetween(chars[at]) && pan[at + 1])) at += 1
  }
  return undefined
}

function isBetween(char: string | undefined): boolean {
  return char !== undefined && !/[\p{L}\d*]/u.test(char)
}

const before_chars_max = 60
const codeBeforeWord = /(?<![\d*])(\d{3,4})[\s,;:()=-]*(?:(?:is|as|was|for)\s+)?(?:(?:the|my|its|your)\s+)?[\s(]*$/i
/** Four or more mask characters and up to four digits: what a masked number keeps. */
const keptDigits = /(?:[*xX#.][\s/_-]{0,3}){4}(?:\d[\s/_-]{0,3}){0,4}$/

/** A code before its word ("123 is the cvv"); never the kept digits of a masked number. */
function codeBefore(chars: string, { pan }: Findings, wordAt: number): Span | undefined {
  const before = chars.slice(Math.max(0, wordAt - before_chars_max), wordAt)
  const match = codeBeforeWord.exec(before)
  if (!match) return undefined
  const from = wordAt - before.length + match.index
  if (pan[from] || keptDigits.test(before.slice(0, match.index)) || /[.,/:-]$/.test(before.slice(0, match.index))) {
    return undefined
  }
  return { from, to: from + match[1]!.length }
}
