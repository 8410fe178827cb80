/** A node without a gateway: what an orchestrator and Prometheus may ask it, on a real broker. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Broker, startBroker } from './broker.ts'
import { parley } from './command-line.ts'
import { request, startTestNode } from './node.ts'

let broker: Broker

beforeAll(async () => {
  broker = await startBroker()
})
afterAll(() => broker.stop())

const worker = (env: Record<string, string>) => startTestNode(broker, env, { gateway: false })
const watched = { PARLEY_WATCH_PORT: '0' }

test('is watched at the port that is set for it, and has no other door there', async () => {
  const { node, stop } = await worker(watched)
  onTestFinished(stop)
  const answered = (path: string) => request(node.watchUrl + path, 'GET')
  expect((await answered('/healthz')).body).toEqual({ status: 'ok' })
  expect(await answered('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } })
  const { headers, body } = await answered('/metrics')
  expect(headers.get('content-type')).toMatch(/^text\/plain/)
  expect(body).toContain('parley_')
  for (const path of ['/', '/v1/conversations', '/v1/nodes', '/openapi.json']) {
    expect((await answered(path)).status, path).toBe(404)
  }
  expect(node.url).toBe('')
})

test('is not ready once its broker is away, and is once more when it is back', async () => {
  const own = await startBroker()
  const { node, stop } = await startTestNode(own, watched, { gateway: false })
  onTestFinished(async () => {
    await stop()
    await own.stop()
  })
  const ready = async () => (await request(`${node.watchUrl}/readyz`, 'GET')).status
  await own.pause()
  expect(await ready()).toBe(503)
  await own.resume()
  await expect.poll(ready, { timeout: 20_000 }).toBe(200)
})

test('listens nowhere unless a port is set, and not beside a gateway', async () => {
  const unwatched = await worker({})
  onTestFinished(unwatched.stop)
  expect(unwatched.node.watchUrl).toBe('')
  const whole = await startTestNode(broker, watched)
  onTestFinished(whole.stop)
  expect(whole.node.watchUrl).toBe('')
})

test('a port that is taken ends the start, and says which setting it is', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as { port: number }
  const env = {
    PARLEY_NATS_URL: broker.url,
    PARLEY_WATCH_PORT: String(port),
    PARLEY_PARTITIONS: '4',
    PARLEY_DESK_PORT: '0',
  }
  const { code, stderr } = await parley(['serve', '--no-gateway'], env)
  expect(stderr).toContain(`port ${port} is taken; set PARLEY_WATCH_PORT to a free one`)
  expect(code).not.toBe(0)
})
