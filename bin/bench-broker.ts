/** How every bench begins: with the nats-server that it runs, and ready to leave nothing behind when it is ended. */
import { getNatsServer } from '../runtime/nats-server/get-nats-server.ts'
import { exitWhenTold } from './exit-when-told.ts'
import { natsServerCache } from './nats-server-cache.ts'

export interface BenchBroker {
  bin: string
  version: string
  /** One line on standard error. */
  progress: (line: string) => void
}

/** Fetches the server when it is missing. */
export async function benchBroker(): Promise<BenchBroker> {
  exitWhenTold()
  const progress = (line: string) => void process.stderr.write(`${line}\n`)
  const { bin, version } = await getNatsServer({ cacheDir: natsServerCache, progress })
  return { bin, version, progress }
}
