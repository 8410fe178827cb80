/**
 * Files as customers send them, made here byte by byte: PDF, Word, Excel, mail, archives, and broken ones.
 * No real card number is in any of them.
 */
import { strToU8, type Zippable, zipSync } from 'fflate'

export const card = '4111111111111111'
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

interface PdfParts {
  /** Operators that draw the page; `(words) Tj` draws words. */
  draws?: string
  /** More objects, such as `<</Type/XObject …>>`; the first one is number 6. */
  objects?: string[]
  /** More entries of the page, of the catalogue and of the trailer. */
  page?: string
  catalog?: string
  trailer?: string
}

/** A PDF of one page with what is drawn on it. Its table of objects is left out: readers find objects by themselves. */
export function pdf({
  draws = '(A letter) Tj',
  objects = [],
  page = '',
  catalog = '',
  trailer = '',
}: PdfParts): Uint8Array {
  const drawn = `BT /F1 12 Tf 20 200 Td ${draws} ET`
  const all = [
    `<</Type/Catalog/Pages 2 0 R ${catalog}>>`,
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 300]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>> ${page}>>`,
    `<</Length ${drawn.length}>>\nstream\n${drawn}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    ...objects,
  ]
  const body = all.map((object, at) => `${at + 1} 0 obj\n${object}\nendobj\n`).join('')
  return Buffer.from(`%PDF-1.4\n${body}trailer\n<</Root 1 0 R ${trailer}>>\n%%EOF\n`, 'latin1')
}

export const pictureObject =
  '<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>\nstream\n0\nendstream'

const namespaces = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
const contentTypes =
  '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'

/** A run of a Word paragraph: letters of one style. */
export const run = (text: string): string => `<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`
export const paragraph = (...runs: string[]): string => `<w:p w:rsidR="00A77B3E">${runs.map(run).join('')}</w:p>`

/** A Word file: its body as XML, and other parts by name. */
export function docx(body: string, parts: Zippable = {}): Uint8Array {
  return zipSync({
    '[Content_Types].xml': strToU8(contentTypes),
    'word/document.xml': strToU8(
      `<?xml version="1.0"?><w:document ${namespaces}><w:body>${body}</w:body></w:document>`,
    ),
    ...parts,
  })
}

/** A Word part that is no body, such as a header. */
export const wordPart = (body: string): Uint8Array => strToU8(`<w:hdr ${namespaces}>${body}</w:hdr>`)

/** An Excel file of one sheet: its cells as XML, its shared strings, and other parts by name. */
export function xlsx(cells: string, shared: string[] = [], parts: Zippable = {}): Uint8Array {
  const strings = shared.map((runs) => `<si>${runs}</si>`).join('')
  return zipSync({
    '[Content_Types].xml': strToU8(contentTypes),
    'xl/workbook.xml': strToU8('<workbook><sheets><sheet name="Sheet1" sheetId="1"/></sheets></workbook>'),
    'xl/sharedStrings.xml': strToU8(`<sst count="${shared.length}">${strings}</sst>`),
    'xl/worksheets/sheet1.xml': strToU8(`<worksheet><sheetData><row r="1">${cells}</row></sheetData></worksheet>`),
    ...parts,
  })
}

export const numberCell = (value: string): string => `<c r="A1"><v>${value}</v></c>`

/** A mail with parts; each one is its headers and its body. */
export function eml(parts: [headers: string, body: string][], subject = 'Hello'): Uint8Array {
  const head = `From: ana@example.test\r\nTo: support@corp.example\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b1"`
  const body = parts.map(([headers, text]) => `--b1\r\n${headers}\r\n\r\n${text}\r\n`).join('')
  return utf8(`${head}\r\n\r\n${body}--b1--\r\n`)
}

/** A part of a mail that holds a file. */
export function attachedFile(name: string, type: string, bytes: Uint8Array): [headers: string, body: string] {
  const headers = `Content-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64`
  return [headers, Buffer.from(bytes).toString('base64').replace(/.{76}/g, '$&\r\n')]
}

export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)
/** How Office files with a password, and those of old Office, begin. */
export const cfb = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(1_528)])
