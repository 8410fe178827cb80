/**
 * A line that texts go out on without Connect: an account at Twilio's API, or a message centre. What conversations say goes
 * through `textSender`, what people write through `connect/agents-texts-door.ts`. T6 is kept by the lines themselves.
 */
import type { Effect, OutboundMessage } from '../machines/effects.ts'
import { type Adapter, type Call, EffectError } from './adapter.ts'
import { correlationIdOf } from './connect/message-codec.ts'

/** Whom a receipt is for: a conversation, by its actor; or, without one, whoever made the correlation id. */
export interface TextOrigin {
  actor: string
  correlationId: string
  /** Which message of the conversation: its idempotency key. */
  key?: string
}

export interface OutgoingText {
  /** The asset, digits as configured. */
  from: string
  to: string
  text: string
  origin: TextOrigin
}

export interface TextLine {
  /** The name of the far side, for breakers and logs. */
  destination: string
  /** Whether the texts of this asset go this way. */
  sends(asset: string): boolean
  /** Resolves once the far side has taken it. Throws `EffectError`. */
  send(text: OutgoingText, call: Call): Promise<void>
}

/** Performs `sendMessage` of texts over a line. */
export function textSender(line: TextLine): Adapter {
  const textOf = (effect: Effect): OutboundMessage | undefined => {
    const message = effect.type === 'sendMessage' ? effect.payload : undefined
    return message?.address.channel === 'sms' && line.sends(message.address.asset) ? message : undefined
  }
  return {
    destination: line.destination,
    performs: ['sendMessage'],
    takes: (effect) => textOf(effect) !== undefined,
    async perform(effect, call) {
      const message = textOf(effect)
      if (!message) {
        const problem = `${line.destination}: expected a text of an asset of this line, found ${effect.type} of another`
        throw new EffectError('terminal', 'refused', problem)
      }
      const { address, text, actor } = message
      const origin = { actor, correlationId: correlationIdOf(message), key: call.idempotencyKey }
      await line.send({ from: address.asset, to: address.customer, text, origin }, call)
      return {}
    },
  }
}
