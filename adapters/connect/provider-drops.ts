/**
 * The attachments that the provider took out of a message before it reached us: it only counts them, and sometimes names
 * them (flows.md 7.1). Each counted one becomes a dropped attachment, so that customer and transcript can be told.
 */
import type { Attachment } from '../../machines/events.ts'
import { type Fields, nestedList, nestedObject, scalarText, textOr } from '../loose-body.ts'
import { usualContentType } from './file-types.ts'

type Reason = NonNullable<Attachment['dropped']>

/** More are not told of, however many a body claims. */
export const attachments_max = 50

/**
 * One attachment for each counted drop, with its name where the provider gives it. The combined `securityscaninfo` counts
 * all of them; of those that neither `pciInfo` nor `malwareinfo` account for, its reason is theirs.
 */
export function droppedByProvider(body: Fields): Attachment[] {
  const apart = [
    ...drops(body.pciInfo, 'nonPCIComplianceReason', 'sensitive'),
    ...drops(body.malwareinfo, 'malwareFailedReason', 'malicious'),
  ]
  const together = drops(body.securityscaninfo, 'securityFailedReason', 'unprocessable')
  return [...apart, ...together.slice(apart.length)].slice(0, attachments_max)
}

function drops(raw: unknown, reasonField: string, usual: Reason): Attachment[] {
  const check = nestedObject(raw)
  const why = nestedObject(check[reasonField])
  const named = (nestedList(why.attachments) ?? []).map(nestedObject)
  const count = Math.max(countOf(check.droppedAttachmentCount), named.length)
  return Array.from({ length: Math.min(count, attachments_max) }, (_, index) => {
    const name = textOr(named[index]?.name, '')
    const sentence = textOr(named[index]?.reason, textOr(why.text, ''))
    return { name, contentType: usualContentType(name), url: '', dropped: reasonOf(sentence) ?? usual }
  })
}

/** The sentences of the provider begin with what failed. */
function reasonOf(sentence: string): Reason | undefined {
  if (/^pci\b/i.test(sentence)) return 'sensitive'
  if (/^malware\b/i.test(sentence)) return 'malicious'
  return /^system alert\b/i.test(sentence) ? 'unprocessable' : undefined
}

function countOf(raw: unknown): number {
  const text = scalarText(raw)?.trim() ?? ''
  return /^\d+$/.test(text) ? Number(text) : 0
}
