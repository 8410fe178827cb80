/** Somebody else's proxy: Debian's tinyproxy, unpacked and not installed, which lets nobody through without a password. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../runtime/nats-server/free-ports.ts'
import { unpacked } from './debian-packages.ts'

export interface ConnectProxy {
  /** With user and password. */
  url: string
  /** What went through it, as `host:port`. */
  tunnels(): Promise<string[]>
  stop(): Promise<void>
}

const up_ms_max = 10_000
const look_again_ms = 30

/** Throws with what is missing here. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const root = await unpacked('tinyproxy', ['tinyproxy-bin'])
  const dir = await mkdtemp(join(tmpdir(), 'parley-proxy-'))
  const [port = 0] = await freePorts(1)
  const log = join(dir, 'log')
  const settings = [
    ...[`Port ${port}`, 'Listen 127.0.0.1', 'Allow 127.0.0.1', 'BasicAuth parley s3cret'],
    ...[`LogFile "${log}"`, 'LogLevel Connect', 'MaxClients 20', 'Timeout 60'],
  ]
  await writeFile(join(dir, 'conf'), `${settings.join('\n')}\n`)
  const child = spawn(join(root, 'usr/bin/tinyproxy'), ['-d', '-c', join(dir, 'conf')], { stdio: 'ignore' })
  const stop = async () => {
    const gone = child.exitCode === null ? once(child, 'exit') : undefined
    child.kill('SIGTERM')
    await gone
    await rm(dir, { recursive: true, force: true })
  }
  await up(child, port).catch(async (error) => {
    await stop()
    throw error
  })
  return {
    url: `http://parley:s3cret@127.0.0.1:${port}`,
    tunnels: async () =>
      [...(await readFile(log, 'utf8')).matchAll(/Request \(file descriptor \d+\): CONNECT (\S+)/g)].map(
        ([, target]) => target!,
      ),
    stop,
  }
}

async function up(child: ChildProcess, port: number): Promise<void> {
  for (let waited_ms = 0; !(await listens(port)); waited_ms += look_again_ms) {
    if (child.exitCode !== null || waited_ms >= up_ms_max) throw new Error('tinyproxy does not run here')
    await new Promise((resolve) => setTimeout(resolve, look_again_ms))
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
