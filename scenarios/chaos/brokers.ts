/**
 * The nats-servers of a chaos run: one, or a cluster, each a process with its store on the disk and a port that it keeps over
 * all its starts. Speaks to the binary, and once to the servers, to see that they are one.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../adapters/clock.ts'
import { type Broker, connectBroker } from '../../runtime/broker.ts'
import { type Child, keepRunning } from './child-process.ts'
import type { BrokerPlace } from './network.ts'

export interface Brokers {
  urls: string[]
  children: Child[]
  stop(): Promise<void>
}

/** Resolves when JetStream answers; throws when it has not after a minute, and leaves nothing running. */
export async function startBrokers(
  clock: Clock,
  bin: string,
  dir: string,
  places: readonly BrokerPlace[],
): Promise<Brokers> {
  const children = places.map((place, index) => {
    const home = join(dir, `broker-${index + 1}`)
    mkdirSync(home, { recursive: true })
    const file = join(home, 'nats-server.conf')
    writeFileSync(file, configOf(home, `b${index + 1}`, place))
    const logFile = join(dir, `broker-${index + 1}.log`)
    return keepRunning(clock, place.inside({ command: bin, args: ['-c', file], env: {}, cwd: home, logFile }))
  })
  const stop = async () => void (await Promise.all(children.map((child) => child.stop())))
  const urls = places.map(({ host, port }) => `nats://${host}:${port}`)
  try {
    await answering(clock, urls)
  } catch (error) {
    await stop()
    throw error
  }
  return { urls, children, stop }
}

/**
 * Clients are not told of other servers: each knows its ways to all of them (`network.ts`). Every write is synced, as in
 * `parley brokers` and in production: a server that syncs now and then may forget what it has agreed to when it is killed.
 */
function configOf(home: string, name: string, { host, port, routePort, routes }: BrokerPlace): string {
  const cluster = `cluster {
  name: chaos
  listen: "${host}:${routePort}"
  routes: [${routes.map((url) => JSON.stringify(url)).join(', ')}]
  no_advertise: true
}
`
  return `server_name: ${name}
host: "${host}"
port: ${port}
jetstream { store_dir: ${JSON.stringify(home)}, sync_interval: always }
${routes.length > 0 ? cluster : ''}`
}

const ready_ms_max = 60_000
const look_again_ms = 200

async function answering(clock: Clock, urls: string[]): Promise<void> {
  const give_up_ms = clock.now() + ready_ms_max
  for (;;) {
    try {
      const { nc, jsm } = await connectBroker(urls, {}, 'chaos-start')
      await jsm.getAccountInfo().finally(() => nc.close())
      return
    } catch (error) {
      if (clock.now() > give_up_ms) throw error
      await clock.sleep(look_again_ms)
    }
  }
}

/** A connection of the harness itself: past all lines, so that it reads whatever the nodes go through. */
export const connectPast = (brokers: Brokers, name: string): Promise<Broker> => connectBroker(brokers.urls, {}, name)
