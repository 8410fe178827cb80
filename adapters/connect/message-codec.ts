/**
 * Outbound messages as Connect's messaging API v2 writes them, and what its answer means.
 * Keeps: the same bytes for the same payload, and call-back data that lead a receipt to its conversation.
 */
import type { OutboundMessage } from '../../machines/effects.ts'
import { EffectError } from '../adapter.ts'
import type { Answer } from '../http.ts'
import { nestedObject, textOr } from '../loose-body.ts'
import { agreed, failureOfStatus } from '../status-failure.ts'

/** The one code that means Connect took the message. */
const queued = '1001'

/**
 * The body of `POST /v2/messages` for an SMS. Without a conversation the correlation id names the actor.
 * `notifyUrl` goes along only when it is known where receipts reach us.
 */
export function smsBody(message: OutboundMessage, notifyUrl: string | undefined): string {
  const { actor, address, conversationId, purpose } = message
  return JSON.stringify({
    appid: message.appId,
    channel: 'sms',
    from: address.asset,
    to: [
      {
        msisdn: [address.customer.replace(/^\+/, '')],
        correlationId: `conv:${conversationId === '' ? actor : conversationId}:${purpose}`,
      },
    ],
    content: { type: 'text', text: message.text },
    callbackData: JSON.stringify({ conversationId, purpose: purpose.toUpperCase(), actor }),
    ...(notifyUrl === undefined ? {} : { notifyUrl }),
  })
}

/** Throws `EffectError` unless Connect took the message: by its status, then by the code of each receiver's entry. */
export function sendAnswer(answer: Answer): object {
  if (!agreed(answer)) throw failureOfStatus('connect', 'send', answer)
  const { response } = nestedObject(answer.body)
  const entries = [response ?? answer.body].flat().map((entry) => textOr(nestedObject(entry).code, queued))
  if (entries.every((code) => code === queued)) return {}
  throw new EffectError(
    'terminal',
    'refused',
    `connect send: expected code ${queued} in the answer, found another; look for the tracking id in its logs`,
  )
}
