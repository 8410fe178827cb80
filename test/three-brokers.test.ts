/**
 * A cluster as it stands in production: three brokers that keep every stream in three copies, three nodes as processes of
 * their own. One broker and one node are killed while customers write. Needs six processes, about 500 MB and half a minute
 * on two free cores; ports are free ones on loopback.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../adapters/clock.ts'
import { type Broker, connectBroker, serversIn } from '../runtime/broker.ts'
import { stream } from '../runtime/streams.ts'
import { type FarSides, farSides } from './far-sides.ts'
import type { Json } from './node.ts'
import { type Served, serve } from './served.ts'
import { startThreeBrokers } from './three-brokers.ts'

const story = ['Hi', '2', 'one', 'two', 'three']
const everyone = Array.from({ length: 12 }, (_, index) => `+1415558${String(index).padStart(4, '0')}`)
const patient = { timeout: 60_000, interval: 100 }
const again_ms = 200
const clock = systemClock()

let brokers: Awaited<ReturnType<typeof startThreeBrokers>>
let far: FarSides
let nodes: Served[] = []
let watcher: Broker | undefined

beforeAll(async () => {
  brokers = await startThreeBrokers()
  far = await farSides()
  const env = { PARLEY_NATS_URL: brokers.urls, ...far.env }
  await Promise.all(Array.from({ length: 3 }, async () => nodes.push(await serve(env))))
  watcher = await connectBroker(brokers.urls.split(','), {}, 'watcher')
}, 120_000)
afterAll(async () => {
  for (const node of nodes) node.signal('SIGKILL')
  await watcher?.nc.close()
  await far.close()
  await brokers.stop()
})

/** As a provider does: again, with the same id, at another node, until it is taken. */
async function tell(text: string, from: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const node = nodes[attempt % nodes.length]!
    const answer = await node.text(text, from).catch(() => undefined)
    if (answer?.status === 200) return
    if (attempt > 300) throw new Error(`"${text}" was not taken: ${answer?.status}`)
    await clock.sleep(again_ms)
  }
}
const tellAll = (text: string) => Promise.all(everyone.map((from) => tell(text, from)))
const turnsOf = async (by: Served, from: string): Promise<Json[]> => {
  const { id } = await by.conversation(from)
  return (await by.ask('GET', `/v1/conversations/${id}/turns`)).body
}
const heard = (turns: Json[]) =>
  turns.filter(({ event }) => event.type === 'parley.message.received').map(({ event }) => event.data.text)

describe('Three brokers and three nodes', () => {
  test('every stream is kept in three copies', async () => {
    expect(watcher!.servers).toBe(3)
    for (const name of Object.values(stream)) {
      const { config, cluster } = await watcher!.jsm.streams.info(name)
      expect([config.num_replicas, cluster?.replicas?.length]).toEqual([3, 2])
    }
  })

  test('T1, T9, E113: a broker and a node are killed while customers write: nothing is lost, turned twice or out of order', {
    timeout: 240_000,
  }, async () => {
    await tellAll('Hi')
    await tellAll('2')
    const leader = (await watcher!.jsm.streams.info(stream.turns)).cluster?.leader ?? ''
    const told = tellAll('one')
    process.kill(brokers.servers[Number(leader.at(-1)) - 1]!.pid, 'SIGKILL')
    await told
    const more = tellAll('two')
    const [killed, ...left] = nodes as [Served, ...Served[]]
    killed.signal('SIGKILL')
    nodes = left
    await more
    await tellAll('three')

    for (const from of everyone) {
      const turns = await vi.waitFor(async () => {
        const turns = await turnsOf(left[0]!, from)
        const effects: Json[] = turns.flatMap(({ effects }) => effects)
        expect(heard(turns)).toEqual(story)
        expect(effects.filter(({ status }) => status !== 'done')).toEqual([])
        // A call that was out when its node was killed may come again, under the same key; nothing else may. What a turn
        // asks for goes out as soon as it is stored, so a call may have come after the turns were read.
        const { id } = await left[0]!.conversation(from)
        const keys = far.requests.map(({ headers }) => headers['idempotency-key'] ?? '')
        const came = new Set(keys.filter((key) => key.startsWith(`${id}.`)))
        expect([...came]).toEqual(effects.map(({ key }) => key))
        return turns
      }, patient)
      expect(turns.map(({ turn }) => turn)).toEqual(turns.map((_, index) => index + 1))
    }
    expect((await left[0]!.ask('GET', '/v1/dead-letters')).body).toEqual([])
  })
})

test.each([
  {
    what: 'one server, however many addresses its machine has',
    cluster: undefined,
    urls: ['a:1', 'b:1', 'c:1'],
    count: 1,
  },
  { what: 'two servers that know each other', cluster: 'parley', urls: ['a:1', 'a:2'], count: 2 },
  { what: 'a server of a cluster that tells no addresses', cluster: 'parley', urls: undefined, count: 1 },
])('$what: counted as $count', ({ cluster, urls, count }) => {
  expect(serversIn({ ...(cluster ? { cluster } : {}), ...(urls ? { connect_urls: urls } : {}) })).toBe(count)
})
