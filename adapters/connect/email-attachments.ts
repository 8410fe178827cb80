/**
 * The files of a mail (EM4, flows.md 4.3): `attachments` lists what is at an address or, beyond the samples, inside the
 * body as base64; what the provider took out before is added as dropped (flows.md 7.1).
 */
import type { Attachment } from '../../machines/events.ts'
import { maskText } from '../../machines/sensitive-data.ts'
import type { InboundFiles } from '../adapter.ts'
import { type Fields, nestedList, nestedObject, textOr } from '../loose-body.ts'
import { attachments_max, droppedByProvider } from './provider-drops.ts'
import { clearedByProvider, couldNotScan } from './scan-verdict.ts'

/**
 * At most `attachments_max`. Dropped here: as `unprocessable` what has neither bytes nor an address, and everything when the
 * provider could not scan; as `sensitive` a name with card data in it.
 */
export function emailAttachments(fields: Fields): { attachments: Attachment[]; files: InboundFiles } {
  const unscanned = couldNotScan(fields)
  const listed = (nestedList(fields.attachments) ?? [])
    .map(nestedObject)
    .filter((entry) => Object.keys(entry).length > 0)
    .slice(0, attachments_max)
  const attachments = listed.map((entry) => attachmentOf(entry, unscanned))
  const all = [...attachments, ...droppedByProvider(fields)].slice(0, attachments_max)
  const bytes = all.map((file, index) => (file.dropped === undefined ? contentOf(listed[index] ?? {}) : undefined))
  return { attachments: all, files: { bytes, isCleared: clearedByProvider(fields) } }
}

function attachmentOf(entry: Fields, unscanned: boolean): Attachment {
  const { text: name, found } = maskText(textOr(entry.name, 'attachment'))
  const contentType = textOr(entry.contentType, '')
  const url = webAddress(textOr(entry.url, ''))
  if (found) return { name, contentType, url: '', dropped: 'sensitive' }
  const isThere = url !== '' || contentOf(entry) !== undefined
  return unscanned || !isThere ? { name, contentType, url: '', dropped: 'unprocessable' } : { name, contentType, url }
}

function contentOf(entry: Fields): Uint8Array | undefined {
  const written = typeof entry.content === 'string' ? entry.content.trim() : ''
  return /^[A-Za-z0-9+/\s]+={0,2}$/.test(written) ? Buffer.from(written, 'base64') : undefined
}

function webAddress(raw: string): string {
  if (!URL.canParse(raw)) return ''
  const url = new URL(raw)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : ''
}
