/**
 * A delivery receipt: which message it is about, and what became of it (SMPP 3.4, sections 5.2.12, 5.2.28 and appendix B).
 * The parameters count where they are there, else the text that most centres write. Pure.
 */
import { type ShortMessage, tag } from './pdu.ts'

export interface Receipt {
  messageId: string
  /** As the receipts door has it. Empty for a stage on the way: it ends in another one, so it is not told. */
  status: '' | 'Delivered' | 'Failed'
  code: string
}

const receipt_bit = 0x04
/** `message_state`, section 5.2.28, and its word in the text. */
const states = new Map<number | string, Receipt['status']>([
  [2, 'Delivered'],
  ['DELIVRD', 'Delivered'],
  [3, 'Failed'],
  ['EXPIRED', 'Failed'],
  [4, 'Failed'],
  ['DELETED', 'Failed'],
  [5, 'Failed'],
  ['UNDELIV', 'Failed'],
  [8, 'Failed'],
  ['REJECTD', 'Failed'],
])

/** Undefined for a message that is none. */
export function receiptIn({ esmClass, octets, optional }: ShortMessage): Receipt | undefined {
  if ((esmClass & receipt_bit) === 0) return undefined
  const text = octets.toString('latin1')
  const said = (name: string): string => new RegExp(`\\b${name}:(\\S*)`, 'i').exec(text)?.[1] ?? ''
  const id = optional.get(tag.receiptedMessageId)?.toString('latin1').replace(/\0.*$/s, '') ?? said('id')
  const state = optional.get(tag.messageState)?.[0] ?? said('stat').toUpperCase()
  const status = states.get(state) ?? ''
  const error = said('err').replace(/^0+$/, '')
  return { messageId: id, status, code: status === 'Failed' ? error || String(state) : '' }
}
