/**
 * Outbound messages as Connect's messaging API writes them (v2 for SMS, v1 for live chat), and what its answer means.
 * Keeps: the same bytes for the same payload, and call-back data that lead a receipt to its conversation.
 */
import type { FormQuestion, OutboundMessage } from '../../machines/effects.ts'
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
export function smsBody(message: OutboundMessage, key: string, notifyUrl: string | undefined): string {
  const { address } = message
  return JSON.stringify({
    appid: message.appId,
    channel: 'sms',
    from: address.asset,
    to: [
      {
        msisdn: [address.customer.replace(/^\+/, '')],
        correlationId: correlationIdOf(message),
      },
    ],
    content: { type: 'text', text: message.text },
    ...receiptFields(message, key, notifyUrl),
  })
}

/**
 * The body of `POST /v1/messages` for a live chat: words, a form to fill in, or answers to press (flows.md 4.4). The
 * sender is the asset itself, and the thread is mandatory. Throws a terminal `EffectError` without one.
 */
export function liveChatBody(message: OutboundMessage, key: string, notifyUrl: string | undefined): string {
  const { address, thread } = message
  if (thread === undefined || thread === '') {
    const problem = 'connect send: expected the thread of a live chat, found none; nobody can be reached'
    throw new EffectError('terminal', 'refused', problem)
  }
  return JSON.stringify({
    channel: 'rt',
    appId: address.asset,
    destination: { userId: address.customer },
    threadId: thread,
    ...chatContent(message),
    correlationId: correlationIdOf(message),
    ...receiptFields(message, key, notifyUrl),
  })
}

function chatContent({ text, form, quickReplies }: OutboundMessage): object {
  if (form)
    return { type: 'form', form: { reference: form.reference, title: text, fields: form.fields.map(wireField) } }
  if (!quickReplies) return { type: 'message', message: text }
  const { reference, options } = quickReplies
  const buttons = options.map(({ title, identifier, payload }) => ({ title, identifier, payload }))
  return { type: 'messageWithQuickReplies', message: text, quickReplies: { reference, options: buttons } }
}

const wireField = ({ name, label, type, options, mandatory }: FormQuestion) => ({
  name,
  label,
  type,
  ...(options === undefined ? {} : { options }),
  mandatory,
})

export const correlationIdOf = ({ actor, conversationId, purpose }: OutboundMessage): string =>
  `conv:${conversationId === '' ? actor : conversationId}:${purpose}`

/** What leads a receipt back: to our door where it is known, from there to the conversation, and to the message there. */
export function receiptFields(
  { actor, conversationId, purpose }: OutboundMessage,
  key: string,
  notifyUrl: string | undefined,
): object {
  return {
    callbackData: JSON.stringify({ conversationId, purpose: purpose.toUpperCase(), actor, key }),
    ...(notifyUrl === undefined ? {} : { notifyUrl }),
  }
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
