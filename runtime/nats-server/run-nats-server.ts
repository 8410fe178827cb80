/**
 * Runs one nats-server with JetStream as a child of this process, on loopback, its data in a folder. Speaks to the binary,
 * to its configuration file, and once to its client port.
 *
 * Invariants:
 *   1. One server a data folder (`data-dir-lock.ts`): what a killed process left behind is stopped first.
 *   2. Ready means that this very child has answered with its INFO line, not that something listens on the port.
 *   3. The server writes to files, never to a pipe of ours, so that it outlives us in order and is stopped in order.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { basename, join, resolve } from 'node:path'
import { type Clock, systemClock } from '../../adapters/clock.ts'
import { configFileOf, lockDataDir, serverOf, stop_ms_max, stopOrphan, unlockDataDir } from './data-dir-lock.ts'

export interface RunNatsServerOptions {
  bin: string
  /** Holds the store (`jetstream/`), the configuration, the log and the pid file. Made when missing. */
  dataDir: string
  /** A free one when not given. */
  port?: number
  /** Write every record to the disk before it is acknowledged. Off only for data that may be lost with the power. */
  syncAlways?: boolean
  /** Joined to others; alone when not given. */
  cluster?: ClusterSeat
  /** Of its process, over what it has from ours. */
  env?: Record<string, string>
  /** One line for what an operator should know. */
  log?: (line: string) => void
  clock?: Clock
}

/** The place of one server in a cluster on loopback. */
export interface ClusterSeat {
  /** Unlike that of any other server of the cluster. */
  name: string
  /** Where the others reach it, and where it reaches them; its own may be among them. */
  port: number
  routes: number[]
}

export interface RunningNatsServer {
  /** `nats://127.0.0.1:<port>` */
  url: string
  pid: number
  /** Asks the server to end, and ends it after 5 s. Resolves when it is gone; calling again is harmless. */
  stop(): Promise<void>
  /** Resolves when the server has ended, for whatever reason. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** Recovering a large store takes its time before the port opens. */
const ready_ms_max = 60_000
const look_again_ms = 10
/**
 * How far its heap may grow over what lives there before it is swept; the server's own 100 is more memory for nothing here
 * (measured with 100,000 stored conversations: 704 and 467 MB, the same CPU a turn).
 */
const gc_growth_pct = '50'
const log_bytes_max = 10_485_760
const log_lines_shown = 5

/**
 * Resolves when the server answers. Throws with the last lines of its log when it ends before (a taken port, a broken store),
 * and when another living process runs a server on the same folder.
 */
export async function runNatsServer(options: RunNatsServerOptions): Promise<RunningNatsServer> {
  const { bin, log = () => {}, clock = systemClock() } = options
  const dataDir = resolve(options.dataDir)
  mkdirSync(dataDir, { recursive: true })
  const orphan = await stopOrphan(dataDir, clock)
  if (orphan) log(`stopped nats-server ${orphan}, which an earlier process left on ${dataDir}`)

  writeFileSync(configFileOf(dataDir), configOf({ ...options, dataDir }))
  clearTraces(dataDir)
  const { child, exited } = start(bin, dataDir, options.env)
  const pid = child.pid
  const stop = stopper(child, exited, clock)
  const state = { over: false }
  void exited.then(() => {
    state.over = true
    process.off('exit', stop.now)
    if (pid) unlockDataDir(dataDir, pid)
  })
  if (pid) lockDataDir(dataDir, pid)
  process.on('exit', stop.now)

  const giveUpMs = clock.now() + ready_ms_max
  while (pid && !state.over && clock.now() < giveUpMs) {
    const port = announcedPort(join(dataDir, `${basename(bin)}_${pid}.ports`))
    if (port && (await answersWithInfo(port)))
      return { url: `nats://127.0.0.1:${port}`, pid, stop: stop.inOrder, exited }
    await clock.sleep(look_again_ms)
  }
  await stop.inOrder()
  throw new Error(notStarted(options, await exited, logTail(dataDir)))
}

/**
 * Its own process group: Ctrl-C in a terminal must reach us alone, so that we can drain before the broker goes.
 * What the server says before its log is open goes to the log too.
 */
function start(
  bin: string,
  dataDir: string,
  own: Record<string, string> = {},
): { child: ChildProcess; exited: RunningNatsServer['exited'] } {
  const output = openSync(logFileOf(dataDir), 'a')
  const env = { GOGC: gc_growth_pct, ...process.env, ...own }
  const child = spawn(bin, ['-c', configFileOf(dataDir)], { stdio: ['ignore', output, output], detached: true, env })
  closeSync(output)
  const exited: RunningNatsServer['exited'] = new Promise((ended) => {
    child.on('exit', (code, signal) => ended({ code, signal }))
    child.on('error', (error) => {
      writeFileSync(logFileOf(dataDir), `${error.message}\n`, { flag: 'a' })
      ended({ code: null, signal: null })
    })
  })
  return { child, exited }
}

function stopper(child: ChildProcess, exited: Promise<unknown>, clock: Clock) {
  const now = () => void child.kill('SIGTERM')
  const inOrder = async () => {
    now()
    const cancel = clock.after(stop_ms_max, () => void child.kill('SIGKILL'))
    await exited
    cancel()
  }
  return { now, inOrder }
}

/** Strings are quoted as in JSON, which the server's format accepts. `ports_file_dir`: it writes its ports there once it listens. */
function configOf({ dataDir, port, cluster, syncAlways = true }: RunNatsServerOptions): string {
  return `# written by runtime/nats-server/run-nats-server.ts at every start
host: "127.0.0.1"
port: ${port ?? -1}
ports_file_dir: ${JSON.stringify(dataDir)}
log_file: ${JSON.stringify(logFileOf(dataDir))}
logfile_size_limit: ${log_bytes_max}
logfile_max_num: 2
jetstream {
  store_dir: ${JSON.stringify(dataDir)}
${syncAlways ? '  sync_interval: always\n' : ''}}
${cluster ? seatOf(cluster) : ''}`
}

function seatOf({ name, port, routes }: ClusterSeat): string {
  const addresses = routes.map((other) => JSON.stringify(`nats://127.0.0.1:${other}`))
  return `server_name: ${JSON.stringify(name)}
cluster {
  name: parley
  listen: "127.0.0.1:${port}"
  routes: [${addresses.join(', ')}]
}
`
}

/** Ports of servers that were killed, and the log of the start before last: the log begins anew, its predecessor is kept. */
function clearTraces(dataDir: string): void {
  for (const name of readdirSync(dataDir).filter((name) => name.endsWith('.ports'))) rmSync(join(dataDir, name))
  const log = logFileOf(dataDir)
  if (existsSync(log)) renameSync(log, `${log}.before`)
}

function logFileOf(dataDir: string): string {
  return join(dataDir, 'nats-server.log')
}

/** Where the server that serves a folder now listens, `nats://127.0.0.1:<port>`; undefined when none does. */
export function runningServerUrl(dataDir: string): string | undefined {
  const pid = serverOf(dataDir)
  const file = pid && readdirSync(dataDir).find((name) => name.endsWith(`_${pid}.ports`))
  const port = file && announcedPort(join(dataDir, file))
  return port ? `nats://127.0.0.1:${port}` : undefined
}

/** The server writes `{"nats":["nats://127.0.0.1:4222"]}` when its store is open and it listens. Half a file is none. */
function announcedPort(file: string): number | undefined {
  try {
    const ports: { nats?: string[] } = JSON.parse(readFileSync(file, 'utf8'))
    return Number(ports.nats?.[0]?.match(/:(\d+)$/)?.[1]) || undefined
  } catch {
    return undefined
  }
}

/** A nats-server speaks first: `INFO {…}`. */
function answersWithInfo(port: number): Promise<boolean> {
  return new Promise((answered) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('data', (bytes) => {
      answered(bytes.toString('latin1').startsWith('INFO '))
      socket.destroy()
    })
    socket.once('error', () => answered(false))
    socket.once('close', () => answered(false))
  })
}

function logTail(dataDir: string): string {
  try {
    const lines = readFileSync(logFileOf(dataDir), 'utf8').trimEnd().split('\n')
    return lines.slice(-log_lines_shown).join('\n')
  } catch {
    return '(no log)'
  }
}

function notStarted(
  { dataDir, port, bin }: RunNatsServerOptions,
  end: Awaited<RunningNatsServer['exited']>,
  tail: string,
) {
  const where = port === undefined ? 'a free port' : `port ${port}`
  const how = end.signal ?? (end.code === null ? 'could not be run' : `exit code ${end.code}`)
  return `nats-server (${bin}) did not start on 127.0.0.1, ${where}, with data in ${dataDir}: ${how}. Mend what its log says:\n${tail}`
}
