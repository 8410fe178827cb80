/**
 * What the image holds, without a container engine: the files that deploy/Dockerfile copies and the packages that its set-up
 * leaves, in a folder of their own. A node runs from there, on a real broker, with all that it serves from files.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, startBroker } from './broker.ts'
import { serve } from './served.ts'

const root = join(import.meta.dirname, '..')
let image: string
let broker: Broker

beforeAll(async () => {
  broker = await startBroker()
  image = mkdtempSync(join(tmpdir(), 'parley-image-'))
  for (const path of [...copied(), ...packages(), '.parley/console']) put(join(root, path), join(image, path))
})
afterAll(async () => {
  rmSync(image, { recursive: true, force: true })
  await broker.stop()
})

/** As a link to the same bytes where the temporary folder is on the same disk: packages have ten thousand files. */
function put(from: string, to: string): void {
  if (statSync(from).isDirectory()) {
    mkdirSync(to, { recursive: true })
    for (const name of readdirSync(from)) put(join(from, name), join(to, name))
    return
  }
  mkdirSync(dirname(to), { recursive: true })
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}

/** What the Dockerfile takes from the checkout, but for what its set-up builds the console from and takes away again. */
function copied(): string[] {
  const lines = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8').split('\n')
  const copies = lines.filter((line) => /^COPY (?!--from)/.test(line)).flatMap((line) => line.split(' ').slice(1, -1))
  return copies.filter((path) => !['console', 'package-lock.json'].includes(path))
}

/** The packages of `npm prune --omit=dev`, as the lock file marks them, that are for this platform. */
function packages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const there = JSON.parse(readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8')).packages
  return Object.entries<{ dev?: true; devOptional?: true }>(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional && there[path])
    .map(([path]) => path)
}

test('the image has all that a node needs, and its health check tells whether the node is ready', async () => {
  const node = await serve({ PARLEY_NATS_URL: broker.url, NODE_ENV: 'production', PARLEY_ADMIN_TOKEN: '' }, image)
  const health = () => {
    const env = { ...process.env, PARLEY_PORT: new URL(node.url).port }
    return spawnSync(process.execPath, [join(image, 'bin/health.mjs')], { env }).status
  }
  try {
    expect((await node.text('Hi', '+14155550177')).status).toBe(200)
    const { items } = (await node.ask('GET', '/v1/machines')).body
    const [{ id, version }] = items
    for (const path of ['/', '/widget.js', '/openapi.json', `/v1/machines/${id}/${version}/drawing`])
      expect([path, (await node.ask('GET', path)).status]).toEqual([path, 200])
    expect(health()).toBe(0)
    node.signal('SIGTERM')
    expect(await node.ended).toBe(0)
    expect(health()).toBe(1)
  } finally {
    node.signal('SIGKILL')
  }
}, 120_000)
