/**
 * A short run of `npm run fuzz`, and that it finds what it is for.
 */
import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { doorPaths } from '../runtime/door-paths.ts'
import { random } from '../runtime/random.ts'
import { type Broker, startBroker } from './broker.ts'
import { startParley } from './command-line.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { door_share, fuzz } from './fuzz/fuzz.ts'
import { mutated } from './fuzz/mutate.ts'
import { request, startTestNode, type TestNode } from './node.ts'

let broker: Broker
let far: FarSides
let node: TestNode
beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  node = await startTestNode(broker, far.env)
})
afterAll(async () => {
  await node.stop()
  await far.close()
  await broker.stop()
})

test('almost right inputs are read, or refused in order: no crash, no 5xx but 503, no growth of memory', async () => {
  const post = async (door: string, body: Uint8Array) =>
    (await request(node.url + (doorPaths as Record<string, string>)[door], 'POST', body)).status
  const { faults, statuses, byCodec } = await fuzz({ seed: 1, inputs: 3_000, post })
  expect(faults).toEqual([])
  expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['200', '400']))
  for (const { read, refused } of Object.values(byCodec)) expect(read + refused).toBeGreaterThan(30)
  expect((await node.ask('GET', '/readyz')).status).toBe(200)
})

test('an answer that nobody meant is a fault, with the input that brings it back', async () => {
  const { faults } = await fuzz({ seed: 1, inputs: 10 * door_share, post: async () => 500 })
  expect(faults[0]).toMatchObject({ what: 'the node answered 500', input: expect.any(Number) })
})

test('the same seed gives the same inputs', () => {
  const draw = (seed: number) => {
    const source = random(seed)
    return Array.from({ length: 2_000 }, () => mutated({ a: [1, { b: 'c' }] }, source))
  }
  const first = draw(7)
  expect(JSON.stringify(draw(7))).toBe(JSON.stringify(first))
  expect(draw(7)).not.toEqual(draw(8))
})

test('the command that is ended by SIGTERM leaves no nats-server and no data behind', async () => {
  const folder = await mkdtemp(join(inject('brokersDir'), 'fuzz-'))
  const running = startParley(['fuzz', '--inputs', '100000000'], { TMPDIR: folder })
  const dataIn = async () => (await readdir(folder)).filter((name) => name.startsWith('parley-'))
  const found = await vi.waitFor(
    async () => {
      const [data = ''] = await dataIn()
      const files = await readdir(join(folder, data))
      expect(await readFile(join(folder, data, 'parley.log'), 'utf8'), 'the doors are being fuzzed').not.toBe('')
      return files.map((name) => /_(\d+)\.ports$/.exec(name)?.[1]).find((pid) => pid !== undefined)
    },
    { timeout: 30_000 },
  )
  const isAlive = () => process.kill(Number(found), 0)
  expect(isAlive()).toBe(true)
  expect(await running.stop('SIGTERM')).toBe(1)
  expect(isAlive).toThrow('ESRCH')
  expect(await dataIn()).toEqual([])
})
