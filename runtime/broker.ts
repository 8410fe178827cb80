/**
 * The connection to the NATS cluster: made once a process, kept through every outage. Refuses a server below the floor,
 * which would take timers and never fire them, and one that could not take every turn. Speaks to the server only.
 */
import { readFileSync } from 'node:fs'
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream'
import {
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
  type ServerInfo,
} from '@nats-io/transport-node'
import { systemClock } from '../adapters/clock.ts'
import { ackedPublish } from './acked-publish.ts'
import type { Config } from './config.ts'
import { StartError } from './errors.ts'
import { inboxPrefixOf } from './inbox.ts'
import { isAtLeast, version_floor } from './nats-server/version.ts'
import type { Ownership } from './owned-consumer.ts'
import { payload_bytes_min } from './streams.ts'

export interface Broker {
  nc: NatsConnection
  js: JetStreamClient
  jsm: JetStreamManager
  /** Servers the cluster says it has. */
  servers: number
  /** What stands between the deliveries of a partition and its owner. */
  opening: (owner: Ownership) => Ownership
}

const api_timeout_ms = 5_000
const reconnect_wait_ms = 250

/** Throws `StartError` when nobody answers, or a server that is too old, or takes too little. */
export async function connectBroker(servers: string[], nats: Config['nats'], name: string): Promise<Broker> {
  const options: NodeConnectionOptions = {
    servers,
    name,
    // Without it every request captures a stack trace, at half the speed (measured).
    noAsyncTraces: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnect_wait_ms,
    ...(nats.user ? { user: nats.user, pass: nats.password, inboxPrefix: inboxPrefixOf(nats.user) } : {}),
    ...(nats.creds ? { authenticator: credsAuthenticator(readFileSync(nats.creds)) } : {}),
    ...(nats.tls ? { tls: tlsFiles(nats.tls) } : {}),
  }
  let nc: NatsConnection
  try {
    nc = await connect(options)
  } catch (cause) {
    if (/authorization/i.test(String(cause))) {
      const todo = 'check PARLEY_NATS_USER and PARLEY_NATS_PASSWORD, or PARLEY_NATS_CREDS'
      throw new StartError('E_BROKER_AUTH', `the NATS server at ${hostsOf(servers)} does not let us in; ${todo}`, cause)
    }
    throw new StartError('E_BROKER', `no NATS server answers at ${hostsOf(servers)}; check PARLEY_NATS_URL`, cause)
  }
  const version = nc.info?.version ?? '0.0.0'
  if (!isAtLeast(version)) {
    await nc.close()
    throw new StartError(
      'E_BROKER_VERSION',
      `nats-server ${version} is too old: ${version_floor} or newer is needed for timers and ordered fail-over; see github.com/nats-io/nats-server/releases`,
    )
  }
  const payload_bytes_max = nc.info?.max_payload ?? 0
  if (payload_bytes_max < payload_bytes_min) {
    await nc.close()
    throw new StartError(
      'E_MAX_PAYLOAD',
      `nats-server takes messages of at most ${payload_bytes_max} bytes, turns may need ${payload_bytes_min}: set max_payload to 1MB or more in its configuration, on every server of the cluster`,
    )
  }
  const jsm = await managerOf(nc)
  const js = jetstream(nc, { timeout: api_timeout_ms })
  js.publish = ackedPublish(nc, systemClock(), api_timeout_ms, js.publish.bind(js))
  return { nc, js, jsm, servers: serversIn(nc.info), opening: (owner) => owner }
}

/** How many copies of a stream are kept: as configured, else three where a cluster can. */
export const replicasOf = ({ replicas }: Pick<Config, 'replicas'>, { servers }: Pick<Broker, 'servers'>): number =>
  replicas ?? (servers >= 3 ? 3 : 1)

/**
 * How many servers the one we are connected to knows, itself included. One that is alone may name several addresses: those
 * of its machine.
 */
export function serversIn(info: Pick<ServerInfo, 'cluster' | 'connect_urls'> | undefined): number {
  return info?.cluster ? Math.max(1, new Set(info.connect_urls).size) : 1
}

/** Closes the connection when JetStream does not answer: it would come back by itself for ever, and nobody would own it. */
async function managerOf(nc: NatsConnection): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(nc, { timeout: api_timeout_ms })
  } catch (error) {
    await nc.close()
    throw error
  }
}

const hostsOf = (servers: string[]): string => servers.map((url) => url.replace(/\/\/[^/\s]*@/, '//***@')).join(', ')

function tlsFiles({ ca, cert, key }: NonNullable<Config['nats']['tls']>) {
  return { ...(ca ? { caFile: ca } : {}), ...(cert ? { certFile: cert } : {}), ...(key ? { keyFile: key } : {}) }
}
