/**
 * Three nodes on one broker, in one process, real time: shares are even, whoever comes gets its share and whoever leaves
 * gives it back, while customers write. Counted at the far sides.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { NodeOptions } from '../runtime/main.ts'
import { works } from '../runtime/node-state.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

const partitions = 12
const story = ['Hi', '2', 'one', 'two', 'three', 'four']
const even_ms_max = 15_000
const done_ms_max = 40_000
/** As many customers as give every partition something to do. */
const everyone = Array.from({ length: 36 }, (_, index) => `+1415557${String(index).padStart(4, '0')}`)

let broker: Broker
let far: FarSides
let nodes: TestNode[]

beforeEach(async () => {
  broker = await startBroker()
  far = await farSides()
  nodes = []
})
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()))
  await far.close()
  await broker.stop()
})

/** A busy machine must not make a call time out: its second attempt would be counted as a repeat. */
const join = async (options: Partial<NodeOptions> = {}): Promise<TestNode> => {
  const env = {
    ...far.env,
    PARLEY_CLOCK: 'real',
    PARLEY_PARTITIONS: String(partitions),
    PARLEY_ASSETS__0__POLICY__RETRY__ATTEMPT_TIMEOUT_MS: '30000',
  }
  const node = await startTestNode(broker, env, options)
  nodes.push(node)
  return node
}
const leave = async (node: TestNode) => {
  nodes = nodes.filter((other) => other !== node)
  await node.stop()
}
const heardBy = async (node: TestNode): Promise<Json[]> => (await node.ask('GET', '/v1/nodes')).body.items

/** What each node owns or, where it is quiet, stands by for; as one of them has heard it. */
const expectEvenShares = (by: TestNode, count: number) =>
  vi.waitFor(
    async () => {
      const heard = await heardBy(by)
      expect(heard).toHaveLength(count)
      for (const work of works) {
        const doing = heard.flatMap(({ shares }) => shares?.[work] ?? [])
        const shares: number[][] = doing.map(({ has, wants }) => [...has, ...wants])
        expect(shares.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, number) => number))
        const sizes = shares.map(({ length }) => length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }
    },
    { timeout: even_ms_max, interval: 100 },
  )

const tell = (text: string) => {
  const doors = nodes.filter(({ url }) => url !== '')
  return Promise.all(
    everyone.map(async (from, index) => {
      const { status } = await doors[index % doors.length]!.text(text, { from, tid: `${from} ${text}` })
      expect(status).toBe(200)
    }),
  )
}
const allIn = (state: string) =>
  Promise.all(
    everyone.map((one) =>
      vi.waitFor(async () => expect((await nodes[0]!.conversation(one)).state).toBe(state), {
        timeout: done_ms_max,
        interval: 100,
      }),
    ),
  )
const heard = (turns: Json[]) =>
  turns.filter(({ event }) => event.type === 'parley.message.received').map(({ event }) => event.data.text)

/** Every message turned once and in order, every effect done once and in order. */
async function expectTold(from: string): Promise<void> {
  const reader = nodes[0]!
  const turns = await vi.waitFor(
    async () => {
      const turns = await reader.turns(from)
      expect(heard(turns)).toEqual(story)
      expect(turns.flatMap(({ effects }) => effects).filter(({ status }) => status !== 'done')).toEqual([])
      return turns
    },
    { timeout: done_ms_max, interval: 100 },
  )
  const { id } = await reader.conversation(from)
  const keys = far.requests.map(({ headers }) => headers['idempotency-key'] ?? '')
  const effects = turns.flatMap(({ effects }) => effects).map(({ key }) => key)
  expect(keys.filter((key) => key.startsWith(`${id}.`))).toEqual(effects)
}

describe('Three nodes', () => {
  test('T1, E113: share the partitions evenly; one comes and one leaves under load, and nothing is doubled or reordered', {
    timeout: 180_000,
  }, async () => {
    const first = await join()
    await tell('Hi')
    await allIn('noConversation.menu')
    await join()
    const third = await join()
    await tell('2')
    await tell('one')
    await expectEvenShares(first, 3)
    await tell('two')
    const leaving = leave(first)
    await tell('three')
    await leaving
    await expectEvenShares(third, 2)
    await join()
    await tell('four')
    await expectEvenShares(third, 3)
    for (const one of everyone) await expectTold(one)
    expect(await third.deadLetters()).toEqual([])
  })
})

describe('Nodes that do one thing each', () => {
  test('T1, E113: a gateway, nodes that turn and nodes that transmit are what one node is; each work is shared by those that do it', {
    timeout: 180_000,
  }, async () => {
    const gateway = await join({ works: [] })
    const turns = () => join({ gateway: false, works: ['turning'] })
    const transmits = () => join({ gateway: false, works: ['transmitting'] })
    const [turning] = await Promise.all([turns(), transmits()])
    await tell('Hi')
    await allIn('noConversation.menu')
    await Promise.all([turns(), transmits()])
    await tell('2')
    await expectEvenShares(gateway, 5)
    await tell('one')
    const leaving = leave(turning)
    await tell('two')
    await leaving
    await tell('three')
    await expectEvenShares(gateway, 4)
    await tell('four')
    for (const one of everyone) await expectTold(one)
    expect(await gateway.deadLetters()).toEqual([])
  })
})
