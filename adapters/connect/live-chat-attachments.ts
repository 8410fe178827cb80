/**
 * The files of a live chat message: those handed on, and those dropped by the provider or here (LC11, flows.md 7.1).
 * Invariants: a dropped attachment has no address, so nobody can fetch it by mistake; no name carries card data (PC5).
 */
import type { Attachment } from '../../machines/events.ts'
import { maskText } from '../../machines/sensitive-data.ts'
import { type Fields, nestedList, nestedObject, scalarText, textOr } from '../loose-body.ts'
import { isListedFileType } from './file-types.ts'
import { attachments_max, droppedByProvider } from './provider-drops.ts'
import { couldNotScan } from './scan-verdict.ts'

/** Each file, as the provider's scan takes it: exactly this much is still scanned. */
export const attachment_bytes_max = 26_214_400

/**
 * What `attachments` lists (JSON inside a string, or a real list; unreadable is none, E9), then what the provider dropped.
 * Dropped here as `unprocessable`: types off the list (pictures among them), more than 25 MB, no address that a browser
 * could fetch, and everything when the provider could not scan. Dropped here as `sensitive`: a name with card data in it,
 * since the address repeats it.
 */
export function liveChatAttachments(body: Fields): Attachment[] {
  const unscanned = couldNotScan(body)
  const listed = (nestedList(body.attachments) ?? [])
    .map(nestedObject)
    .filter((entry) => Object.keys(entry).length > 0)
    .map((entry) => attachmentOf(entry, unscanned))
  return [...listed, ...droppedByProvider(body)].slice(0, attachments_max).map(withoutCardData)
}

function attachmentOf(entry: Fields, unscanned: boolean): Attachment {
  const url = webAddress(textOr(entry.file, '') || textOr(entry.url, ''))
  const name = textOr(entry.name, '') || nameIn(url)
  const contentType = textOr(entry.contentType, '')
  const kept =
    url !== undefined &&
    !unscanned &&
    bytesOf(entry.size) <= attachment_bytes_max &&
    isListedFileType(name, contentType)
  if (!kept) return { name, contentType, url: '', dropped: 'unprocessable' }
  return { name: name || nameless, contentType, url: url.href }
}

function withoutCardData(attachment: Attachment): Attachment {
  const { text: name, found } = maskText(attachment.name)
  return found ? { ...attachment, name, url: '', dropped: attachment.dropped ?? 'sensitive' } : attachment
}

/** Engage wants a name for every file. */
const nameless = 'attachment'

function webAddress(raw: string): URL | undefined {
  if (!URL.canParse(raw)) return undefined
  const url = new URL(raw)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined
}

/** The last part of the path, in readable letters where they can be read. */
function nameIn(url: URL | undefined): string {
  const last = url?.pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

/** A size that is not given, or is no number, is taken to be small: the provider has its own limit. */
function bytesOf(raw: unknown): number {
  const text = scalarText(raw)?.trim() ?? ''
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
}
