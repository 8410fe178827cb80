/**
 * Keeps one nats-server to a data folder. Owns `nats-server.pid`: which server serves the folder, and which process started it.
 * A killed parent leaves its server behind (the system does not end children), and two servers on one store would ruin it.
 *
 * Invariants:
 *   1. Only a process that the file names, that started when the file says, and whose command line names this folder's
 *      configuration is ever signalled. Nothing is found by name.
 *   2. A server whose starter still runs is not an orphan: the folder is in use, and nothing is signalled.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../adapters/clock.ts'
import { isRunning, type ProcessIdentity, processWith } from './process-identity.ts'

/** After SIGTERM a server writes its state and leaves; beyond this it is killed, which loses nothing but recent acks. */
export const stop_ms_max = 5_000

const kill_ms_max = 2_000
const look_again_ms = 20

interface Lock {
  server: ProcessIdentity
  starter: ProcessIdentity
}

/** The configuration file of the server of this folder; it stands on the command line, by which the server is known. */
export function configFileOf(dataDir: string): string {
  return join(dataDir, 'nats-server.conf')
}

/** Writes down that the child `pid` of this process serves the folder. */
export function lockDataDir(dataDir: string, pid: number): void {
  const [server, starter] = [processWith(pid), processWith(process.pid)]
  if (!server || !starter) return
  const lock: Lock = {
    server: { pid, started: server.started },
    starter: { pid: starter.pid, started: starter.started },
  }
  writeFileSync(`${fileOf(dataDir)}.new`, `${JSON.stringify(lock)}\n`)
  renameSync(`${fileOf(dataDir)}.new`, fileOf(dataDir))
}

/** Takes the note back once the server `pid` is gone. Leaves the note of any other server alone. */
export function unlockDataDir(dataDir: string, pid: number): void {
  if (readLock(dataDir)?.server.pid === pid) rmSync(fileOf(dataDir), { force: true })
}

/** The pid of the server that serves the folder now, whoever started it; undefined when none does. */
export function serverOf(dataDir: string): number | undefined {
  const server = readLock(dataDir)?.server
  return server && isServing(server, dataDir) ? server.pid : undefined
}

/**
 * Stops the server that a killed process left on this folder; resolves to its pid, or undefined when there was none.
 * Throws when the process that started it still runs, or when it does not end.
 */
export async function stopOrphan(dataDir: string, clock: Clock = systemClock()): Promise<number | undefined> {
  const lock = readLock(dataDir)
  if (!lock) return undefined
  const { server, starter } = lock
  if (!isServing(server, dataDir)) return undefined
  if (isRunning(starter))
    throw new Error(
      `${dataDir} is in use by nats-server ${server.pid}, started by process ${starter.pid}: stop that process first, or choose another data folder.`,
    )
  const gone =
    (await endedAfter(server, 'SIGTERM', stop_ms_max, clock)) ||
    (await endedAfter(server, 'SIGKILL', kill_ms_max, clock))
  if (!gone)
    throw new Error(
      `nats-server ${server.pid} still serves ${dataDir} after SIGKILL: end it by hand, then start again.`,
    )
  rmSync(fileOf(dataDir), { force: true })
  return server.pid
}

async function endedAfter(server: ProcessIdentity, signal: NodeJS.Signals, ms: number, clock: Clock): Promise<boolean> {
  const untilMs = clock.now() + ms
  try {
    process.kill(server.pid, signal)
  } catch {
    return !isRunning(server)
  }
  while (isRunning(server) && clock.now() < untilMs) await clock.sleep(look_again_ms)
  return !isRunning(server)
}

const isServing = (server: ProcessIdentity, dataDir: string): boolean =>
  isRunning(server) && processWith(server.pid)?.command.includes(configFileOf(dataDir)) === true

function fileOf(dataDir: string): string {
  return join(dataDir, 'nats-server.pid')
}

/** A missing or torn file is no lock. */
function readLock(dataDir: string): Lock | undefined {
  try {
    const lock: Lock = JSON.parse(readFileSync(fileOf(dataDir), 'utf8'))
    return isIdentity(lock?.server) && isIdentity(lock.starter) ? lock : undefined
  } catch {
    return undefined
  }
}

function isIdentity(value: ProcessIdentity | undefined): boolean {
  return Number.isInteger(value?.pid) && Number(value?.pid) > 1 && typeof value?.started === 'string'
}
