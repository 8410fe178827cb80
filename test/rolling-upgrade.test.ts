/**
 * Two builds beside each other on one broker, in real time, while customers write: the new one comes, the old one goes, an old
 * one comes back and goes again. What each machine remembers is what its customer wrote, once and in order.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Versions } from '../runtime/stages/restore.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { startTestNode, type TestNode } from './node.ts'
import { between, first, names, second } from './two-versions.ts'

const old: Versions = { definitions: [first!], migrations: [] }
const migrating: Versions = { definitions: [second!], migrations: [between('1', '2')] }

const partitions = 4
/** As many as give every partition something to do. */
const everyone = Array.from({ length: 16 }, (_, index) => `+1415556${String(index).padStart(4, '0')}`)
const soon = { timeout: 30_000, interval: 50 }
/** So seldom that nobody writes too fast. */
const now_and_then = { timeout: 30_000, interval: 1_000 }

let broker: Broker
let far: FarSides
beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
})
afterAll(async () => {
  await far.close()
  await broker.stop()
})

const start = (versions: Versions) => {
  const env = { ...far.env, PARLEY_CLOCK: 'real', PARLEY_PARTITIONS: String(partitions) }
  return startTestNode(broker, env, { versions })
}
const tell = (by: TestNode, text: string) =>
  Promise.all(
    everyone.map(async (from) => expect((await by.text(text, { from, tid: `${from} ${text}` })).status).toBe(200)),
  )
/** A node has its share once it owns partitions, or stands by for quiet ones. */
const hasItsShare = (node: TestNode, count: number) =>
  vi.waitFor(async () => {
    const heard = (await node.ask('GET', '/v1/nodes')).body.items as {
      url: string
      shares: { turning: { has: number[]; wants: number[] } }
    }[]
    const own = heard.find(({ url }) => url === node.url)?.shares.turning
    expect([...(own?.has ?? []), ...(own?.wants ?? [])]).toHaveLength(count)
  }, soon)
const remembered = (by: TestNode, version: '1' | '2') =>
  Promise.all(everyone.map(async (from) => (await by.conversation(from))?.context[names[version].words]))
const allRemember = (by: TestNode, version: '1' | '2', story: string[]) =>
  vi.waitFor(async () => expect(await remembered(by, version)).toEqual(everyone.map(() => story)), soon)

test('T1, T8, T9, E117: rolled forward, back and forward again while customers write, nothing is lost, doubled or out of order', {
  timeout: 180_000,
}, async () => {
  const before = await start(old)
  await tell(before, 'Hi')
  await allRemember(before, '1', ['Hi'])

  const after = await start(migrating)
  await hasItsShare(after, partitions / 2)
  const leaving = tell(after, 'one').then(() => before.stop())
  await tell(after, 'two')
  await leaving
  // A conversation is migrated when it is next heard of.
  await tell(after, 'three')
  await allRemember(after, '2', ['Hi', 'one', 'two', 'three'])

  const story = ['Hi', 'one', 'two', 'three']
  const say = async (by: TestNode, text: string) => {
    story.push(text)
    await tell(by, text)
  }
  const back = await start(old)
  await hasItsShare(back, partitions / 2)
  // A partition changes hands with a message; one more each time until the old build owns some.
  await vi.waitFor(async () => {
    await say(back, `back ${story.length}`)
    expect((await after.deadLetters()).length).toBeGreaterThan(0)
  }, now_and_then)
  for (const { kind } of await after.deadLetters()) expect(kind).toBe('record')
  await back.stop()
  await say(after, 'last')
  await allRemember(after, '2', story)
  expect(await after.deadLetters()).toEqual([])
  await after.stop()
})
