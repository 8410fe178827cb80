/**
 * Whether a text holds card data, however long it is: the detector of `machines/sensitive-data.ts` in windows, so that
 * 25 MB need no more memory than one window. Pure.
 */
import { maskText } from '../../machines/sensitive-data.ts'

const window_chars = 65_536
/** More than any card number with its code and the words around it. */
const overlap_chars = 512

/** True when a card number, a security code, an expiry date or track data is in the text. Stops at the first one. */
export function holdsCardData(text: string): boolean {
  for (let from = 0; ; ) {
    const to = blankAt(text, from + window_chars)
    const window = text.slice(from, to)
    if (anyDigit.test(window) && maskText(window).found) return true
    if (to >= text.length) return false
    from = Math.max(from + 1, blankAt(text, to - overlap_chars))
  }
}

/** Circled and superscript ones too: the detector reads them as digits. */
const anyDigit = /\p{N}/u

/** The nearest blank before `at`, so that no window begins or ends inside a number; `at` itself where none is near. */
function blankAt(text: string, at: number): number {
  if (at >= text.length) return text.length
  for (let near = at; near > at - overlap_chars && near > 0; near -= 1) if (/\s/.test(text[near]!)) return near
  return at
}
