/**
 * Delivery receipts as Connect posts them (samples/outbound/receipt-*.json), ready for the outgoing queue. Pure but for
 * the part id, which is drawn once and kept on every try.
 */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Delivery } from './entries.ts'

export interface ReceiptOf {
  /** Where the sender wants to hear of it; nobody is told when it is absent. */
  notifyUrl: string | undefined
  callbackData: string
  correlationId: string
  transid: string
  destination: string
  channel: keyof typeof kinds
}

/** The receipts of a message that arrived. */
export const arrived = [
  { code: '7501', status: 'Submitted', description: 'Submitted' },
  { code: '7500', status: 'Delivered', description: 'Delivered' },
]
/** The receipt of a message to a thread that its customer has closed (E72). */
export const invalidThread = [{ code: '7312', status: 'Failed', description: 'Invalid thread id' }]

export function receiptsOf(message: ReceiptOf, outcomes: typeof arrived, at: string): Delivery[] {
  const { notifyUrl, callbackData, correlationId, transid, destination, channel } = message
  if (notifyUrl === undefined) return []
  return outcomes.map(({ code, status, description }) => {
    const subtid = randomUUID()
    const deliveryInfo = {
      timeStamp: at,
      Description: description,
      code,
      deliveryChannel: kinds[channel].deliveryChannel,
      additionalInfo: '',
      destination,
      destinationType: kinds[channel].destinationType,
      deliveryStatus: status,
    }
    const told = { deliveryInfo, subtid, transid, callbackData, correlationid: correlationId }
    const body = { deliveryInfoNotification: told }
    return { id: subtid, kind: 'receipt', lane: transid, type: status, taskId: '', to: notifyUrl, body }
  })
}

/** The conversation a message belongs to: the runtime names it in the call-back data; others may put anything there. */
export function conversationIn(callbackData: string): string {
  try {
    const data: unknown = JSON.parse(callbackData)
    const found = z.object({ conversationId: z.string() }).safeParse(data)
    return found.success ? found.data.conversationId : ''
  } catch {
    return ''
  }
}

const kinds = {
  sms: { deliveryChannel: 'SMS', destinationType: 'msisdn' },
  email: { deliveryChannel: 'email', destinationType: 'email' },
  rt: { deliveryChannel: 'rt', destinationType: 'userid' },
}
