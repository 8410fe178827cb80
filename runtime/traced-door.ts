/**
 * A door with its span: the event goes on in the trace of whoever sent it, or begins one while traces are on; either way it
 * is stored with its `traceparent`. Speaks to the collector only.
 */
import type { Clock } from '../adapters/clock.ts'
import { doorSpan, traceAtDoor } from './spans.ts'
import type { AcceptAnswer } from './stages/accept.ts'
import { traceIn, traceparentOf } from './trace-context.ts'
import type { Traces } from './traces.ts'

/** `traceparent` is the header as it came; `accept` is given the one that its event is stored with, if any. */
export async function tracedDoor(
  traces: Traces,
  clock: Clock,
  door: string,
  traceparent: string | undefined,
  accept: (traceparent: string | undefined) => Promise<AcceptAnswer>,
): Promise<AcceptAnswer> {
  if (!traces.isOn) return accept(traceIn(traceparent) && traceparent)
  const context = traceAtDoor(traceparent)
  const begin_ms = clock.now()
  const answer = await accept(traceparentOf(context.own))
  traces.ended(() => doorSpan(context, door, answer, { begin_ms, end_ms: clock.now() }))
  return answer
}
