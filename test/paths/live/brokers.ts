/** The nats-servers that paths are walked on: one, or three as a cluster with every stream in three copies. */
import { freePorts } from '../../../runtime/nats-server/free-ports.ts'
import { runNatsServer } from '../../../runtime/nats-server/run-nats-server.ts'
import { runThreeBrokers } from '../../../runtime/nats-server/run-three-brokers.ts'

export interface LiveBrokers {
  urls: string[]
  pids: number[]
  replicas: 1 | 3
  stop(): Promise<void>
}

/** Little is stored, so memory may grow before it is swept. */
const env = { GOGC: '400' }
/** Three on a few cores take more from each other than they gain from a second core. */
const envOfThree = { ...env, GOMAXPROCS: '1' }

/** They sync now and then: nothing here is killed but nodes, and nothing outlives the walk. */
export async function startBrokers(bin: string, dataDir: string, count: 1 | 3): Promise<LiveBrokers> {
  const common = { bin, dataDir, syncAlways: false }
  if (count === 1) {
    const { url, pid, stop } = await runNatsServer({ ...common, env })
    return { urls: [url], pids: [pid], replicas: 1, stop }
  }
  const ports = await freePorts(6)
  const places = [0, 1, 2].map((index) => ({ client: ports[index]!, route: ports[index + 3]! }))
  const { servers, stop } = await runThreeBrokers({ ...common, env: envOfThree, ports: places })
  return { urls: servers.map(({ url }) => url), pids: servers.map(({ pid }) => pid), replicas: 3, stop }
}
