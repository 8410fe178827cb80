/**
 * The three spans of a conversation: an event at a door, the turn it made, each effect with all its attempts. Ids, states
 * and codes, never what customers wrote. Pure but for the ids of a new trace.
 */
import { randomBytes } from 'node:crypto'
import { keyOf, type TurnRecord } from './record.ts'
import type { AcceptAnswer } from './stages/accept.ts'
import { type SpanContext, traceIn, traceOfEffect, traceOfTurn } from './trace-context.ts'

export interface Span extends SpanContext {
  name: string
  kind: 'server' | 'consumer' | 'client'
  begin_ms: number
  end_ms: number
  attributes: Record<string, string | number>
  /** A code: why it failed. */
  error?: string
}

type Times = Pick<Span, 'begin_ms' | 'end_ms'>

/** In the trace of whoever sent the event, or in a new one. */
export function traceAtDoor(traceparent: string | undefined): SpanContext {
  const parent = traceIn(traceparent)
  const spanId = randomBytes(8).toString('hex')
  if (!parent) return { own: { traceId: randomBytes(16).toString('hex'), spanId, isSampled: true } }
  return { own: { ...parent, spanId }, parent }
}

export function doorSpan(context: SpanContext, door: string, { status, body }: AcceptAnswer, times: Times): Span {
  const said = 'unhandled' in body && body.unhandled !== undefined ? 'unhandled' : status === 200 ? 'stored' : 'refused'
  return {
    ...context,
    ...times,
    name: `accept ${door}`,
    kind: 'server',
    attributes: { 'parley.door': door, 'parley.answer': said, 'http.response.status_code': status },
    ...(status >= 500 && 'type' in body ? { error: body.type } : {}),
  }
}

export function turnSpan(record: TurnRecord, revision: number, times: Times): Span {
  return {
    ...traceOfTurn(record),
    ...times,
    name: `turn ${record.machine.id}`,
    kind: 'consumer',
    attributes: {
      'messaging.system': 'nats',
      ...aboutTurn(record),
      'parley.revision': revision,
      'parley.event': record.cause.type,
      'parley.state.before': record.before,
      'parley.state': record.state,
      'parley.heard': record.heard,
    },
  }
}

/** Over all attempts, waits between them included. */
export function effectSpan(
  record: TurnRecord,
  revision: number,
  index: number,
  { destination, attempts, code }: { destination: string; attempts: number; code?: string },
  times: Times,
): Span {
  const { type } = record.effects[index]!
  const key = keyOf(record, revision, index)
  return {
    ...traceOfEffect(record, key),
    ...times,
    name: `effect ${type}`,
    kind: 'client',
    attributes: {
      ...aboutTurn(record),
      'parley.effect': type,
      'parley.effect.key': key,
      'parley.destination': destination,
      'parley.attempts': attempts,
    },
    ...(code === undefined ? {} : { error: code }),
  }
}

const aboutTurn = ({ actor, turn, machine }: TurnRecord) => ({
  'parley.actor': actor,
  'parley.turn': turn,
  'parley.machine': machine.id,
  'parley.machine.version': machine.version,
})
