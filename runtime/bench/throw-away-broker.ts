/**
 * Brokers for one measurement, on loopback, with a folder of their own below the system's; all are gone afterwards, and when
 * the process exits in the middle.
 */
import { readdirSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serverOf } from '../nats-server/data-dir-lock.ts'
import { freePorts } from '../nats-server/free-ports.ts'
import { type RunningNatsServer, runNatsServer } from '../nats-server/run-nats-server.ts'
import { runThreeBrokers } from '../nats-server/run-three-brokers.ts'

export async function onThrowAwayBroker<Result>(
  bin: string,
  syncAlways: boolean,
  work: (server: RunningNatsServer, dataDir: string) => Promise<Result>,
): Promise<Result> {
  return inThrowAwayFolder(async (dataDir) => {
    const server = await runNatsServer({ bin, dataDir, syncAlways })
    try {
      return await work(server, dataDir)
    } finally {
      await server.stop()
    }
  })
}

const cluster_size = 3

/** The same on three that are one cluster: what `PARLEY_REPLICAS=3` needs. Every write is synced. */
export async function onThrowAwayCluster<Result>(
  bin: string,
  work: (servers: RunningNatsServer[], dataDir: string) => Promise<Result>,
): Promise<Result> {
  return inThrowAwayFolder(async (dataDir) => {
    const ports = await freePorts(2 * cluster_size)
    const seats = Array.from({ length: cluster_size }, (_, place) => {
      return { client: ports[place]!, route: ports[cluster_size + place]! }
    })
    const { servers, stop } = await runThreeBrokers({ bin, dataDir, syncAlways: true, ports: seats })
    try {
      return await work(servers, dataDir)
    } finally {
      await stop()
    }
  })
}

export async function inThrowAwayFolder<Result>(work: (dataDir: string) => Promise<Result>): Promise<Result> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-bench-'))
  const clear = () => clearNow(dataDir)
  process.on('exit', clear)
  try {
    return await work(dataDir)
  } finally {
    process.off('exit', clear)
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Nothing can be waited for any more: servers of this folder, and of those in it, are killed. */
function clearNow(dataDir: string): void {
  const folders = readdirSync(dataDir, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const folder of [dataDir, ...folders.map(({ name }) => join(dataDir, name))]) {
    const pid = serverOf(folder)
    if (pid) process.kill(pid, 'SIGKILL')
  }
  // One that is killed may still be writing.
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 })
}
