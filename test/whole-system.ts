/**
 * The whole system as a process of its own (`parley dev`: broker, node, desk), that a test may see die and start again.
 * What is asked of it is asked until it answers, as a provider would: a request that a crash cut off is sent again with
 * the same id.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject, vi } from 'vitest'

export interface WholeSystem {
  dataDir: string
  /** How each process of it so far ended, oldest first; the living one is not in it. */
  deaths: { code: number | null; signal: NodeJS.Signals | null }[]
  /** Everything the processes printed. */
  printed(): string
  gateway(path: string, body?: object): Promise<Answer>
  desk(path: string, body?: object): Promise<Answer>
  /** Looks again until `check` passes; fails with its last error after 30 s. */
  until(check: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: foreign JSON, looked into by the assertions
  body: any
}

const patience_ms = 30_000
const look_again_ms = 40

/** `crashAt` holds for the first process only: the ones after it live on. */
export async function startWholeSystem(env: Record<string, string>, crashAt?: string): Promise<WholeSystem> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-system-'))
  const [port, deskPort] = await Promise.all([freePort(), freePort()])
  const common = {
    PATH: process.env.PATH ?? '',
    NATS_SERVER_BIN: inject('natsServerBin'),
    PARLEY_DATA_DIR: dataDir,
    PARLEY_PORT: String(port),
    PARLEY_DESK_PORT: String(deskPort),
    PARLEY_DESK_AUTOMATIC: 'false',
    PARLEY_SYNC_ALWAYS: 'false',
    PARLEY_PARTITIONS: '4',
    ...env,
  }
  const deaths: WholeSystem['deaths'] = []
  let output = ''
  let stopping = false
  let child: ChildProcess

  const live = (crash: Record<string, string>) => {
    child = spawn(process.execPath, [join(import.meta.dirname, '../bin/parley.mjs'), 'dev'], {
      cwd: dataDir,
      env: { ...common, ...crash },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.once('exit', (code, signal) => {
      deaths.push({ code, signal })
      if (!stopping) live({})
    })
  }
  live(crashAt === undefined ? {} : { PARLEY_CRASH_AT: crashAt })

  const until = (check: () => Promise<void>) =>
    vi.waitFor(check, { timeout: patience_ms, interval: look_again_ms }) as Promise<void>
  const ask = (to: number) => async (path: string, body?: object) => {
    let answer: Answer | undefined
    await until(async () => {
      answer = await request(`http://127.0.0.1:${to}${path}`, body)
      if (answer.status === 503) throw new Error(`${path} answers 503`)
    })
    return answer!
  }
  return {
    dataDir,
    deaths,
    printed: () => output,
    gateway: ask(port),
    desk: ask(deskPort),
    until,
    async stop() {
      stopping = true
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function request(url: string, body: object | undefined): Promise<Answer> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

/** A port that was free a moment ago; it must stay the same over restarts. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
