/**
 * What comes from a message centre: texts of customers, and what became of ours. Speaks to the SMS door and the receipts
 * door only. Invariant: ESME_ROK is said once the stream has the event (T9); `ESME_RX_T_APPN` asks for it again.
 */
import { randomUUID } from 'node:crypto'
import { type Door, MalformedBody } from '../adapter.ts'
import type { Clock } from '../clock.ts'
import { fingerprint } from '../fingerprint.ts'
import type { TextOrigin } from '../text-line.ts'
import { textIn } from './message-text.ts'
import { partCollector } from './part-collector.ts'
import { type Party, type ShortMessage, status } from './pdu.ts'
import { receiptIn } from './receipt.ts'
import type { HeardAnswer } from './session.ts'

/** Which conversation sent a text, by the id that the centre gave it. */
export interface SentTexts {
  keep(messageId: string, origin: TextOrigin): Promise<void>
  originOf(messageId: string): Promise<TextOrigin | undefined>
}

export interface SmppDoorMeans {
  clock: Clock
  sent: SentTexts
  sms: Door
  receipts: Door
  /** Never rejects. */
  accept: (door: Door, raw: Uint8Array) => Promise<{ status: number }>
}

const unanswered_max = 10_000
/** A receipt may overtake the note of what it is about. */
const note_wait_ms = 500
const international = 1

/** For a session to hear with. */
export function smppDoor(means: SmppDoorMeans): (message: ShortMessage) => Promise<HeardAnswer> {
  const takePart = partCollector(means.clock)
  /** Ids of texts whose answer was no, or was not heard: the same text is the same event when it comes again. */
  const unanswered = new Map<string, string>()

  const deliver = (message: ShortMessage, text: string, tid: string): Promise<number> =>
    stored(means, means.sms, { tid, channel: 'SMS', oa: written(message.from), da: message.to.address, message: text })

  return async (message) => {
    try {
      const receipt = receiptIn(message)
      if (receipt) return { status: await takenReceipt(means, receipt) }
      const found = textIn(message)
      if (!found) return { status: status.refused }
      const { text, part } = found
      const key = `${message.from.address} ${message.to.address}`
      if (part) return { status: await takePart(key, part, text, (whole, id) => deliver(message, whole, id)) }
      const name = fingerprint(key, text)
      const tid = unanswered.get(name) ?? randomUUID()
      unanswered.set(name, tid)
      if (unanswered.size > unanswered_max) unanswered.delete(unanswered.keys().next().value as string)
      const answer = await deliver(message, text, tid)
      return { status: answer, said: () => answer === status.ok && unanswered.delete(name) }
    } catch (error) {
      return { status: error instanceof MalformedBody ? status.refused : status.retryLater }
    }
  }
}

const written = ({ ton, address }: Party): string =>
  ton === international && /^\d+$/.test(address) ? `+${address}` : address

async function takenReceipt(means: SmppDoorMeans, receipt: NonNullable<ReturnType<typeof receiptIn>>): Promise<number> {
  const { messageId, status: outcome, code } = receipt
  if (outcome === '') return status.ok
  let origin = await means.sent.originOf(messageId)
  if (!origin) {
    await means.clock.sleep(note_wait_ms)
    origin = await means.sent.originOf(messageId)
  }
  return stored(means, means.receipts, {
    deliveryInfoNotification: {
      transid: messageId,
      subtid: outcome,
      correlationid: origin?.correlationId ?? '',
      callbackData: { actor: origin?.actor ?? '', key: origin?.key },
      deliveryInfo: { deliveryStatus: outcome, code },
    },
  })
}

async function stored({ accept }: SmppDoorMeans, door: Door, body: object): Promise<number> {
  const answer = await accept(door, new TextEncoder().encode(JSON.stringify(body)))
  if (answer.status === 200) return status.ok
  return answer.status === 429 || answer.status >= 500 ? status.retryLater : status.refused
}
