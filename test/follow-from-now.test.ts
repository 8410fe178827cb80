/** Following a stream on a real broker: from now on, nothing twice, also when the server forgets who follows. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Broker as Connection, connectBroker } from '../runtime/broker.ts'
import { followFromNow } from '../runtime/follow-from-now.ts'
import { ensureStreams, stream } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'

let broker: Broker
let connection: Connection
let heard: string[]

beforeEach(async () => {
  broker = await startBroker()
  connection = await connectBroker([broker.url], {}, 'follower')
  await ensureStreams(connection.jsm, { replicas: 1, partitions: 4 })
  heard = []
})
afterEach(async () => {
  await connection.nc.close()
  await broker.stop()
})

const says = (actor: string, words: string) => connection.js.publish(`parley.turns.0.${actor}`, words)
const follow = (subject?: string) =>
  followFromNow(connection.js, { stream: stream.turns, ...(subject && { subject }) }, (message) =>
    heard.push(message.string()),
  )

test('what was stored before is not heard, and what is stored from now on is, in its order', async () => {
  await says('ana', 'before')
  await follow()
  await says('ana', 'first')
  await says('bo', 'second')
  await vi.waitFor(() => expect(heard).toEqual(['first', 'second']))
})

test('of one subject nothing else is heard, and nothing any more once it ends', async () => {
  const follower = await follow('parley.turns.0.ana')
  await says('bo', 'not this')
  await says('ana', 'this')
  await vi.waitFor(() => expect(heard).toEqual(['this']))
  await follower.end()
  await says('ana', 'nor this')
  expect((await connection.jsm.streams.info(stream.turns)).state.consumer_count).toBe(0)
  expect(heard).toEqual(['this'])
})

describe('When the server has forgotten who follows', () => {
  test.each([
    ['before anything was heard', []],
    ['later', ['first']],
  ])(
    '%s, it goes on behind what was heard, and nothing comes twice',
    async (_, words) => {
      await says('ana', 'before')
      await follow()
      for (const one of words) await says('ana', one)
      await vi.waitFor(() => expect(heard).toEqual(words))
      await broker.pause()
      await broker.resume()
      await vi.waitFor(() => says('ana', 'afterwards'), { timeout: 6_000 })
      await vi.waitFor(() => expect(heard.at(-1)).toBe('afterwards'), { timeout: 6_000 })
      expect(heard).toEqual([...words, 'afterwards'])
    },
    15_000,
  )
})

test('the server is asked to say every few seconds that it still delivers, so that a lost follower is not lost for long', async () => {
  const asked: { idle_heartbeat: number }[] = []
  connection.nc.subscribe('$JS.API.CONSUMER.MSG.NEXT.>', {
    callback: (error, message) => void (error ?? asked.push(message.json())),
  })
  await connection.nc.flush()
  await follow()
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0))
  expect(asked.map(({ idle_heartbeat }) => idle_heartbeat / 1e9)).toEqual(asked.map(() => 2))
})
