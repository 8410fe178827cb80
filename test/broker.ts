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
  /** Stops the server and keeps its data; `resume` starts it again on the same port. */
  pause(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

export async function startBroker(): Promise<Broker> {
  const dir = await mkdtemp(join(inject('brokersDir'), 'broker-'))
  const run = (port?: number) =>
    runNatsServer({
      bin: inject('natsServerBin'),
      dataDir: dir,
      syncAlways: false,
      ...(port === undefined ? {} : { port }),
    })
  let server = await run()
  const { url } = server
  return {
    url,
    dir,
    pause: () => server.stop(),
    async resume() {
      server = await run(Number(new URL(url).port))
    },
    async stop() {
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
