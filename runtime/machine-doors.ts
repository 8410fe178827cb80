/**
 * GET /v1/machines and /v1/machines/{id}/{version}/drawing: the machines this build can run, as data and as pictures;
 * /coverage beside it: how often generated paths and real turns went each way of the chart; GET /v1/assets: what they are
 * bound to. Speaks to `chart/`.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Drawings } from './chart/drawings.ts'
import { type PathCoverage, pathCoverageOf } from './chart/path-coverage.ts'
import type { Traffic, TrafficReading } from './chart/traffic.ts'
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

export interface CoverageReading {
  /** Null where no paths were made of this chart. */
  paths: PathCoverage | null
  traffic: TrafficReading
}

/** Whoever asks has passed `guarded`. */
export function openMachineDoors(
  app: FastifyInstance,
  { drawings, traffic, assets }: { drawings: Drawings; traffic: Traffic; assets: AssetReading[] },
  guarded: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  app.get('/v1/machines', { preHandler: guarded }, async () => ({ items: drawings.all() }))
  app.get('/v1/assets', { preHandler: guarded }, async () => ({ items: assets }))
  app.get('/v1/machines/:id/:version/drawing', { preHandler: guarded }, async (request, reply) => {
    const { id, version } = request.params as { id: string; version: string }
    const svg = await drawings.svg(id, version)
    return svg === undefined ? refuse(reply) : reply.type('image/svg+xml').send(svg)
  })
  app.get('/v1/machines/:id/:version/coverage', { preHandler: guarded }, async (request, reply) => {
    const { id, version } = request.params as { id: string; version: string }
    const machine = drawings.all().find((one) => one.id === id && one.version === version)
    if (!machine) return refuse(reply)
    const paths = pathCoverageOf(machine.chart) ?? null
    return { paths, traffic: await traffic.of(id, version) } satisfies CoverageReading
  })
}

function refuse(reply: FastifyReply) {
  const refusal = problem('not-found', 'this build has no machine of this id and version')
  return reply.code(refusal.status).type('application/problem+json').send(refusal)
}
