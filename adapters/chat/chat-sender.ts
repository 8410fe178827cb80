/**
 * The adapter that says things in threads of our own chat door: stored as a line of the thread, from where every open
 * window gets it, now or when it comes back. T6: the line's key is the idempotency key, so one said twice is one line.
 */
import type { Effect, OutboundMessage } from '../../machines/effects.ts'
import { type Adapter, EffectError } from '../adapter.ts'
import { type ChatLine, isOwnThread } from '../chat-messages.ts'
import type { ChatThreads } from '../chat-threads.ts'

const destination = 'chat'

export function chatSender(threads: Pick<ChatThreads, 'append'>, now: () => number): Adapter {
  return {
    destination,
    performs: ['sendMessage'],
    takes: (effect) => ownThreadOf(effect) !== undefined,
    async perform(effect, call) {
      const thread = ownThreadOf(effect)
      if (effect.type !== 'sendMessage' || thread === undefined) {
        throw new EffectError('terminal', 'refused', `${destination}: expected a thread of our own door, found another`)
      }
      try {
        await threads.append(thread, lineOf(effect.payload, call.idempotencyKey, new Date(now()).toISOString()))
      } catch (cause) {
        throw new EffectError('retryable', 'failed', `${destination}: the line was not stored; try again`, { cause })
      }
      return {}
    },
  }
}

function ownThreadOf(effect: Effect): string | undefined {
  const thread = effect.type === 'sendMessage' ? (effect.payload.thread ?? '') : ''
  return isOwnThread(thread) ? thread : undefined
}

function lineOf({ text, form, quickReplies }: OutboundMessage, key: string, at: string): ChatLine {
  const common = { key, at, from: 'business', text } as const
  if (form) return { ...common, kind: 'form', form }
  if (!quickReplies) return { ...common, kind: 'message' }
  const options = quickReplies.options.map(({ title, identifier }) => ({ title, identifier }))
  return { ...common, kind: 'quickReplies', quickReplies: { reference: quickReplies.reference, options } }
}
