/**
 * The adapter of Connect messaging: what the customer reads goes out here.
 * One call of `perform` is one POST; the same effect makes the same bytes every time.
 */
import type { Effect, OutboundMessage } from '../../machines/effects.ts'
import { type Adapter, type Call, EffectError } from '../adapter.ts'
import { type FarSide, post } from '../http.ts'
import { emailBody } from './email-body.ts'
import { liveChatBody, sendAnswer, smsBody } from './message-codec.ts'

const destination = 'connect'

/**
 * Performs `sendMessage` for SMS, live chat and email against `farSide`. `publicUrl` is where the outside reaches the gateway
 * (`PARLEY_PUBLIC_URL`); receipts are asked for only when it is set.
 */
export function connect(farSide: FarSide, publicUrl: string | undefined): Adapter {
  const notifyUrl = publicUrl ? `${publicUrl.replace(/\/+$/, '')}/v1/receipts` : undefined
  return {
    destination,
    performs: ['sendMessage'],
    perform: (effect, call) => perform(farSide, notifyUrl, effect, call),
  }
}

async function perform(farSide: FarSide, notifyUrl: string | undefined, effect: Effect, call: Call): Promise<object> {
  if (effect.type !== 'sendMessage') {
    const message = `${destination}: expected sendMessage, found ${effect.type}; bind it to another adapter`
    throw new EffectError('terminal', 'refused', message)
  }
  const { path, body } = requestOf(effect.payload, notifyUrl, call.idempotencyKey)
  return sendAnswer(await post(destination, farSide, path, body, call))
}

function requestOf(message: OutboundMessage, notifyUrl: string | undefined, key: string) {
  const { channel } = message.address
  if (message.mail) return { path: '/v2/messages', body: emailBody(message, message.mail, key, notifyUrl) }
  if (channel === 'sms') return { path: '/v2/messages', body: smsBody(message, key, notifyUrl) }
  if (channel === 'live-chat') return { path: '/v1/messages', body: liveChatBody(message, key, notifyUrl) }
  const problem = `${destination}: expected an sms or live chat address or a mail, found ${channel}; bind another machine`
  throw new EffectError('terminal', 'refused', problem)
}
