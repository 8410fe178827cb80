/**
 * Three nats-servers on this machine, clustered on loopback: enough to keep every stream in three copies and to lose one
 * server. Each has a folder of its own below one; their ports are fixed, so that one that died comes back in its place.
 * Speaks to the servers only. A cluster on one machine shows how one behaves; it keeps nothing from that machine's end.
 */
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { systemClock } from '../../adapters/clock.ts'
import { type RunNatsServerOptions, type RunningNatsServer, runNatsServer } from './run-nats-server.ts'

export interface ThreeBrokersOptions extends Pick<RunNatsServerOptions, 'bin' | 'syncAlways' | 'env' | 'log'> {
  /** Holds `1/`, `2/` and `3/`. */
  dataDir: string
  /** For clients and for the servers among themselves, one for each. */
  ports: readonly { client: number; route: number }[]
}

export interface ThreeBrokers {
  servers: RunningNatsServer[]
  /** Starts server `index` (0, 1 or 2) again on its data. */
  restart(index: number): Promise<void>
  stop(): Promise<void>
}

/** Electing takes the servers a few seconds. */
const leader_ms_max = 60_000
const look_again_ms = 250
const answer_ms_max = 1_000

/** Resolves when they have elected a leader and take streams. Throws, and leaves none running, when they do not. */
export async function runThreeBrokers({ dataDir, ports, ...common }: ThreeBrokersOptions): Promise<ThreeBrokers> {
  const routes = ports.map(({ route }) => route)
  const run = (index: number) => {
    const { client, route } = ports[index]!
    const cluster = { name: `parley-${index + 1}`, port: route, routes }
    return runNatsServer({ ...common, dataDir: join(dataDir, String(index + 1)), port: client, cluster })
  }
  const begun = await Promise.allSettled(ports.map((_, index) => run(index)))
  const servers = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())))
  try {
    for (const one of begun) if (one.status === 'rejected') throw one.reason
    await untilTheyElected(servers.map(({ url }) => url))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    servers,
    stop,
    async restart(index) {
      servers[index] = await run(index)
    },
  }
}

async function untilTheyElected(urls: string[]): Promise<void> {
  const clock = systemClock()
  const give_up_ms = clock.now() + leader_ms_max
  const nc = await connect({ servers: urls })
  try {
    const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: answer_ms_max })
    for (;;) {
      try {
        await jsm.getAccountInfo()
        return
      } catch (error) {
        if (clock.now() > give_up_ms) throw error
        await clock.sleep(look_again_ms)
      }
    }
  } finally {
    await nc.close()
  }
}
