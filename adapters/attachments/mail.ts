/**
 * Mail as a file (EML, MHTML): headers, text, HTML, and every attached file in its turn, as deep as mails are forwarded.
 * Pure. Invariant: what is attached is judged like any other file; a picture in it makes the mail unprocessable (LC11).
 */
import PostalMime, { decodeWords } from 'postal-mime'
import { htmlTexts } from './html.ts'
import { Unprocessable } from './unprocessable.ts'

const attached_max = 200

/** Whether a text begins as mails do: nothing but header lines, and among them some that every mail has. */
export function looksLikeMail(text: string): boolean {
  const head = text.slice(0, head_chars).trimStart()
  const lines = (head.split(/\r?\n\r?\n/)[0] ?? '').replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  const names = lines.map((line) => /^([!-9;-~]+):/.exec(line)?.[1]?.toLowerCase())
  const isCut = head.length === head_chars
  const isHeader = (isCut ? names.slice(0, -1) : names).every((name) => name !== undefined)
  return isHeader && new Set(names.filter((name) => ofEveryMail.has(name ?? ''))).size >= 2
}

const head_chars = 16_384
const ofEveryMail = new Set(['from', 'date', 'received', 'message-id', 'mime-version', 'subject', 'content-type', 'to'])

/** The texts of a mail; `textsOf` reads an attached file. Throws `Unprocessable` where one of them cannot be read. */
export async function* mailTexts(
  bytes: Uint8Array,
  textsOf: (bytes: Uint8Array, name: string) => AsyncIterable<string>,
): AsyncGenerator<string> {
  const { headers, text = '', html = '', attachments } = await PostalMime.parse(bytes, { forceRfc822Attachments: true })
  if (attachments.length > attached_max) throw new Unprocessable('a mail of too many files')
  yield headers.map(({ originalKey, value }) => `${originalKey}: ${decodeWords(value)}`).join('\n')
  yield text
  yield* htmlTexts(html)
  for (const { filename, content } of attachments) {
    if (typeof content === 'string') throw new Unprocessable('an attachment that was not decoded')
    yield filename ?? ''
    yield* textsOf(new Uint8Array(content), filename ?? '')
  }
}
