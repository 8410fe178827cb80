/**
 * A message masked for what it says together with those before it (T7): a card number that it completes. Called twice, at
 * the edge before anything is stored, and at the turn, where the order of messages is known for certain (T1).
 * The tail between two messages is kept in the record, so every node and every replay sees the same one (T2). Pure.
 */
import type { MessageReceived } from '../machines/events.ts'
import { type DigitTail, maskSplit } from '../machines/sensitive-data.ts'
import type { Cause, Envelope, EventEnvelope } from './envelope.ts'

/** `tail` is what the customer's messages before ended with; returned is the one for the next message. */
export function maskAcrossMessages(
  event: MessageReceived,
  tail: DigitTail | undefined,
): { event: MessageReceived; tail: DigitTail | undefined } {
  const { text, found, tail: next } = maskSplit(event.text, event.at, tail)
  if (!found) return { event, tail: next }
  const { mail } = event
  const scan = event.scan === 'failed' ? 'failed' : 'masked'
  const html = mail && { mail: { ...mail, html: maskSplit(mail.html, event.at, tail).text } }
  return { event: { ...event, text, scan, ...html }, tail: next }
}

/** The same for what is about to be turned; a cause that is no message, or completes nothing, is given back as it came. */
export function hearAcrossMessages(
  cause: Cause,
  tail: DigitTail | undefined,
): { cause: Cause; tail: DigitTail | undefined } {
  if (cause.kind !== 'event' || cause.event.type !== 'message.received') return { cause, tail }
  const { event, tail: next } = maskAcrossMessages(cause.event as MessageReceived, tail)
  return { cause: event === cause.event ? cause : { ...cause, event }, tail: next }
}

/** The envelope of a message as the record holds it: what was heard, not what came. */
export function envelopeAsHeard(envelope: Envelope, cause: Cause): Envelope {
  if (cause.kind !== 'event' || cause.event.type !== 'message.received') return envelope
  const { type: _type, id: _id, at: _at, ...data } = cause.event as MessageReceived
  return { ...(envelope as EventEnvelope), data }
}
