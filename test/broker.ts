/**
 * A throw-away nats-server for one test file: real, on loopback, its data in a temporary folder, without syncing to the disk.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import { runNatsServer } from '../runtime/nats-server/run-nats-server.ts'

export interface Broker {
  /** `nats://127.0.0.1:<port>` */
  url: string
  /** Holds its data and `nats-server.log`; gone after `stop`. */
  dir: string
  stop(): Promise<void>
}

export async function startBroker(): Promise<Broker> {
  const dir = await mkdtemp(join(inject('brokersDir'), 'broker-'))
  const server = await runNatsServer({ bin: inject('natsServerBin'), dataDir: dir, syncAlways: false })
  const stop = async () => {
    await server.stop()
    await rm(dir, { recursive: true, force: true })
  }
  return { url: server.url, dir, stop }
}
