/**
 * What stands in a PDF: the words of its pages, of its form fields and notes, its properties and its outline.
 * Speaks to pdf.js, which runs no scripts here and draws nothing.
 * Invariant: a PDF that shows something other than words is never read: pictures, files inside, forms of another kind
 * (XFA), pages without a word (LC11, E107).
 */
import { getDocumentProxy, getResolvedPDFJS } from 'unpdf'
import { Unprocessable } from './unprocessable.ts'

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>
type Page = Awaited<ReturnType<Pdf['getPage']>>

/** The texts of a PDF. Throws `Unprocessable` for what shows more than words; what pdf.js throws for one it cannot open. */
export async function* pdfTexts(bytes: Uint8Array): AsyncGenerator<string> {
  checkWhole(bytes)
  // A copy: pdf.js takes the bytes for itself.
  const pdf = await getDocumentProxy(Uint8Array.from(bytes), {
    useSystemFonts: false,
    stopAtErrors: true,
    enableXfa: false,
  })
  yield* propertiesOf(pdf)
  let words = 0
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number)
    await checkNoPictures(page)
    for (const text of await wordsOf(page)) {
      words += text.trim().length
      yield text
    }
    yield* stringsIn(await page.getAnnotations())
    page.cleanup()
  }
  if (words === 0) throw new Unprocessable('a PDF without a word')
}

/** Nothing behind its end, no archive in its tail, and no picture among its objects, which never stand compressed. */
function checkWhole(bytes: Uint8Array): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const behind = file.slice(file.lastIndexOf('%%EOF') + 5)
  if (!file.includes('%%EOF') || /[^\s\0]/.test(behind))
    throw new Unprocessable('a PDF without its end, or with more behind')
  if (file.slice(-archive_end_chars).includes('PK\x05\x06')) throw new Unprocessable('a PDF that is an archive too')
  if (/\/(Subtype|S)\s*\/Image\b|\/Thumb\b/.test(file)) throw new Unprocessable('a picture in a PDF')
}

/** Where readers of archives look for the end of one. */
const archive_end_chars = 65_557

async function* propertiesOf(pdf: Pdf): AsyncGenerator<string> {
  const { info, metadata } = await pdf.getMetadata()
  if ((info as { IsXFAPresent?: boolean }).IsXFAPresent) throw new Unprocessable('a form of another kind in a PDF')
  if (await pdf.getAttachments()) throw new Unprocessable('a file in a PDF')
  yield* stringsIn(info)
  yield String((metadata as { getRaw?: () => string } | null)?.getRaw?.() ?? '')
  yield* stringsIn(await pdf.getOutline())
  yield* stringsIn(await pdf.getFieldObjects())
}

/** Pictures that are written into the page itself, or drawn from a font. */
async function checkNoPictures(page: Page): Promise<void> {
  const { OPS } = await getResolvedPDFJS()
  const pictures = Object.keys(OPS)
    .filter((name) => /image/i.test(name))
    .map((name) => OPS[name])
  const { fnArray } = await page.getOperatorList()
  if (fnArray.some((operator: number) => pictures.includes(operator))) throw new Unprocessable('a picture in a PDF')
}

/** The page as it reads, twice: a number may be drawn in pieces that touch, or in groups that stand apart. */
async function wordsOf(page: Page): Promise<[touching: string, apart: string]> {
  const { items } = await page.getTextContent()
  const pieces = items.map((item: { str?: string; hasEOL?: boolean }) => (item.str ?? '') + (item.hasEOL ? '\n' : ''))
  return [pieces.join(''), pieces.join(' ')]
}

const strings_max = 100_000

/** Every string in a value, whatever it is called. */
function* stringsIn(value: unknown): Generator<string> {
  const waiting: unknown[] = [value]
  for (let seen = 0; waiting.length > 0; seen += 1) {
    if (seen > strings_max) throw new Unprocessable('a PDF with more notes than are read')
    const one = waiting.pop()
    if (typeof one === 'string') yield one
    else if (one instanceof Map || Array.isArray(one)) waiting.push(...one.values())
    else if (typeof one === 'object' && one !== null && !ArrayBuffer.isView(one)) waiting.push(...Object.values(one))
  }
}
