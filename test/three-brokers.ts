/** Three throw-away nats-servers as one cluster, for one test file: real, on loopback, without syncing to the disk. */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import { freePorts } from '../runtime/nats-server/free-ports.ts'
import { runThreeBrokers, type ThreeBrokers } from '../runtime/nats-server/run-three-brokers.ts'

/** `urls` is what PARLEY_NATS_URL takes. */
export async function startThreeBrokers(): Promise<ThreeBrokers & { urls: string }> {
  const dataDir = await mkdtemp(join(inject('brokersDir'), 'three-'))
  const [a, b, c, d, e, f] = await freePorts(6)
  const ports = [
    { client: a!, route: d! },
    { client: b!, route: e! },
    { client: c!, route: f! },
  ]
  const brokers = await runThreeBrokers({ bin: inject('natsServerBin'), dataDir, syncAlways: false, ports })
  return {
    ...brokers,
    urls: brokers.servers.map(({ url }) => url).join(','),
    async stop() {
      await brokers.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
