/**
 * The doors at which a person decides on dead letters: send one again, or give it up for good. Any node may be asked.
 * Speaks to `retried-letters.ts` and to DEAD; every refusal is a problem document.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Guarded } from './access.ts'
import type { DeadLetter, DeadLetters } from './dead-letters.ts'
import type { Log } from './log.ts'
import { type ProblemCode, problem } from './problem.ts'
import type { Retried } from './retried-letters.ts'

export interface DeadLetterActs {
  letters: DeadLetters
  retry: (id: string) => Promise<Retried>
  log: Log
}

/** What was done, and to which letter: of a parked conversation a retry sends the oldest one, whichever was named. */
export interface DeadLetterDone extends Pick<DeadLetter, 'kind' | 'actor'> {
  id: string
  done: 'sent' | 'dropped'
}

export function openDeadLetterDoors(
  app: FastifyInstance,
  { letters, retry, log }: DeadLetterActs,
  guarded: Guarded,
): void {
  const done = (id: string, { kind, actor }: DeadLetter, what: DeadLetterDone['done']): DeadLetterDone => {
    log.info({ code: `dead-letter-${what}`, letter: id, kind, actor }, `a dead letter was ${what}`)
    return { id, kind, actor, done: what }
  }
  app.post('/v1/dead-letters/:id/retry', { preHandler: guarded('dead-letter.retry') }, async (request, reply) => {
    const retried = await retry(idIn(request))
    if (retried.kind === 'none') return refuse(reply, 'not-found', 'no dead letter has this id')
    if (retried.kind === 'refused') return refuse(reply, 'not-retryable', retried.why)
    return done(retried.id, retried.letter, 'sent')
  })
  app.delete('/v1/dead-letters/:id', { preHandler: guarded('dead-letter.drop') }, async (request, reply) => {
    const id = idIn(request)
    const letter = await letters.get(id)
    if (!letter || !(await letters.remove(id))) return refuse(reply, 'not-found', 'no dead letter has this id')
    return done(id, letter, 'dropped')
  })
}

const idIn = (request: FastifyRequest): string => (request.params as { id: string }).id

function refuse(reply: FastifyReply, code: ProblemCode, detail: string) {
  const body = problem(code, detail)
  return reply.code(body.status).type('application/problem+json').send(body)
}
