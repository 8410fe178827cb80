/**
 * How a text reads to a person: digits of every script as 0-9, blanks and dashes of every kind as one, markup as blanks.
 * Every rule of the card-data detector looks at a reading; the offsets lead its findings back to the text as it was sent.
 * Invariants: a reading is never longer than its text; time is linear in the text; nothing here decides what is a card.
 */

export interface Reading {
  chars: string
  /** For each character of `chars`, where it begins and ends in the text (UTF-16 units). */
  from: Int32Array
  to: Int32Array
}

interface Piece {
  char: string
  to: number
}

/** A tag with this many digits could hide a card number in an attribute, so it is read as text. */
const tag_digits_max = 11
const tag_chars_max = 1_000

/**
 * Reads a text (flows.md 7.2 "normalise first", E104). Invisible characters vanish, a run of blanks becomes one blank
 * (a line break if it holds one), HTML tags become blanks and character references are resolved. Never throws.
 */
export function read(text: string): Reading {
  const chars: string[] = []
  const from = new Int32Array(text.length)
  const to = new Int32Array(text.length)
  const known = new Map<number, string>()
  for (let at = 0; at < text.length; ) {
    const piece = markup(text, at, known) ?? plain(text, at, known)
    const last = chars.length - 1
    if (isBlank(piece.char) && isBlank(chars[last])) {
      if (piece.char === '\n') chars[last] = '\n'
      to[last] = piece.to
    } else if (piece.char !== '') {
      from[chars.length] = at
      to[chars.length] = piece.to
      chars.push(piece.char)
    }
    at = piece.to
  }
  return { chars: chars.join(''), from, to }
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\n'
}

function plain(text: string, at: number, known: Map<number, string>): Piece {
  const point = text.codePointAt(at)!
  return { char: charOf(point, known), to: at + (point > 0xffff ? 2 : 1) }
}

const reference = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(nbsp|thinsp|ensp|emsp)|(zwnj|zwj|shy)|(?:ndash|mdash|minus));/iy
const tag = new RegExp(`<[a-z/!][^<>]{0,${tag_chars_max}}>`, 'iy')

/** One HTML tag or character reference, so that the HTML body of a mail is masked like its plain body (E106). */
function markup(text: string, at: number, known: Map<number, string>): Piece | undefined {
  const first = text[at]
  if (first !== '&' && first !== '<') return undefined
  const pattern = first === '&' ? reference : tag
  pattern.lastIndex = at
  const match = pattern.exec(text)
  if (!match) return undefined
  const end = at + match[0].length
  if (first === '<') {
    return match[0].replace(/\D/g, '').length > tag_digits_max ? undefined : { char: ' ', to: end }
  }
  const [, decimal, hex, blank, invisible] = match
  if (blank) return { char: ' ', to: end }
  if (invisible) return { char: '', to: end }
  if (!decimal && !hex) return { char: '-', to: end }
  const point = decimal ? Number(decimal) : Number.parseInt(hex!, 16)
  return point > 0x10ffff ? undefined : { char: charOf(point, known), to: end }
}

/** One character for a code point, or none for an invisible one. `known` remembers the dear answers of this text. */
function charOf(point: number, known: Map<number, string>): string {
  if (point < 0x80) {
    if (point === 0x0a || point === 0x0d) return '\n'
    if (point === 0x20 || point === 0x09 || point === 0x0b || point === 0x0c) return ' '
    return point < 0x20 || point === 0x7f ? '' : String.fromCharCode(point)
  }
  let char = known.get(point)
  if (char === undefined) {
    char = foreignChar(point)
    known.set(point, char)
  }
  return char
}

function foreignChar(point: number): string {
  const char = String.fromCodePoint(point)
  if (/\p{Nd}/u.test(char)) return String(digitValue(point))
  if (/[\p{Mn}\p{Me}\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(char)) return ''
  if (/[\u2028\u2029\u0085]/.test(char)) return '\n'
  if (/\p{Z}/u.test(char)) return ' '
  // The minus sign and the Japanese long-vowel mark are typed where a hyphen is meant.
  if (/[\p{Pd}\u2212\u30fc]/u.test(char)) return '-'
  if (/[\u00b7\u2022\u2219\u2027\u2026\u30fb]/.test(char)) return '.'
  if (/[\u060c\u3001]/.test(char)) return ','
  const folded = char.normalize('NFKC')
  if (folded.length === 1) return folded
  return char.length === 1 ? char : '\ufffd'
}

/** Unicode lays decimal digits out in unbroken rows from zero to nine, so the way back to the row's start is the value. */
function digitValue(point: number): number {
  let start = point
  while (/\p{Nd}/u.test(String.fromCodePoint(start - 1))) start -= 1
  return (point - start) % 10
}
