/**
 * What every answer tells a browser: it is what it says it is, loads nothing, is framed nowhere, and no address of ours
 * travels on. A door that serves pages says its own; what it has said stays.
 */
import type { FastifyInstance } from 'fastify'

const headers = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  // What is read here is of customers: no cache keeps it.
  'cache-control': 'no-store',
} as const

/** RFC 6797: who came by TLS once comes by TLS for a year. */
const withTls = { 'strict-transport-security': 'max-age=31536000' } as const

export function addSecurityHeaders(app: FastifyInstance, isTls: boolean): void {
  const all = Object.entries({ ...headers, ...(isTls ? withTls : {}) })
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of all) if (!reply.hasHeader(name)) reply.header(name, value)
  })
}
