/**
 * What a driven conversation's record holds of the event that made it, in the shape in which it would have been stored.
 */
import type { ConversationEvent } from '../machines/events.ts'
import {
  answerEnvelope,
  type Cause,
  type Envelope,
  envelopeOf,
  erasedEnvelope,
  retriedEnvelope,
  timerEnvelope,
} from '../runtime/envelope.ts'

export function envelopeFor(actor: string, cause: Cause, at_iso: string): Envelope {
  if (cause.kind === 'event') return envelopeOf(actor, '/test', cause.event as ConversationEvent, cause.address)
  if (cause.kind === 'timer') return timerEnvelope(actor, at_iso, cause.timer, cause.generation)
  if (cause.kind === 'retry') return retriedEnvelope(actor, 'letter', at_iso, cause.effect)
  if (cause.kind === 'erase') return erasedEnvelope(actor, at_iso)
  const { kind: _, ...answer } = cause
  return answerEnvelope(actor, at_iso, answer)
}
