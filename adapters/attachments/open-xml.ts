/**
 * Word and Excel files (DOCX, XLSX): a zip of XML parts, told apart by which main part is there. Every part is read:
 * body, headers, footers, notes, comments, sheets, shared strings, properties, charts. Pure.
 * Invariant: a part that is not read makes the file unprocessable: pictures, macros, embedded files (LC11, E107).
 */
import { htmlTexts } from './html.ts'
import { openXmlLines } from './open-xml-text.ts'
import { decodedText } from './plain-text.ts'
import { Unprocessable } from './unprocessable.ts'
import { type ZipPart, zipParts } from './zip.ts'

const format = 'application/vnd.openxmlformats-officedocument'
const formats = [
  { main: 'word/document.xml', contentType: `${format}.wordprocessingml.document`, between: '\n' },
  // Nothing that stands between the groups of a card number: cells side by side are many numbers, not one.
  { main: 'xl/workbook.xml', contentType: `${format}.spreadsheetml.sheet`, between: '\n¦\n' },
]

/** The content type and the texts of an Office file. Throws `Unprocessable` for every other archive. */
export function openXmlContents(bytes: Uint8Array): { contentType: string; texts: Iterable<string> } {
  const parts = zipParts(bytes)
  const has = (name: string) => parts.some((part) => part.name === name)
  const [found, ...others] = formats.filter(({ main }) => has(main))
  if (!found || others.length > 0 || !has('[Content_Types].xml')) throw new Unprocessable('an archive of another kind')
  return { contentType: found.contentType, texts: textsOf(parts, found.between) }
}

function* textsOf(parts: ZipPart[], between: string): Generator<string> {
  const foreign = parts.find(({ name }) => !isRead(name) && !isHarmless(name))
  if (foreign) throw new Unprocessable('a picture, a macro or a file inside the document')
  for (const part of parts.filter(({ name }) => isRead(name))) {
    const text = decodedText(part.read())
    if (text === undefined) throw new Unprocessable('a part that is no text')
    // Drawings of old notes are XML with the liberties of a web page.
    if (part.name.endsWith('.vml')) yield* htmlTexts(text)
    else yield openXmlLines(text).join(between)
  }
}

const isRead = (name: string): boolean => /\.(xml|rels|vml)$/i.test(name)
/** Folders, and what a printer likes to be told. */
const isHarmless = (name: string): boolean => name.endsWith('/') || /^xl\/printerSettings\/[^/]+\.bin$/.test(name)
