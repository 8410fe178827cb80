/**
 * The line that takes texts to a message centre over SMPP: one submit_sm a part, with a receipt asked for the last one.
 * T6: the parts of one effect have the same reference number on every attempt, so that a handset shows them once.
 */
import { type Adapter, EffectError } from '../adapter.ts'
import { fingerprint } from '../fingerprint.ts'
import { type TextLine, textSender } from '../text-line.ts'
import type { Link } from './link.ts'
import { written } from './message-text.ts'
import { messageBody, type Party, status } from './pdu.ts'
import { NotTaken } from './session.ts'
import type { SentTexts } from './smpp-door.ts'

const destination = 'smpp'

export interface SmppMeans {
  link: Pick<Link, 'submit'>
  sent: Pick<SentTexts, 'keep'>
  /** Whether the texts of this asset go this way. */
  sends: (asset: string) => boolean
}

/** Performs `sendMessage` of texts. */
export const smpp = (means: SmppMeans): Adapter => textSender(smppLine(means))

export function smppLine({ link, sent, sends }: SmppMeans): TextLine {
  return {
    destination,
    sends,
    async send({ from, to, text, origin }, call) {
      const { dataCoding, parts, hasHeader } = partsOf(text, call.idempotencyKey)
      let messageId = ''
      for (const [index, octets] of parts.entries()) {
        const body = messageBody({
          from: partyOf(from),
          to: partyOf(to),
          esmClass: hasHeader ? with_header : 0,
          registeredDelivery: index === parts.length - 1 ? receipt_wanted : 0,
          dataCoding,
          octets,
          optional: new Map(),
        })
        messageId = await link.submit(body, call.signal).catch((error: unknown) => {
          throw failureOf(error)
        })
      }
      // The text is out: a note that cannot be kept costs its receipt, trying again would cost the customer a second text.
      await sent.keep(messageId, origin).catch(() => {})
    },
  }
}

const with_header = 0x40
const receipt_wanted = 0x01

function partsOf(text: string, key: string) {
  try {
    return written(text, Number.parseInt(fingerprint(key).slice(0, 2), 16))
  } catch {
    throw new EffectError(
      'terminal',
      'refused',
      `${destination}: expected a text of at most 255 parts, found a longer one`,
    )
  }
}

/** Fewer digits are a short code. */
const number_digits_min = 7
const isdn = { ton: 1, npi: 1 }

function partyOf(raw: string): Party {
  const address = raw.replace(/^\+/, '')
  if (!/^\d+$/.test(address)) return { ton: 5, npi: 0, address }
  return { ...(address.length < number_digits_min ? { ton: 0, npi: 0 } : isdn), address }
}

const busy: ReadonlySet<number> = new Set([status.throttled, status.queueFull])
const passing: ReadonlySet<number> = new Set([status.systemError, status.retryLater, status.wrongBindState])

/** By the command status alone (section 5.1.3): busy and passing ones are tried again, all others are not. */
function failureOf(error: unknown): EffectError {
  const found = error instanceof NotTaken ? error.status : undefined
  const said = found === undefined ? 'no response' : `0x${found.toString(16).padStart(8, '0')}`
  const problem = `${destination} submit_sm: expected ESME_ROK, found ${said}`
  if (found === undefined || passing.has(found)) {
    return new EffectError('retryable', 'failed', `${problem}; try again`)
  }
  if (busy.has(found)) return new EffectError('retryable', 'tooManyRequests', `${problem}; try again`)
  return new EffectError('terminal', 'refused', `${problem}; look it up in the centre's list`)
}
