/**
 * GET /v1/machines and /v1/machines/{id}/{version}/drawing: the machines this build can run, as data and as pictures;
 * GET /v1/assets: what they are bound to. Speaks to `chart/drawings.ts`.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Drawings } from './chart/drawings.ts'
import type { Config } from './config.ts'
import { problem } from './problem.ts'

export interface AssetReading {
  channel: string
  id: string
  machine: string
  /** Of a mailbox. */
  address?: string
}

/** Of an asset as it is configured. */
export const assetReading = (asset: Config['assets'][number]): AssetReading => ({
  channel: asset.channel,
  id: asset.id,
  machine: asset.machine,
  ...(asset.channel === 'email' ? { address: asset.address } : {}),
})

/** Whoever asks has passed `guarded`. */
export function openMachineDoors(
  app: FastifyInstance,
  { drawings, assets }: { drawings: Drawings; assets: AssetReading[] },
  guarded: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  app.get('/v1/machines', { preHandler: guarded }, async () => ({ items: drawings.all() }))
  app.get('/v1/assets', { preHandler: guarded }, async () => ({ items: assets }))
  app.get('/v1/machines/:id/:version/drawing', { preHandler: guarded }, async (request, reply) => {
    const { id, version } = request.params as { id: string; version: string }
    const svg = await drawings.svg(id, version)
    if (svg !== undefined) return reply.type('image/svg+xml').send(svg)
    const refusal = problem('not-found', 'this build has no machine of this id and version')
    return reply.code(refusal.status).type('application/problem+json').send(refusal)
  })
}
