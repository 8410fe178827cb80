/**
 * What an orchestrator and Prometheus ask of a node: `/healthz`, `/readyz` and `/metrics`. Part of the gateway; on a node without
 * one a listener of their own, where a port is set for it. Speaks to what it is given; whoever can reach it may ask.
 */
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import { StartError } from './errors.ts'
import { addSecurityHeaders } from './security-headers.ts'
import type { UnhandledCount } from './unhandled-counts.ts'

export interface Watched {
  /** Why the node is not ready, or undefined when it is. */
  notReady: () => Promise<string | undefined>
  /** For Prometheus. */
  metrics: () => Promise<{ contentType: string; body: string }>
}

export interface WatchDoor {
  url: string
  /** From now on it says that it is not ready. */
  leave(): void
  stop(): Promise<void>
}

/** `isLeaving`: then the node is not ready, whatever else holds. `unhandled` is told where it is asked for (`?verbose`). */
export function openWatchDoors(
  app: FastifyInstance,
  { notReady, metrics }: Watched,
  isLeaving: () => boolean,
  unhandled?: () => UnhandledCount[],
): void {
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await metrics()
    return reply.type(contentType).send(body)
  })
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (request, reply) => {
    const reason = isLeaving() ? 'this node is stopping' : await notReady()
    const more = unhandled && 'verbose' in (request.query as object) ? { unhandled: unhandled() } : {}
    if (reason === undefined) return { status: 'ready', ...more }
    return reply.code(503).send({ status: 'not ready', reason, ...more })
  })
}

/** Listens, without TLS: nothing of a customer is told here. Throws `StartError` when the port is taken. */
export async function startWatchDoor(host: string, port: number, watched: Watched): Promise<WatchDoor> {
  let isLeaving = false
  const app = fastify({ logger: false, return503OnClosing: false }) as unknown as FastifyInstance
  addSecurityHeaders(app, false)
  openWatchDoors(app, watched, () => isLeaving)
  try {
    await app.listen({ host, port })
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'EADDRINUSE') throw cause
    throw new StartError('E_PORT', `port ${port} is taken; set PARLEY_WATCH_PORT to a free one`, cause)
  }
  return {
    url: `http://${host}:${(app.server.address() as AddressInfo).port}`,
    leave: () => {
      isLeaving = true
    },
    stop: () => app.close(),
  }
}
