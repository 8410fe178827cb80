/**
 * The whole system on one machine, as `npm start` runs it: a real nats-server as a child, one node, the desk. Keeps its
 * data in the data folder; a second start goes on where the first one was killed.
 */
import { join, resolve } from 'node:path'
import type { Config } from './config.ts'
import { openLog } from './log.ts'
import { type Node, startNode } from './main.ts'
import { getNatsServer } from './nats-server/get-nats-server.ts'
import { runNatsServer } from './nats-server/run-nats-server.ts'

export interface Dev {
  node: Node
  natsUrl: string
  natsVersion: string
  logFile: string
  stop(): Promise<void>
}

export interface DevOptions {
  config: Config
  /** Where the nats-server binary is cached; the data folder unless told otherwise. */
  cacheDir?: string
  /** Where the built console lies. */
  consoleDir?: string
  progress?: (line: string) => void
}

/** Starts a broker unless the configuration names one. Throws `StartError` and leaves nothing running. */
export async function startDev({ config, cacheDir, consoleDir, progress = () => {} }: DevOptions): Promise<Dev> {
  const dataDir = resolve(config.dataDir)
  const logFile = join(dataDir, 'parley.log')
  const broker = config.nats.url ? undefined : await ownBroker(config, dataDir, cacheDir, progress)
  const natsUrls = config.nats.url ?? [broker!.url]
  try {
    const node = await startNode({
      config: { smtpPort: mail_port, ...config },
      anyMailPort: config.smtpPort !== 0,
      natsUrls,
      log: openLog(config.logLevel, logFile),
      ...(consoleDir ? { consoleDir } : {}),
    })
    return {
      node,
      natsUrl: natsUrls.join(','),
      natsVersion: node.broker.nc.info?.version ?? '',
      logFile,
      async stop() {
        await node.stop()
        await broker?.stop()
      },
    }
  } catch (error) {
    await broker?.stop()
    throw error
  }
}

/** Port 25 needs rights that nobody should start this with. */
const mail_port = 2_525

async function ownBroker(config: Config, dataDir: string, cacheDir = dataDir, progress: (line: string) => void) {
  const { bin } = await getNatsServer({ cacheDir, progress })
  const port = config.nats.port ? { port: config.nats.port } : {}
  return runNatsServer({ bin, dataDir: join(dataDir, 'nats'), syncAlways: config.syncAlways, log: progress, ...port })
}
