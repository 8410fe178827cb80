/**
 * `POST /v1/test/clock`, there only while the clock is virtual: everybody's time, or that of one conversation.
 *
 *   {"advanceMs": 60000}                        moves everybody's time; answers when what came due is over
 *   {"of": "<id>", "toMs": 1767225600000}       gives one conversation a time of its own: what it hears from now on is
 *                                               turned at that time, and its timers fire only when they are named
 *   {"of": "<id>", "fire": "xstate.after.…"}    fires one of its armed timers; 404 when it is not armed
 */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { problem } from './problem.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface TestClock extends Pick<VirtualTime, 'setTime' | 'fire'> {
  advance(ms: number): Promise<void>
}

const advance_ms_max = 366 * 86_400_000
const time_ms_max = 8_640_000_000_000_000

const Everybody = z.strictObject({ advanceMs: z.int().min(0).max(advance_ms_max) })
const One = z.strictObject({
  of: z.string().regex(/^[0-9a-f]{16}$/),
  toMs: z.int().min(0).max(time_ms_max).optional(),
  fire: z.string().min(1).optional(),
})

export function openTestClockDoor(app: FastifyInstance, clock: TestClock): void {
  app.post('/v1/test/clock', async (request, reply) => {
    const body = parsed(request.body)
    const everybody = Everybody.safeParse(body)
    if (everybody.success) {
      await clock.advance(everybody.data.advanceMs)
      return { advancedMs: everybody.data.advanceMs }
    }
    const one = One.safeParse(body)
    if (!one.success) return reply.code(400).type(problem_type).send(refused)
    const { of, toMs, fire } = one.data
    if (toMs !== undefined) await clock.setTime(of, toMs)
    if (fire !== undefined && !(await clock.fire(of, fire))) return reply.code(404).type(problem_type).send(notArmed)
    return { of }
  })
}

const problem_type = 'application/problem+json'
const refused = problem('malformed-body', 'advanceMs: expected milliseconds', [
  { path: 'advanceMs', expected: `a whole number from 0 to ${advance_ms_max}`, found: 'something else' },
])
const notArmed = problem('not-found', 'fire: expected a timer of that conversation that is armed, found none')

function parsed(raw: unknown): unknown {
  try {
    return JSON.parse((raw as Buffer).toString('utf8'))
  } catch {
    return undefined
  }
}
