/**
 * The adapter that sends texts through Twilio's Messages resource, or through whoever speaks as Twilio does.
 * One call of `perform` is one POST; the same effect makes the same bytes every time. Twilio knows no idempotency key: an
 * attempt whose answer was lost may have been sent (`docs/connect.md`).
 */
import { type Adapter, EffectError } from '../adapter.ts'
import type { Connections } from '../connections.ts'
import { type Answer, type Authorization, type FarSide, post } from '../http.ts'
import { nestedObject, textOr } from '../loose-body.ts'
import { agreed, failureOfStatus } from '../status-failure.ts'
import { type OutgoingText, type TextLine, textSender } from '../text-line.ts'

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

/** The line of the account that is set, for the assets that go through it; none without one. */
export function twilioLine(
  { twilio: chosen, assets, publicUrl }: Chosen,
  now: () => number,
  connections?: Connections,
): TextLine[] {
  if (!chosen) return []
  const { url, accountSid, authToken } = chosen
  const sends = (asset: string) => assets.some(({ id, provider }) => id === asset && provider === 'twilio')
  const authorization = basicAuthorization(accountSid, authToken)
  const farSide = { url, authorization, now, ...(connections ? { connections } : {}) }
  return [lineOf(farSide, { accountSid, publicUrl, sends })]
}

/** Performs `sendMessage` of texts. */
export function twilio(farSide: FarSide, account: TwilioAccount): Adapter {
  return textSender(lineOf(farSide, account))
}

/** The account's own credentials (RFC 7617). */
export function basicAuthorization(accountSid: string, authToken: string): Authorization {
  const credentials = Buffer.from(`${accountSid}:${authToken}`).toString('base64')
  return { scheme: 'Basic', token: async () => credentials, refused: () => false }
}

function lineOf(farSide: FarSide, { accountSid, publicUrl, sends }: TwilioAccount): TextLine {
  const path = `/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`
  return {
    destination,
    sends,
    async send(text, call) {
      const form = formOf(text, publicUrl).toString()
      const answer = await post(destination, farSide, path, form, call, 'application/x-www-form-urlencoded')
      if (!agreed(answer)) throw failureOf(answer)
    },
  }
}

function formOf({ from, to, text, origin }: OutgoingText, publicUrl: string | undefined): URLSearchParams {
  const { actor, correlationId: correlation, key } = origin
  const query = new URLSearchParams({ actor, correlation, ...(key === undefined ? {} : { key }) })
  return new URLSearchParams({
    From: sender(from),
    To: to,
    Body: text,
    ...(publicUrl === undefined ? {} : { StatusCallback: `${publicUrl}/v1/receipts/twilio?${query}` }),
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
