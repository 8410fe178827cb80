/**
 * The adapter that sends texts through Twilio's Messages resource, or through whoever speaks as Twilio does.
 * One call of `perform` is one POST; the same effect makes the same bytes every time. Twilio knows no idempotency key: an
 * attempt whose answer was lost may have been sent (`docs/connect.md`).
 */
import type { Effect, OutboundMessage } from '../../machines/effects.ts'
import { type Adapter, type Call, EffectError } from '../adapter.ts'
import { correlationIdOf } from '../connect/message-codec.ts'
import { type Answer, type Authorization, type FarSide, post } from '../http.ts'
import { nestedObject, textOr } from '../loose-body.ts'
import { agreed, failureOfStatus } from '../status-failure.ts'

const destination = 'twilio'

export interface TwilioAccount {
  accountSid: string
  /** Where the outside reaches the gateway; statuses are asked for only when it is set. */
  publicUrl: string | undefined
  /** Whether the texts of this asset go through Twilio. */
  sends: (asset: string) => boolean
}

/** What a configuration says of it. */
interface Chosen {
  twilio?: { url: string; accountSid: string; authToken: string }
  assets: readonly { id: string; provider: string }[]
  publicUrl?: string
}

/** The adapter of the account that is set, for the assets that go through it; none without one. */
export function twilioSender({ twilio: chosen, assets, publicUrl }: Chosen, now: () => number): Adapter[] {
  if (!chosen) return []
  const { url, accountSid, authToken } = chosen
  const sends = (asset: string) => assets.some(({ id, provider }) => id === asset && provider === 'twilio')
  return [
    twilio({ url, authorization: basicAuthorization(accountSid, authToken), now }, { accountSid, publicUrl, sends }),
  ]
}

/** Performs `sendMessage` of texts. */
export function twilio(farSide: FarSide, account: TwilioAccount): Adapter {
  return {
    destination,
    performs: ['sendMessage'],
    takes: (effect) => textOf(effect, account) !== undefined,
    perform: (effect, call) => perform(farSide, account, effect, call),
  }
}

/** The account's own credentials (RFC 7617). */
export function basicAuthorization(accountSid: string, authToken: string): Authorization {
  const credentials = Buffer.from(`${accountSid}:${authToken}`).toString('base64')
  return { scheme: 'Basic', token: async () => credentials, refused: () => false }
}

async function perform(farSide: FarSide, account: TwilioAccount, effect: Effect, call: Call): Promise<object> {
  const message = textOf(effect, account)
  if (!message) {
    const problem = `${destination}: expected a text of an asset of this account, found ${effect.type} of another`
    throw new EffectError('terminal', 'refused', problem)
  }
  const path = `/2010-04-01/Accounts/${encodeURIComponent(account.accountSid)}/Messages.json`
  const form = formOf(message, account.publicUrl).toString()
  const answer = await post(destination, farSide, path, form, call, 'application/x-www-form-urlencoded')
  if (agreed(answer)) return {}
  throw failureOf(answer)
}

function textOf(effect: Effect, { sends }: TwilioAccount): OutboundMessage | undefined {
  const message = effect.type === 'sendMessage' ? effect.payload : undefined
  return message?.address.channel === 'sms' && sends(message.address.asset) ? message : undefined
}

function formOf(message: OutboundMessage, publicUrl: string | undefined): URLSearchParams {
  const { asset, customer } = message.address
  const origin = new URLSearchParams({ actor: message.actor, correlation: correlationIdOf(message) })
  return new URLSearchParams({
    From: sender(asset),
    To: customer,
    Body: message.text,
    ...(publicUrl === undefined ? {} : { StatusCallback: `${publicUrl}/v1/receipts/twilio?${origin}` }),
  })
}

/** Fewer digits are a short code, which has no plus. */
const number_digits_min = 7
const sender = (asset: string): string => (asset.length < number_digits_min ? asset : `+${asset}`)

/** Refusals that pass, though Twilio gives them with 400: too many in the queue of the number, or of the account. */
const busyCodes = new Set(['14107', '20429', '21611', '30001'])

/** By the status and the code alone: the words of the answer may quote the customer's number. */
function failureOf(answer: Answer): EffectError {
  const code = textOr(nestedObject(answer.body).code, '')
  const { family, code: reading, message, retryAfterMs } = failureOfStatus(destination, 'send', answer)
  const said = /^\d{1,6}$/.test(code) ? `${message} (error ${code} of Twilio's list)` : message
  if (busyCodes.has(code)) return new EffectError('retryable', 'tooManyRequests', said, { retryAfterMs })
  return new EffectError(family, reading, said, { retryAfterMs })
}
