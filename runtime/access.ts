/**
 * Who may use the reading and acting doors: by role, and every use is written down first (`audit.ts`). Without tokens in the
 * configuration everyone may, which is for one machine. Speaks to the audit trail.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit, AuditEntry } from './audit.ts'
import { bears } from './credentials.ts'
import { type ProblemCode, problem } from './problem.ts'

/** The acts, and the least role that each one needs: an agent reads conversations, everything else is an admin's. */
export const acts = {
  'conversations.list': 'agent',
  'conversation.read': 'agent',
  'turns.read': 'agent',
  'nodes.list': 'agent',
  'machines.read': 'agent',
  'feed.read': 'agent',
  'desk.use': 'admin',
  'dead-letters.list': 'admin',
  'dead-letter.read': 'admin',
  'dead-letter.retry': 'admin',
  'dead-letter.drop': 'admin',
  'customer.dump': 'admin',
  'customer.erase': 'admin',
  'audit.read': 'admin',
} as const satisfies Record<string, 'agent' | 'admin'>
export type ActName = keyof typeof acts

export interface AccessParts {
  adminToken: string | undefined
  agentToken: string | undefined
  audit: Pick<Audit, 'note' | 'noteLook'>
}

/** Before a handler: refuses who may not, and notes who may. */
export type Guard = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
/** `targetOf` names what is meant; by default the id in the path. */
export type Guarded = (act: ActName, targetOf?: (request: FastifyRequest) => string) => Guard

export function guarding({ adminToken, agentToken, audit }: AccessParts): Guarded {
  const roleOf = (request: FastifyRequest): AuditEntry['who'] | undefined => {
    if (adminToken === undefined) return 'anyone'
    if (bears(request.headers, adminToken)) return 'admin'
    return agentToken !== undefined && bears(request.headers, agentToken) ? 'agent' : undefined
  }
  return (act, targetOf = idIn) =>
    async (request, reply) => {
      const who = roleOf(request)
      if (who === undefined) {
        const wanted = acts[act] === 'agent' && agentToken !== undefined ? 'admin or the agent token' : 'admin token'
        return refuse(
          reply,
          'unauthenticated',
          `expected the ${wanted} as Authorization: Bearer, found none or another`,
        )
      }
      if (who === 'agent' && acts[act] === 'admin') {
        return refuse(reply, 'not-allowed', 'expected the admin token, found that of an agent')
      }
      const target = targetOf(request)
      const isLook = request.method === 'GET' && target === '' && act !== 'audit.read'
      const entry = { who, from: request.ip, act, target }
      const stored = await (isLook ? audit.noteLook(entry) : audit.note(entry)).then(
        () => true,
        () => false,
      )
      if (!stored)
        return refuse(reply.header('retry-after', '2'), 'not-stored', 'the broker did not store who reads; try again')
    }
}

const idIn = ({ params }: FastifyRequest): string => (params as { id?: string }).id ?? ''

function refuse(reply: FastifyReply, code: ProblemCode, detail: string) {
  const body = problem(code, detail)
  return reply.code(body.status).type('application/problem+json').send(body)
}
