/** A broker for one measurement, on loopback, with a folder of its own below the system's; both are gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningNatsServer, runNatsServer } from '../nats-server/run-nats-server.ts'

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

export async function inThrowAwayFolder<Result>(work: (dataDir: string) => Promise<Result>): Promise<Result> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-bench-'))
  try {
    return await work(dataDir)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
