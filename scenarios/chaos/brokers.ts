/**
 * The nats-servers of a chaos run: one, or a cluster, each a process with its store on the disk and a port that it keeps over
 * all its starts. Speaks to the binary, and once to the servers, to see that they are one.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../../adapters/clock.ts'
import { type Broker, connectBroker } from '../../runtime/broker.ts'
import { type Child, keepRunning } from './child-process.ts'

export interface Brokers {
  urls: string[]
  ports: number[]
  children: Child[]
  stop(): Promise<void>
}

/** Resolves when JetStream answers; throws when it has not after a minute, and leaves nothing running. */
export async function startBrokers(clock: Clock, bin: string, dir: string, count: number): Promise<Brokers> {
  const ports = await freePorts(count)
  const routes = count > 1 ? await freePorts(count) : []
  const children = ports.map((_, index) => {
    const home = join(dir, `broker-${index + 1}`)
    mkdirSync(home, { recursive: true })
    const file = join(home, 'nats-server.conf')
    writeFileSync(file, configOf(home, index, ports, routes))
    return keepRunning(clock, {
      command: bin,
      args: ['-c', file],
      env: {},
      cwd: home,
      logFile: join(dir, `broker-${index + 1}.log`),
    })
  })
  const stop = async () => void (await Promise.all(children.map((child) => child.stop())))
  const urls = ports.map((port) => `nats://127.0.0.1:${port}`)
  try {
    await answering(clock, urls)
  } catch (error) {
    await stop()
    throw error
  }
  return { urls, ports, children, stop }
}

/** Clients are not told of other servers: each goes through its own line, which knows them all (`line.ts`). */
function configOf(home: string, index: number, ports: number[], routes: number[]): string {
  const others = routes.filter((_, other) => other !== index).map((port) => `"nats://127.0.0.1:${port}"`)
  const cluster = `cluster {
  name: chaos
  listen: "127.0.0.1:${routes[index]}"
  routes: [${others.join(', ')}]
  no_advertise: true
}
`
  return `server_name: b${index + 1}
host: "127.0.0.1"
port: ${ports[index]}
jetstream { store_dir: ${JSON.stringify(home)} }
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

/** Ports that nobody listens on at this moment. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return ports
}
