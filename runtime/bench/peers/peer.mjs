/**
 * Parley as one more peer of a harness that measures durable runtimes side by side: its broker, started for the run, and
 * its node, a process of its own (`hosted-peer.mjs`) behind the HTTP front that the harness's own peers have. Loaded by the
 * harness (`--adapter`), so it is plain JavaScript; `compare.ts` says by the environment where the harness and the node are and
 * which broker to run.
 */
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { register } from 'tsx/esm/api'

register()
const { runNatsServer } = await import('../../nats-server/run-nats-server.ts')
const { harness, service, bin, version, sync } = JSON.parse(process.env.PARLEY_PEER)
const { httpAdapter } = await import(pathToFileURL(join(harness, 'adapters/_http.mjs')).href)

/** What the harness asks of a peer's server: where its data is, its process, and to be killed and started again. */
async function startServer(dir) {
  const data = join(dir, 'nats')
  const run = (port) => runNatsServer({ bin, dataDir: data, port, syncAlways: sync === 'always' })
  let server = await run()
  const port = Number(new URL(server.url).port)
  return {
    url: server.url,
    data,
    pid: () => server.pid,
    async kill() {
      process.kill(server.pid, 'SIGKILL')
      await server.exited
    },
    async start() {
      server = await run(port)
    },
    stop: () => server.stop(),
  }
}

export default httpAdapter({
  name: `parley-${sync}`,
  version: `nats-server ${version}`,
  // Every event of this workload has effects, and effects go out after the commit: once they are seen, all is durable.
  ack: 'HTTP effects: event stored; no-op effects: state+effects',
  service: relative(join(harness, 'services'), service),
  startServer,
  env: ({ server }) => ({ NATS_URL: server.url }),
  settings: { nats: `sync_interval: ${sync === 'always' ? 'always' : '2m (the server default)'}`, replicas: 1 },
})
