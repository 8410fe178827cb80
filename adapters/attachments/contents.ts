/**
 * What a file is, by its content, and the texts in it. The name helps only where the content has no sign of its own: text
 * that is called a web page or a mail is read as one. Speaks to one reader a format.
 * Invariant: what is not known to be readable whole is `Unprocessable` (E107, E109).
 */
import { fileTypeFromBuffer } from 'file-type'
import { htmlTexts } from './html.ts'
import { looksLikeMail, mailTexts } from './mail.ts'
import { openXmlContents } from './open-xml.ts'
import { pdfTexts } from './pdf.ts'
import { decodedText } from './plain-text.ts'
import { Unprocessable } from './unprocessable.ts'

export interface Contents {
  contentType: string
  /** May throw while they are read: then the file is unprocessable. */
  texts: Iterable<string> | AsyncIterable<string>
}

/** A mail in a mail in a mail; deeper ones are not opened. */
const depth_max = 3

/** Throws `Unprocessable` for types that are not read. `depth` counts the mails around this file. */
export async function contentsOf(bytes: Uint8Array, name: string, depth = 0): Promise<Contents> {
  const text = decodedText(bytes)
  const sign = (await fileTypeFromBuffer(bytes))?.mime
  if (sign === 'application/pdf') return { contentType: sign, texts: pdfTexts(bytes) }
  if (text !== undefined) return textContents(bytes, text, sign ?? '', name, depth)
  if (isZip(bytes)) return openXmlContents(bytes)
  throw new Unprocessable('a type that is not read')
}

const isZip = ([p, k, three, four]: Uint8Array): boolean => p === 0x50 && k === 0x4b && three === 3 && four === 4

function textContents(bytes: Uint8Array, text: string, sign: string, name: string, depth: number): Contents {
  if (otherTexts.test(sign) || hidden.test(text) || text.slice(0, pdf_head_chars).includes('%PDF-')) {
    throw new Unprocessable('a text that stands for something else')
  }
  if (looksLikeMail(text) || /\.(eml|mht|mhtml)$/i.test(name)) {
    return { contentType: 'message/rfc822', texts: mailTexts(bytes, (inner, called) => attached(inner, called, depth)) }
  }
  if (webPage.test(text.slice(0, sniffed_chars)) || /\.(s?html?|xhtml)$/i.test(name)) {
    return { contentType: 'text/html', texts: htmlTexts(text) }
  }
  const contentType = sign === 'application/xml' ? sign : 'text/plain'
  return { contentType, texts: contentType === 'text/plain' ? [text] : htmlTexts(text) }
}

/** Written in letters, yet no text to be read; signs of other types ("BM", "MZ") are words by chance. */
const otherTexts = /rtf$|postscript$|eps$|^text\/|^image\/svg/
/** An encrypted message; a mailbox, of which a reader of mails sees the first one only. */
const hidden = /-----BEGIN PGP MESSAGE-----|^From \S+ .*\r?\n[!-9;-~]+:/
/** Readers of PDF look this far for its first line. */
const pdf_head_chars = 1_024
const sniffed_chars = 4_096
const webPage =
  /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:!doctype html|html|head|body|title|meta|style|script|table|div|p|span|svg)\b/i

async function* attached(bytes: Uint8Array, name: string, depth: number): AsyncGenerator<string> {
  if (depth >= depth_max) throw new Unprocessable('mails in mails, deeper than is read')
  const { texts } = await contentsOf(bytes, name, depth + 1)
  yield* texts
}
