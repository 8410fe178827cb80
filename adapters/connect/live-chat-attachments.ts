/**
 * The files of a live chat message: those handed on, and those dropped by the provider or here (LC11, flows.md 7.1).
 * Names and types decide here; what is in a file is looked at where it is fetched (`runtime/attachments.ts`).
 * Invariants: a dropped attachment has no address, so nobody can fetch it by mistake; no name carries card data (PC5);
 * bytes that came inside the body stand in no address.
 */
import type { Attachment } from '../../machines/events.ts'
import { maskText } from '../../machines/sensitive-data.ts'
import type { InboundFiles } from '../adapter.ts'
import { dataAddress } from '../data-address.ts'
import { file_bytes_max } from '../inbound-file.ts'
import { type Fields, nestedList, nestedObject, scalarText, textOr } from '../loose-body.ts'
import { isListedFileType } from './file-types.ts'
import { attachments_max, droppedByProvider } from './provider-drops.ts'
import { clearedByProvider, couldNotScan } from './scan-verdict.ts'

/**
 * What `attachments` lists (JSON inside a string, or a real list; unreadable is none, E9), then what the provider dropped.
 * Dropped here as `unprocessable`: types off the list (pictures among them), more than 25 MB, no address that a browser
 * could fetch, and everything when the provider could not scan. Of a file inside the body only its content counts.
 * Dropped here as `sensitive`: a name with card data in it, since the address repeats it.
 */
export function liveChatAttachments(body: Fields): Attachment[] {
  const unscanned = couldNotScan(body)
  const listed = entriesOf(body).map((entry) => attachmentOf(entry, unscanned))
  return [...listed, ...droppedByProvider(body)].slice(0, attachments_max).map(withoutCardData)
}

/** What else is known of them: the bytes of those inside the body (`data:` addresses), and whether they were checked. */
export function inboundFiles(body: Fields): InboundFiles {
  const bytes = entriesOf(body).map((entry) => dataAddress(addressOf(entry))?.bytes)
  return { bytes: bytes.slice(0, attachments_max), isCleared: clearedByProvider(body) }
}

const entriesOf = (body: Fields): Fields[] =>
  (nestedList(body.attachments) ?? []).map(nestedObject).filter((entry) => Object.keys(entry).length > 0)

const addressOf = (entry: Fields): string => textOr(entry.file, '') || textOr(entry.url, '')

function attachmentOf(entry: Fields, unscanned: boolean): Attachment {
  const inside = dataAddress(addressOf(entry))
  const url = webAddress(addressOf(entry))
  const name = textOr(entry.name, '') || nameIn(url)
  const contentType = textOr(entry.contentType, '') || (inside?.contentType ?? '')
  if (inside && !unscanned) return { name: name || nameless, contentType, url: '' }
  const kept =
    url !== undefined && !unscanned && bytesOf(entry.size) <= file_bytes_max && isListedFileType(name, contentType)
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
