/**
 * A dead letter on its way back: into the inbox of its conversation, with the letter's id at its head. Speaks to INBOX,
 * DEAD and, for what a door could not place, to that door.
 * Invariants: what comes back is turned while its letter is still there and by nobody else, and the letter goes before
 * the delivery is acked; so it is turned once, however often a retry is asked for and whoever is killed in between (T5,
 * T9). A letter that fails again stays where it is, and what waits behind it stays behind it (T1).
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import { headers, type MsgHdrs } from '@nats-io/transport-node'
import type { DeadLetter, DeadLetters } from './dead-letters.ts'
import { type Envelope, retriedEnvelope } from './envelope.ts'
import type { Delivery } from './owned-consumer.ts'
import type { StoredEffect } from './record.ts'
import { subject } from './streams.ts'

export interface RetryParts {
  js: JetStreamClient
  letters: DeadLetters
  /** The moment by the conversation's clock, ms since the epoch. */
  now: () => number
  /** A body through its door again; resolves to why it is still nobody's, or to undefined when it is on its way. */
  throughDoor: (door: string, body: unknown, letter: string) => Promise<string | undefined>
}

export type Retried =
  | { kind: 'sent'; id: string; letter: DeadLetter }
  | { kind: 'none' }
  | { kind: 'refused'; why: string }

/** Sends a letter on its way; for a parked conversation its oldest one, whose turn sends the next one on. */
export async function retryLetter(parts: RetryParts, id: string): Promise<Retried> {
  const named = await parts.letters.get(id)
  if (!named) return { kind: 'none' }
  const first = named.parked ? await parts.letters.firstParked(named.actor) : undefined
  const { id: sentId, letter } = first ?? { id, letter: named }
  const why = await sendAgain(parts, sentId, letter)
  return why === undefined ? { kind: 'sent', id: sentId, letter } : { kind: 'refused', why }
}

/** Resolves to why it cannot be sent, or to undefined once the inbox has it. */
async function sendAgain(parts: RetryParts, id: string, letter: DeadLetter): Promise<string | undefined> {
  const { kind, actor, content } = letter
  if (kind === 'effect') {
    if (!isEffect(content)) return 'the effect was too large to be kept whole; drop it'
    await intoInbox(parts.js, id, actor, retriedEnvelope(actor, id, new Date(parts.now()).toISOString(), content))
    return undefined
  }
  if (isEnvelope(content)) {
    await intoInbox(parts.js, id, actor, content)
    return undefined
  }
  if (isDoorBody(content)) return parts.throughDoor(content.door, content.body, id)
  return 'what could not be read was not kept whole; drop it'
}

/** The next letter of a parked conversation follows as soon as the one before it was turned. */
export async function sendNext(js: JetStreamClient, letters: DeadLetters, actor: string): Promise<void> {
  const next = await letters.firstParked(actor)
  if (next && isEnvelope(next.letter.content)) await intoInbox(js, next.id, actor, next.letter.content)
}

async function intoInbox(js: JetStreamClient, id: string, actor: string, envelope: Envelope): Promise<void> {
  await js.publish(subject.in(actor), JSON.stringify(envelope), { headers: letterHead(id) })
}

const letterHeader = 'Parley-Letter'

export function letterHead(id: string): MsgHdrs {
  const head = headers()
  head.set(letterHeader, id)
  return head
}

/** The letter that a delivery comes from; undefined for what comes for the first time. */
export const letterOf = ({ headers: head }: Pick<Delivery, 'headers'>): string | undefined =>
  head?.get(letterHeader) || undefined

const isEnvelope = (content: unknown): content is Envelope =>
  (content as Partial<Envelope> | null)?.specversion === '1.0' && 'data' in (content as object)

const isDoorBody = (content: unknown): content is { door: string; body: unknown } =>
  typeof (content as { door?: unknown } | null)?.door === 'string' && 'body' in (content as object)

/** A retried effect names the key it had (T6). */
const isEffect = (content: unknown): content is StoredEffect & { key: string } => {
  const { key, type, payload } = (content ?? {}) as Partial<StoredEffect>
  return typeof key === 'string' && typeof type === 'string' && typeof payload === 'object'
}
