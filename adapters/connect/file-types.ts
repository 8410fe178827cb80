/**
 * Which files the provider's checks can look into (flows.md 7.1): documents, mails and Office files. All others are
 * dropped, pictures too, because nobody could say what they show.
 */

/**
 * Whether a file of this name and content type is on the list. The extension decides; without one the content type
 * does. A file that calls itself a picture, sound or film is none of these, whatever its name.
 */
export function isListedFileType(name: string, contentType: string): boolean {
  const type = bare(contentType)
  if (/^(image|audio|video)\//.test(type)) return false
  const extension = extensionOf(name)
  return extension === undefined ? listedTypes.has(type) || isOfficeType(type) : typeOf(extension) !== undefined
}

/** The usual content type of a file of this name; empty for names that are not on the list. */
export function usualContentType(name: string): string {
  return typeOf(extensionOf(name) ?? '') ?? ''
}

const extensionOf = (name: string): string | undefined => /\.([a-z][a-z0-9]*)$/i.exec(name.trim())?.[1]?.toLowerCase()
const bare = (contentType: string): string => (contentType.split(';')[0] ?? '').trim().toLowerCase()

function typeOf(extension: string): string | undefined {
  return documents.get(extension) ?? office.find(({ extensions }) => extensions.test(extension))?.type
}

const documents = new Map([
  ['html', 'text/html'],
  ['shtml', 'text/html'],
  ['mhtml', 'multipart/related'],
  ['mht', 'multipart/related'],
  ['xhtml', 'application/xhtml+xml'],
  ['xml', 'application/xml'],
  ['txt', 'text/plain'],
  ['rtf', 'application/rtf'],
  ['pdf', 'application/pdf'],
  ['pdfxml', 'application/vnd.adobe.pdfxml'],
  ['xps', 'application/vnd.ms-xpsdocument'],
  ['odt', 'application/vnd.oasis.opendocument.text'],
  ['ods', 'application/vnd.oasis.opendocument.spreadsheet'],
  ['eml', 'message/rfc822'],
  ['msg', 'application/vnd.ms-outlook'],
])

const openXml = 'application/vnd.openxmlformats-officedocument'
/** The list names Office by families (`doc*`, `xls*`, …); the newer XML form of each has a type of its own. */
const office = [
  { extensions: /^docx$/, type: `${openXml}.wordprocessingml.document` },
  { extensions: /^xlsx$/, type: `${openXml}.spreadsheetml.sheet` },
  { extensions: /^pptx$/, type: `${openXml}.presentationml.presentation` },
  { extensions: /^(doc|dot)[a-z]*$/, type: 'application/msword' },
  { extensions: /^(pot|pps|ppt)[a-z]*$/, type: 'application/vnd.ms-powerpoint' },
  { extensions: /^(xls|xlt)[a-z]*$|^xlam$/, type: 'application/vnd.ms-excel' },
  { extensions: /^pub[a-z]*$/, type: 'application/vnd.ms-publisher' },
]

const listedTypes = new Set([...documents.values(), ...office.map(({ type }) => type), 'text/xml', 'text/rtf'])

const isOfficeType = (type: string): boolean =>
  type.startsWith(`${openXml}.`) || /^application\/vnd\.ms-(word|excel|powerpoint)\b/.test(type)
