/**
 * `parley brokers`: three nats-servers on this machine, joined into one cluster, for trying out how nodes go on when one of
 * them dies. Stays up until Ctrl-C; keeps their data below the data folder.
 */
import { join, resolve } from 'node:path'
import { loadConfig } from '../../runtime/config.ts'
import { getNatsServer } from '../../runtime/nats-server/get-nats-server.ts'
import { runThreeBrokers } from '../../runtime/nats-server/run-three-brokers.ts'
import { natsServerCache } from '../nats-server-cache.ts'
import { untilStopped } from '../until-stopped.ts'

const ports = [
  { client: 4_222, route: 6_222 },
  { client: 4_223, route: 6_223 },
  { client: 4_224, route: 6_224 },
]

export async function brokers(): Promise<void> {
  const { dataDir, syncAlways } = loadConfig({ env: process.env, cwd: process.cwd() })
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const { bin } = await getNatsServer({ cacheDir: natsServerCache, progress: print })
  const folder = join(resolve(dataDir), 'brokers')
  const { servers, stop } = await runThreeBrokers({ bin, dataDir: folder, syncAlways, ports, log: print })
  servers.forEach(({ url, pid, exited }, index) => {
    print(`Broker ${index + 1}  ${url}  process ${pid}`)
    const again = `${bin} -c ${join(folder, String(index + 1), 'nats-server.conf')}`
    void exited.then(({ code, signal }) => print(`Broker ${index + 1} ended (${signal ?? code}); again with: ${again}`))
  })
  print(`\nPARLEY_NATS_URL=${servers.map(({ url }) => url).join(',')}`)
  await untilStopped(stop)
}
