/**
 * /desk/*: the control doors of the embedded desk under the gateway's own address, for the console: they need the admin
 * token when one is set, as everything that acts does. /desk/agent/* asks for the token of one agent instead, and it is the
 * desk that knows those. Speaks to the desk over HTTP and changes nothing on the way.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problem } from './problem.ts'

/** `deskUrl` is empty where real far sides are set. Whoever asks has passed `guarded`. */
export function openDeskDoor(
  app: FastifyInstance,
  deskUrl: () => string,
  guarded: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const url = deskUrl()
    if (url === '') return refuse(reply, 'this node has no embedded desk: its far sides are real')
    const { pathname, search } = new URL(request.url, url)
    if (!pathname.startsWith('/desk/')) return refuse(reply, 'nothing is served at this path')
    // An agent's path that turns out to be another one has passed no guard.
    if (isAgents(request.routeOptions.url) && !isAgents(pathname)) {
      return refuse(reply, 'nothing is served at this path')
    }
    const answer = await fetch(url + pathname + search, {
      method: request.method,
      ...carried(request, isAgents(pathname)),
    })
    const type = answer.headers.get('content-type') ?? 'application/json'
    return reply
      .code(answer.status)
      .type(type)
      .send(Buffer.from(await answer.arrayBuffer()))
  }
  const method = ['GET', 'POST', 'PUT', 'DELETE']
  app.route({ method, url: '/desk/*', preHandler: guarded, handler })
  app.route({ method, url: '/desk/agent/*', handler })
}

const isAgents = (path: string | undefined): boolean => path?.startsWith('/desk/agent/') ?? false

function carried({ method, body, headers }: FastifyRequest, asAgent: boolean): RequestInit {
  const hasBody = method !== 'GET' && Buffer.isBuffer(body) && body.length > 0
  const { authorization, 'content-type': type } = headers
  return {
    ...(hasBody ? { body: Uint8Array.from(body) } : {}),
    headers: {
      ...(hasBody && type !== undefined ? { 'content-type': type } : {}),
      ...(asAgent && authorization !== undefined ? { authorization } : {}),
    },
  }
}

function refuse(reply: FastifyReply, detail: string) {
  const body = problem('not-found', detail)
  return reply.code(body.status).type('application/problem+json').send(body)
}
