/** The connections of each far side, as its settings say, and how renewed certificates get into them. */
import type { Clock } from '../adapters/clock.ts'
import { type ClientTls, type Connections, connectionsWith } from '../adapters/connections.ts'
import type { Config } from './config.ts'
import { authoritiesIn, identityIn } from './pem-files.ts'
import { type FollowMeans, followFiles } from './renewed-files.ts'

const named = ['digitalRouting', 'engage', 'connect'] as const
type FarSideName = (typeof named)[number]

export interface ConnectionsOut extends Record<FarSideName, Connections> {
  /** Of every other far side: through the proxy, with no certificate of ours. */
  others: Connections
}

/** Opens nothing yet. Throws `StartError` (`E_TLS`) when a file that is set cannot be used. */
export async function openConnections(
  { tls, proxy }: Config,
  clock: Clock,
  log: FollowMeans['log'],
): Promise<ConnectionsOut & { stop(): Promise<void> }> {
  const followers: { stop(): void }[] = []
  const opened = async (name: FarSideName): Promise<[FarSideName, Connections]> => {
    const files = tls[name] ?? {}
    const connections = connectionsWith(await tlsIn(`tls.${name}`, files), proxy)
    const renew = async () => connections.renew(await tlsIn(`tls.${name}`, files))
    followers.push(followFiles(Object.values(files), { clock, log, renew }))
    return [name, connections]
  }
  const each = Object.fromEntries(await Promise.all(named.map(opened))) as Record<FarSideName, Connections>
  return {
    ...each,
    others: connectionsWith({}, proxy),
    async stop() {
      for (const follower of followers) follower.stop()
    },
  }
}

async function tlsIn(setting: string, { ca, cert, key }: ClientTls): Promise<ClientTls> {
  return {
    ...(ca === undefined ? {} : { ca: await authoritiesIn(`${setting}.ca`, ca) }),
    ...(cert === undefined || key === undefined ? {} : await identityIn(setting, { cert, key })),
  }
}
