/**
 * docs/operations.md, "One machine", as an administrator follows it: its commands run on a folder that stands for the root of
 * the disk, and what they leave there is taken by a real nats-server and by a node's configuration.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { loadConfig } from '../runtime/config.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8')
const [install, ask] = [...page.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block]) => block!)

let disk: string
const at = (path: string) => join(disk, path)
const textOf = (path: string) => readFileSync(at(path), 'utf8')
/** A file of `NAME=value` lines. */
const variablesOf = (path: string) =>
  Object.fromEntries(
    textOf(path)
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(/=(.*)/).slice(0, 2)),
  )

beforeAll(() => {
  disk = mkdtempSync(join(tmpdir(), 'parley-operations-'))
  mkdirSync(at('etc/systemd/system'), { recursive: true })
  const commands = install!.replace(/^(npm|systemctl) .*$/gm, '').replaceAll(/(?<=[\s"'])\/etc\//g, `${disk}/etc/`)
  const { status, stderr } = spawnSync('sh', ['-e', '-c', commands], { cwd: root, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
afterAll(() => rmSync(disk, { recursive: true, force: true }))

test('installing leaves what the broker and the units ask for', () => {
  const env = { ...process.env, ...variablesOf('etc/nats/nats.env') }
  const options = { env, encoding: 'utf8' } as const
  const { stderr } = spawnSync(inject('natsServerBin'), ['-t', '-c', at('etc/nats/one.conf')], options)
  expect(stderr).toContain('is valid')
  const units = readdirSync(at('etc/systemd/system')).map((name) => textOf(`etc/systemd/system/${name}`))
  const asked =
    units.join('\n').match(/(?<=(?:EnvironmentFile=|PARLEY_CONFIG=|LoadCredential=[\w-]+:|-c )\/)\S+/g) ?? []
  expect(asked.length).toBe(6)
  for (const path of asked) expect(statSync(at(path)).isFile(), path).toBe(true)
})

test('a node takes it, with the password that the broker has', () => {
  const env = {
    ...variablesOf('etc/parley/parley.env'),
    PARLEY_CONFIG: at('etc/parley/parley.config.json'),
    PARLEY_NATS_PASSWORD_FILE: at('etc/parley/secrets/nats-password'),
    PARLEY_ADMIN_TOKEN_FILE: at('etc/parley/secrets/admin-token'),
    NODE_ENV: 'production',
  }
  for (const name of ['PARLEY_CONFIG', 'PARLEY_NATS_PASSWORD_FILE', 'PARLEY_ADMIN_TOKEN_FILE'])
    expect(ask).toContain(name)
  const { nats, adminToken } = loadConfig({ env, cwd: disk })
  const { PARLEY_NATS_NODE_PASSWORD: password } = variablesOf('etc/nats/nats.env')
  expect(nats).toMatchObject({ url: ['nats://127.0.0.1:4222'], user: 'node', password })
  expect(adminToken).toMatch(/^p[0-9a-f]{48}$/)
})

test('secrets are for root alone, the rest may be read', () => {
  const rights = (path: string) => (statSync(at(path)).mode & 0o777).toString(8)
  expect(['etc/parley/secrets', 'etc/nats/nats.env', 'etc/parley/secrets/admin-token'].map(rights)).toEqual([
    '700',
    '600',
    '600',
  ])
  expect(['etc/parley/parley.config.json', 'etc/nats/accounts.conf'].map(rights)).toEqual(['644', '644'])
})
