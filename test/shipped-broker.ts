/**
 * A nats-server on the configuration that is shipped in `deploy/nats/`, on free ports and a folder of its own; each user's
 * password is its name.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inject, vi } from 'vitest'

export const brokerUsers = ['operator', 'node', 'gateway', 'worker', 'desk', 'reader', 'producer'] as const
export type BrokerUser = (typeof brokerUsers)[number]

export const passwords: Record<string, string> = Object.fromEntries(
  [...brokerUsers, 'sys', 'route'].map((user) => [`PARLEY_NATS_${user.toUpperCase()}_PASSWORD`, user]),
)
export const deployFolder = join(import.meta.dirname, '../deploy')

export async function shippedBroker(): Promise<{ url: string; dir: string; stop(): Promise<void> }> {
  const dir = await mkdtemp(join(inject('brokersDir'), 'shipped-'))
  const shipped = await readFile(join(deployFolder, 'nats/one.conf'), 'utf8')
  await writeFile(join(dir, 'one.conf'), shipped.replace('/var/lib/nats', join(dir, 'store')))
  await copyFile(join(deployFolder, 'nats/accounts.conf'), join(dir, 'accounts.conf'))
  const args = ['-c', join(dir, 'one.conf'), '-p', '-1', '-m', '-1', '--ports_file_dir', dir]
  const child = spawn(inject('natsServerBin'), args, { env: { ...process.env, ...passwords }, stdio: 'ignore' })
  const exited = once(child, 'exit')
  const url = await vi.waitFor(
    async () => {
      const file = (await readdir(dir)).find((name) => name.endsWith('.ports'))
      return JSON.parse(await readFile(join(dir, file!), 'utf8')).nats[0] as string
    },
    { timeout: 20_000, interval: 20 },
  )
  return {
    url,
    dir,
    async stop() {
      child.kill('SIGTERM')
      await exited
      await rm(dir, { recursive: true, force: true })
    },
  }
}
