/**
 * GET /v1/conversations/{id}/replay?machine=VERSION: what is recorded of a conversation, decided again on a version of its
 * machine, up to the first difference. Speaks to the readers; stores nothing and sends nothing (`replay.ts` is pure).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Definition, definitionOf } from '../machines/definitions.ts'
import { type ProblemCode, problem } from './problem.ts'
import type { ReadingDoors } from './reading.ts'
import { type Difference, replayInSlices } from './replay.ts'
import type { Bindings } from './stages/activate.ts'

/** What `parley replay --json` prints as well. */
export interface ReplayReading {
  id: string
  machine: string
  version: string
  /** As many as were recorded. */
  turns: number
  /** The first one; null when every state and every effect is as it was. */
  difference: Difference | null
}

export interface ReplayParts {
  reading: Pick<ReadingDoors, 'one' | 'turns'>
  definitions: readonly Definition[]
  /** The asset's settings of today; those of the day are not kept. */
  bindings: Bindings
}

/** Whoever asks has passed `guarded`. */
export function openReplayDoor(
  app: FastifyInstance,
  { reading, definitions, bindings }: ReplayParts,
  guarded: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  app.get('/v1/conversations/:id/replay', { preHandler: guarded }, async (request, reply) => {
    const { id } = request.params as { id: string }
    const [one, turns] = await Promise.all([reading.one(id), reading.turns(id)])
    if (!one || !turns) return refuse(reply, 'not-found', 'no conversation has this id')
    const { machine: wanted = one.version } = request.query as { machine?: string }
    const definition = definitionOf(one.machine, wanted, definitions)
    if (!definition) return refuse(reply, 'malformed-body', `machine: expected ${versionsOf(one.machine, definitions)}`)
    const binding = bindings(one)
    if (!binding) return refuse(reply, 'not-replayable', 'its asset is no longer in the configuration of this node')
    if (turns[0]?.turn !== 1) return refuse(reply, 'not-replayable', notWhole(turns[0]?.turn))
    const { channel, asset, customer, topic } = one
    const address = { channel, asset, customer, ...(topic === undefined ? {} : { topic }) }
    const difference = await replayInSlices(definition, { actor: one.id, address, turns }, binding)
    const { id: machine, version } = definition
    return { id: one.id, machine, version, turns: turns.length, difference: difference ?? null } satisfies ReplayReading
  })
}

const notWhole = (first: number | undefined): string =>
  `its history begins with turn ${first}, those before it are kept no longer; a replay needs all of them`

const versionsOf = (machine: string, definitions: readonly Definition[]): string => {
  const known = definitions.filter(({ id }) => id === machine).map(({ version }) => version)
  return known.length === 0 ? `a version of ${machine}, and this build has none` : `one of ${known.join(', ')}`
}

function refuse(reply: FastifyReply, code: ProblemCode, detail: string) {
  const body = problem(code, detail)
  return reply.code(body.status).type('application/problem+json').send(body)
}
