/**
 * What a long number is when it is no card: part of an address, an account or record number, a phone number.
 * Speaks to `card-numbers.ts`, which asks before it hides anything. Works on readings (`reading.ts`) only.
 * Invariants: every rule names the shape or the word that proves it; every pattern is bounded or linear.
 */

/** Marks the characters of URLs, UUIDs and IBANs: their digits are known to mean something else. */
export function shieldHarmless(chars: string): Uint8Array {
  const shield = new Uint8Array(chars.length)
  for (const url of chars.matchAll(/(?:https?:\/\/|www\.)[^\s"'<>]+/gi)) shieldUrl(shield, url.index, url[0])
  // The groups 8-4-4-4-12 belong to a UUID even when all of them happen to be digits.
  for (const uuid of chars.matchAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\da-f])/gi)) {
    shield.fill(1, uuid.index, uuid.index + uuid[0].length)
  }
  for (const start of chars.matchAll(/(?<![a-z\d])[a-z]{2}\d\d(?=[ -]?[a-z\d])/gi)) {
    shield.fill(1, start.index, ibanEnd(chars, start.index))
  }
  return shield
}

const url_key_chars_max = 64

/** A long number in a URL is a record id, unless the parameter is named after a card ("?cardNumber=..."). */
function shieldUrl(shield: Uint8Array, from: number, url: string): void {
  shield.fill(1, from, from + url.length)
  for (const piece of url.matchAll(/[?&#;]([^?&#;]*)/g)) {
    const key = piece[1]!.slice(0, url_key_chars_max).split('=', 1)[0]!
    if (cardWord.test(key)) shield.fill(0, from + piece.index, from + piece.index + piece[0].length)
  }
}

const iban_chars_min = 15
const iban_chars_max = 34

/** The end of the IBAN that begins here, or `from` when the ISO 7064 check (mod 97) holds for no reading of it. */
function ibanEnd(chars: string, from: number): number {
  const country = Number.parseInt(chars[from]!, 36) * 100 + Number.parseInt(chars[from + 1]!, 36)
  const lead = country * 100 + Number(chars.slice(from + 2, from + 4))
  let rest = 0
  let at = from + 4
  for (let count = 5; count <= iban_chars_max; count += 1) {
    if (chars[at] === ' ' || chars[at] === '-') at += 1
    const value = Number.parseInt(chars[at] ?? '', 36)
    if (Number.isNaN(value)) return from
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
    at += 1
    const ends = !/[a-z\d]/i.test(chars[at] ?? '')
    if (ends && count >= iban_chars_min && (rest * 1_000_000 + lead) % 97 === 1) return at
  }
  return from
}

/** Words that speak of a payment card. */
export const cardWord =
  /card|karte|tarjeta|carte|cart[aã]o|visa|master|amex|american express|maestro|diners|discover|jcb|union ?pay|credit|debit|\b(?:cc|mc|pan)\b|卡|カード|карт/i

const cardOrPhoneWord = new RegExp(
  `(${cardWord.source})|\\b(?:phone|tele(?:phone|fon)|tel|mobile|cell|fax|whatsapp|sms|call(?:ed|ing|back)?|dial|ring|text me)`,
  'gi',
)
const codeWord = /\b(?:exp|cvv|cvc)|security code/i

/** A word that names a record, then nothing but "number", "id", "is" and marks. Verbs ("order") need such a word after. */
const recordLabel =
  /(?:^|[^a-z])(?:(?:order|case|transaction|sim)[\s:._-]*(?=#|n|id)|ord|inv(?:oice)?|ref(?:erence)?|track(?:ing)?|trk|parcel|shipment|imei|iccid|serial|iban|ticket|booking|po|sku|ean|isbn|barcode|timestamp|ts|fedex|ups|usps|dhl)[\s:#=._-]*(?:(?:numbers?|no|nr|num|id|code|is|was)[\s:#=._-]*){0,3}$/i

const label_chars_max = 40
const phone_label_chars_max = 25
const after_chars_max = 24

export interface Surroundings {
  /** What the words just before call the number. */
  label: 'card' | 'phone' | 'record' | 'none'
  /** Whether words before or after speak of a card. */
  ofCard: boolean
}

/** What the words around the row of digit groups [from, to) say it is; the nearest word before wins. */
export function surroundings(chars: string, from: number, to: number): Surroundings {
  const before = chars.slice(Math.max(0, from - label_chars_max), from)
  const after = chars.slice(to, to + after_chars_max)
  const cardAfter = cardWord.test(after) || codeWord.test(after)
  const nearest = [...before.matchAll(cardOrPhoneWord)].at(-1)
  if (recordLabel.test(before)) return { label: cardAfter ? 'none' : 'record', ofCard: cardAfter }
  if (nearest?.[1]) return { label: 'card', ofCard: true }
  const isPhone = nearest !== undefined && before.length - nearest.index <= phone_label_chars_max
  return { label: isPhone ? 'phone' : 'none', ofCard: cardAfter }
}

const word_chars_max = 20
const gluedCardWord =
  /card|visa|master|amex|maestro|diners|discover|jcb|pay|^(?:cc|mc|pan|no|nr|num|number|is|exp?|cvv|cvc|valid)$|^(?:exp|cvv|cvc)/i
const gluedRecordWord = /^(?:order|ord|ref|invoice|inv|ticket|case|tracking|trk|id|sku|imei|iccid|user|acc|tx|txn)$/i

/**
 * Whether letters glued to the digits [from, to) make them part of an identifier ("GB29...", "1Z999AA1...", "a4f1..."),
 * not a card number typed without a blank ("card4111...exp"). Only Latin letters count: other scripts write no blanks.
 */
export function isGluedIdentifier(chars: string, from: number, to: number): boolean {
  const left = /[a-z]*$/i.exec(chars.slice(Math.max(0, from - word_chars_max), from))![0]
  const right = /^[a-z]*/i.exec(chars.slice(to, to + word_chars_max))![0]
  return isIdentifierWord(left, chars[from - left.length - 1]) || isIdentifierWord(right, chars[to + right.length])
}

function isIdentifierWord(word: string, beyond: string | undefined): boolean {
  if (word === '' || gluedCardWord.test(word)) return false
  if (beyond !== undefined && beyond >= '0' && beyond <= '9') return true
  return word.length < 3 || /^[a-f]+$/i.test(word) || word === word.toUpperCase() || gluedRecordWord.test(word)
}
