/**
 * The whole system as `npm start` runs it, as a process of its own with a data folder of its own: for tests that kill it,
 * or look at what it leaves on the disk.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inject } from 'vitest'
import { stopOrphan } from '../runtime/nats-server/data-dir-lock.ts'
import { type Answer, request } from './node.ts'

export interface System {
  dataDir: string
  /** Everything it has said so far, over all its starts. */
  output: string
  /** Where the NATS server of the present start listens. */
  natsUrl(): string
  /** Where its gateway listens. */
  url(): string
  /** Starts it, or starts it again; resolves when its doors are open. Rejects with what it said when it ends instead. */
  start(env?: Record<string, string>): Promise<void>
  isRunning(): boolean
  /** One request to the gateway, or to the desk for `/desk/…`. Undefined when nobody answered. */
  ask(method: string, path: string, body?: unknown): Promise<Answer | undefined>
  /** Ends it in order. */
  stop(): Promise<void>
  /** Ends whatever is left of it, and removes its data. */
  remove(): Promise<void>
}

const entry = join(import.meta.dirname, '../bin/parley.mjs')

const settings = {
  PARLEY_PORT: '0',
  PARLEY_DESK_PORT: '0',
  PARLEY_DESK_AUTOMATIC: 'false',
  PARLEY_PARTITIONS: '4',
  PARLEY_SYNC_ALWAYS: 'false',
  PARLEY_LOG_LEVEL: 'debug',
}

/** `env`: settings of every start. */
export async function system(everyTime: Record<string, string> = {}): Promise<System> {
  const dataDir = await mkdtemp(join(inject('brokersDir'), 'system-'))
  let child: ChildProcess | undefined
  let said = ''
  const addressOf = (name: string) => new RegExp(`^ +${name} +(\\S+)`, 'm').exec(said)?.[1] ?? ''
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null

  const self: System = {
    dataDir,
    output: '',
    natsUrl: () => addressOf('NATS'),
    url: () => addressOf('Gateway'),
    async start(env = {}) {
      said = ''
      const all = {
        PATH: process.env.PATH ?? '',
        NATS_SERVER_BIN: inject('natsServerBin'),
        ...settings,
        ...everyTime,
        ...env,
      }
      const started = spawn(process.execPath, [entry, 'dev'], {
        cwd: dataDir,
        env: { ...all, PARLEY_DATA_DIR: dataDir },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child = started
      await new Promise<void>((resolve, reject) => {
        const hear = (text: string) => {
          said += text
          self.output += text
          if (/Send the first text/.test(said)) resolve()
        }
        for (const stream of [started.stdout, started.stderr]) stream.setEncoding('utf8').on('data', hear)
        started.on('close', (code, signal) =>
          reject(new Error(`ended with ${signal ?? code} and these words:\n${said}`)),
        )
      })
    },
    isRunning,
    async ask(method, path, body) {
      const url = addressOf(path.startsWith('/desk/') ? 'Desk' : 'Gateway')
      return request(url + path, method, body).catch(() => undefined)
    },
    async stop() {
      if (!child || !isRunning()) return
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await closed
    },
    async remove() {
      await self.stop()
      await stopOrphan(join(dataDir, 'nats'))
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  return self
}
