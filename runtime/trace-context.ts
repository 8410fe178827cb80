/**
 * Which trace an event, a turn and an effect belong to (W3C Trace Context). Every id follows from what is stored, so that a
 * turn decided again and an effect attempted again, on any node, are the same span, and a call carries the same
 * `traceparent` on every attempt (T6). Pure.
 */
import { hash } from 'node:crypto'
import type { TurnRecord } from './record.ts'

export interface TraceContext {
  traceId: string
  spanId: string
  /** Whether whoever began the trace wants it recorded. */
  isSampled: boolean
}

export const traceparentOf = ({ traceId, spanId, isSampled }: TraceContext): string =>
  `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`

/** Undefined for what is no `traceparent`; a later version is read as far as this one goes. */
export function traceIn(text: unknown): TraceContext | undefined {
  const found =
    typeof text === 'string' ? /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(text) : null
  const [, traceId = '', spanId = '', flags = ''] = found ?? []
  if (!/[1-9a-f]/.test(traceId) || !/[1-9a-f]/.test(spanId)) return undefined
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

export interface SpanContext {
  own: TraceContext
  parent?: TraceContext
}

/** A turn goes on in the trace of its event; one of a timer begins a trace. */
export function traceOfTurn({
  actor,
  turn,
  at,
  cause,
}: Pick<TurnRecord, 'actor' | 'turn' | 'at' | 'cause'>): SpanContext {
  const parent = traceIn(cause.traceparent)
  const digest = hash('sha256', `turn ${actor} ${turn} ${at}`)
  const spanId = digest.slice(-16)
  if (!parent) return { own: { traceId: digest.slice(0, 32), spanId, isSampled: true } }
  return { own: { ...parent, spanId }, parent }
}

/** `key` is the effect's idempotency key. */
export function traceOfEffect(record: Parameters<typeof traceOfTurn>[0], key: string): SpanContext {
  const { own: parent } = traceOfTurn(record)
  return { own: { ...parent, spanId: hash('sha256', `effect ${key}`).slice(0, 16) }, parent }
}
