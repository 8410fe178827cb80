/**
 * /desk/*: the control doors of the embedded desk under the gateway's own address, for the console: they need the admin
 * token when one is set, as everything that acts does. Speaks to the desk over HTTP and changes nothing on the way.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problem } from './problem.ts'

/** `deskUrl` is empty where real far sides are set. Whoever asks has passed `guarded`. */
export function openDeskDoor(
  app: FastifyInstance,
  deskUrl: () => string,
  guarded: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  app.route({
    method: ['GET', 'POST', 'PUT', 'DELETE'],
    url: '/desk/*',
    preHandler: guarded,
    handler: async (request, reply) => {
      const url = deskUrl()
      if (url === '') return refuse(reply, 'this node has no embedded desk: its far sides are real')
      const { pathname, search } = new URL(request.url, url)
      if (!pathname.startsWith('/desk/')) return refuse(reply, 'nothing is served at this path')
      const answer = await fetch(url + pathname + search, {
        method: request.method,
        ...(request.method === 'GET' ? {} : carried(request)),
      })
      const type = answer.headers.get('content-type') ?? 'application/json'
      return reply
        .code(answer.status)
        .type(type)
        .send(Buffer.from(await answer.arrayBuffer()))
    },
  })
}

function carried({ body, headers }: FastifyRequest) {
  const type = headers['content-type']
  if (!Buffer.isBuffer(body) || body.length === 0) return {}
  return { body: Uint8Array.from(body), ...(type === undefined ? {} : { headers: { 'content-type': type } }) }
}

function refuse(reply: FastifyReply, detail: string) {
  const body = problem('not-found', detail)
  return reply.code(body.status).type('application/problem+json').send(body)
}
