/**
 * The door for delivery receipts from Connect: `outbound/receipt-*.json` becomes `receipt.updated` (flows.md 4.4).
 */
import type { Door, Heard } from '../adapter.ts'
import { fingerprint } from '../fingerprint.ts'
import { type Fields, nestedObject, objectAt, textOr } from '../loose-body.ts'
import { utcMoment } from '../moment.ts'

const body_bytes_max = 1_048_576

/**
 * Hears what became of one message. The actor comes from the call-back data we gave, when they came back.
 * Throws `MalformedBody` without `deliveryInfoNotification.deliveryInfo`.
 */
export const receiptsDoor: Door = { name: 'receipts', body_bytes_max, parse }

function parse(body: unknown, receivedAt: string): Heard {
  const path = 'deliveryInfoNotification'
  const notification = objectAt(objectAt(body)[path], path)
  const info = objectAt(notification.deliveryInfo, `${path}.deliveryInfo`)
  const code = textOr(info.code, '')
  const { actor, key } = nestedObject(notification.callbackData)
  return {
    kind: 'receipt',
    actor: textOr(actor, '') || undefined,
    event: {
      type: 'receipt.updated',
      id: idOf(notification, info, code),
      at: utcMoment(info.timeStamp) ?? receivedAt,
      correlationId: textOr(notification.correlationid, ''),
      ...(textOr(key, '') === '' ? {} : { key: textOr(key, '') }),
      status: textOr(info.deliveryStatus, ''),
      code,
    },
  }
}

/** A receipt has no id: it is the code of one part of one message. Without either, what else it says. */
function idOf(notification: Fields, info: Fields, code: string): string {
  const transaction = textOr(notification.transid, '')
  const part = textOr(notification.subtid, '')
  if (transaction + part !== '') return fingerprint(transaction, part, code)
  return fingerprint(textOr(notification.correlationid, ''), textOr(info.timeStamp, ''), code)
}
