/** What the doctor looks at on this machine: Node, the nats-server binary, the data folder, the port, the node on it. */
import { accessSync, constants, existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import type { Config } from '../config.ts'
import { getNatsServer } from '../nats-server/get-nats-server.ts'
import type { UnhandledCount } from '../unhandled-counts.ts'
import { type Finding, ok, warn, wrong } from './finding.ts'

const node_floor = [20, 19] as const
const answer_ms_max = 2_000

export function checkNodeVersion(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const enough = major > node_floor[0] || (major === node_floor[0] && minor >= node_floor[1])
  if (enough) return ok('node', `Node ${version}`)
  return wrong('node', `Node ${version}`, `install Node ${node_floor.join('.')} or newer`)
}

/** Looks where `getNatsServer` looks, and fetches nothing. A cluster needs no binary here. */
export async function checkNatsServer(cacheDir: string, env: NodeJS.ProcessEnv, config?: Config): Promise<Finding> {
  try {
    const { bin, version, from } = await getNatsServer({ cacheDir, env, ways: [] })
    return ok('nats-server', `${version}, ${bin} (${from})`)
  } catch (error) {
    const [found = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    if (config?.nats.url && !env.NATS_SERVER_BIN) return ok('nats-server', 'none here; the broker is elsewhere')
    if (env.NATS_SERVER_BIN) return wrong('nats-server', found, 'correct NATS_SERVER_BIN or unset it')
    return wrong('nats-server', 'none here', 'run npm run setup, which fetches one, or put nats-server on PATH')
  }
}

export function checkDataDir({ dataDir }: Config): Finding {
  const folder = nearestThere(dataDir)
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return ok('data folder', folder === dataDir ? dataDir : `${dataDir}, made at the first start`)
  } catch {
    return wrong(
      'data folder',
      `${folder} cannot be written`,
      'change its rights, or set PARLEY_DATA_DIR to another folder',
    )
  }
}

const nearestThere = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : nearestThere(dirname(path))

interface NodeState {
  status?: string
  reason?: string
  unhandled?: UnhandledCount[]
}

/** The node that the command-line verbs would ask, and whether the port is free for one when there is none. */
export async function checkNode({ parleyUrl, bind }: Config): Promise<Finding[]> {
  const answer = await fetch(`${parleyUrl}/readyz?verbose`, { signal: AbortSignal.timeout(answer_ms_max) }).catch(
    () => undefined,
  )
  const body = (await answer?.json().catch(() => undefined)) as NodeState | undefined
  const isOurs = body?.status === 'ready' || body?.status === 'not ready'
  if (isOurs && answer?.ok) return [ok('running node', `ready at ${parleyUrl}`), ...unhandledBy(body)]
  if (isOurs) {
    return [wrong('running node', `${parleyUrl} is not ready: ${body.reason}`, 'mend what it says; its log tells more')]
  }
  const none = warn('running node', `none at ${parleyUrl}`, 'start one with npm start, or set PARLEY_URL')
  if (await isFree(bind.host, bind.port)) return [none, ok('port', `${bind.port} is free`)]
  return [none, wrong('port', `${bind.port} is taken by something else`, 'end that, or set PARLEY_PORT to a free port')]
}

/** What matched no binding, told apart by door, so that a wrong asset id is seen before a customer complains. */
function unhandledBy({ unhandled = [] }: NodeState): Finding[] {
  if (unhandled.length === 0) return [ok('events of nobody', 'none since the node began')]
  const found = unhandled.map(({ door, reason, count }) => `${door} ${count}: ${reason}`).join('; ')
  return [
    warn('events of nobody', found, 'compare the asset ids below with those of the provider; each is a dead letter'),
  ]
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port }, () => server.close(() => resolve(true)))
  })
}
