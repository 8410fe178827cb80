/**
 * The doors for privacy requests, and for reading who asked for what. The identity travels in the body, so that no address
 * in a log of a proxy names a customer. Speaks to `privacy/` and to the audit trail.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Guarded } from './access.ts'
import { CustomerQueryBody } from './api-shapes.ts'
import { type Audit, customerHash } from './audit.ts'
import type { CustomerQuery } from './privacy/customer.ts'
import type { Dumped } from './privacy/dump-customer.ts'
import type { Erased } from './privacy/erase-customer.ts'
import { problem } from './problem.ts'

export interface PrivacyActs {
  erase: (query: CustomerQuery) => Promise<Erased>
  dump: (query: CustomerQuery) => Promise<Dumped>
  audit: Audit
}

export function openPrivacyDoors(app: FastifyInstance, { erase, dump, audit }: PrivacyActs, guarded: Guarded): void {
  const target = (request: FastifyRequest) => {
    const query = queryIn(request)
    return query ? customerHash(query.customer) : ''
  }
  const answering =
    (act: (query: CustomerQuery) => Promise<object>) => async (request: FastifyRequest, reply: FastifyReply) => {
      const query = queryIn(request)
      return query ? act(query) : refuse(reply, 'expected {"customer", "channel"?, "asset"?}, found something else')
    }
  app.post('/v1/privacy/erase', { preHandler: guarded('customer.erase', target) }, answering(erase))
  app.post('/v1/privacy/dump', { preHandler: guarded('customer.dump', target) }, answering(dump))
  app.get('/v1/audit', { preHandler: guarded('audit.read') }, async (request, reply) => {
    const { after = '0' } = request.query as { after?: string }
    if (!/^\d{1,15}$/.test(after)) return refuse(reply, 'after: expected the id of an entry')
    return audit.read(Number(after))
  })
}

function queryIn({ body }: FastifyRequest): CustomerQuery | undefined {
  try {
    return CustomerQueryBody.parse(JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : ''))
  } catch {
    return undefined
  }
}

function refuse(reply: FastifyReply, detail: string) {
  const body = problem('malformed-body', detail)
  return reply.code(body.status).type('application/problem+json').send(body)
}
