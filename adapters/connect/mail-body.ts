/**
 * What a mail says, in the size that a conversation's events may have: its text, its HTML part, and the whole text as a file
 * where it is longer than a transcript should show. Pure.
 */
import { maskText } from '../../machines/sensitive-data.ts'
import { withoutData } from '../data-address.ts'

/** An event, its record and its effects repeat a mail's body, and all of it must fit into one stored message. */
const text_chars_max = 40_000
const html_chars_max = 60_000
/** What a file of the text may have; people do not write more. */
const file_chars_max = 1_000_000

export interface MailText {
  text: string
  /** Card data was hidden here, before the text was cut, since half a number is not seen for what it is. */
  found: boolean
  /** The text as it was before it was cut, card data masked. */
  whole?: Uint8Array
}

/** A text that is short enough stays as it is. */
export function mailText(written: string): MailText {
  if (written.length <= text_chars_max) return { text: written, found: false }
  const { text, found } = maskText(written.slice(0, file_chars_max))
  return { text: `${text.slice(0, text_chars_max)}\n[…]`, found, whole: new TextEncoder().encode(text) }
}

/** The HTML part without the pictures inside it, which nobody has looked into; none where it is too long all the same. */
export function mailHtml(written: string): string {
  const html = withoutData(written)
  return html.length <= html_chars_max ? html : ''
}
