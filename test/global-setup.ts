/**
 * Runs once before all tests: a real nats-server must be there, else every run stops with the sentence that says what to install.
 * Afterwards it stops the brokers of test processes that were killed before they could.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { stopOrphan } from '../runtime/nats-server/data-dir-lock.ts'
import { getNatsServer } from '../runtime/nats-server/get-nats-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    natsServerBin: string
    /** Every throw-away broker keeps its data in a folder of its own below this one. */
    brokersDir: string
  }
}

export default async function setup(project: TestProject) {
  const { bin } = await getNatsServer({
    cacheDir: join(import.meta.dirname, '../.parley'),
    progress: (line) => process.stderr.write(`${line}\n`),
  })
  const brokersDir = await mkdtemp(join(tmpdir(), 'parley-brokers-'))
  project.provide('natsServerBin', bin)
  project.provide('brokersDir', brokersDir)

  return async () => {
    for (const name of await readdir(brokersDir)) await stopOrphan(join(brokersDir, name))
    await rm(brokersDir, { recursive: true, force: true })
  }
}
