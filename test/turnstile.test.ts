/**
 * How many attempts a second begin at a far side, over all nodes together: on virtual time with many nodes on one clock,
 * and with two real nodes on one broker.
 */
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { systemClock, virtualClock } from '../adapters/clock.ts'
import { type Limit, type Turnstile, turnstile } from '../runtime/turnstile.ts'
import { startBroker } from './broker.ts'
import type { HeardRequest, StandIn } from './far-side.ts'
import { farSides } from './far-sides.ts'
import { startTestNode } from './node.ts'

const start_ms = Date.UTC(2026, 2, 2, 14)
const transfer_ms = 14_000
const ask_ms = 60_000
const tell_ms = 3_600_000

/** Nodes on one clock, each with its share of the partitions; `begun` is when which attempt began, in order. */
function nodesOf(limit: Limit, shares: (() => number)[]) {
  const clock = virtualClock(start_ms)
  const begun: { name: string; at_ms: number }[] = []
  const nodes = shares.map((share) => turnstile(clock, limit, share))
  const attempt = async (at: Turnstile, name: string, within_ms: number, takes_ms = 0) => {
    const leave = await at.pass(within_ms)
    begun.push({ name, at_ms: clock.now() })
    await clock.sleep(takes_ms)
    leave()
  }
  return { clock, begun, nodes, attempt }
}
const everythingElse = () => new Promise<void>((resolve) => setImmediate(resolve))
/** The most that began in one second, whenever it begins. */
const inOneSecond = (begun: { at_ms: number }[]) =>
  Math.max(
    0,
    ...begun.map(({ at_ms }) => begun.filter((one) => one.at_ms >= at_ms && one.at_ms < at_ms + 1_000).length),
  )

describe('the limit of a far side', () => {
  test.each([
    { perSecond: 50, owned: [32] },
    { perSecond: 50, owned: [16, 16] },
    { perSecond: 50, owned: [20, 11, 1] },
    { perSecond: 50, owned: Array(32).fill(1) as number[] },
    { perSecond: 7, owned: [30, 1, 1] },
    { perSecond: 1, owned: [32] },
  ])(
    'E27: of 300 at once at nodes that own $owned of 32 partitions, $perSecond a second begin at most, and all of them do',
    async ({ perSecond, owned }) => {
      const shares = owned.map((count) => () => count / 32)
      const { clock, begun, nodes, attempt } = nodesOf({ perSecond, atOnce: 0 }, shares)
      for (let index = 0; index < 300; index++) void attempt(nodes[index % nodes.length]!, `${index}`, ask_ms)
      await clock.advance(3_600_000, everythingElse)
      expect(begun).toHaveLength(300)
      const nodesBelowOne = shares.filter((share) => share() * perSecond < 1).length
      expect(inOneSecond(begun)).toBeLessThanOrEqual(perSecond + nodesBelowOne)
      if (nodesBelowOne === 0) expect(inOneSecond(begun)).toBeLessThanOrEqual(perSecond)
    },
    60_000,
  )

  test('E27: whenever they come, no second of the cluster has more, and who finds room begins at once', async () => {
    const arrivals = fc.array(fc.record({ ms: fc.nat(5_000), node: fc.nat(2) }), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(arrivals, async (all) => {
        const shares = [0.5, 0.25, 0.25].map((part) => () => part)
        const { clock, begun, nodes, attempt } = nodesOf({ perSecond: 8, atOnce: 0 }, shares)
        for (const { ms, node } of all) clock.after(ms, () => void attempt(nodes[node]!, 'one', ask_ms))
        await clock.advance(120_000, everythingElse)
        expect(begun).toHaveLength(all.length)
        expect(begun[0]?.at_ms).toBe(start_ms + Math.min(...all.map(({ ms }) => ms)))
        expect(inOneSecond(begun)).toBeLessThanOrEqual(8)
      }),
      { numRuns: 40, seed: 20260302 },
    )
  })

  test('a partition that is idle lends its share to a busy one of the same node: one conversation may use all of it', async () => {
    const { clock, begun, nodes, attempt } = nodesOf({ perSecond: 50, atOnce: 0 }, [() => 1])
    for (let index = 0; index < 100; index++) void attempt(nodes[0]!, 'one', ask_ms)
    await clock.advance(999, everythingElse)
    expect(begun).toHaveLength(50)
    await clock.advance(1, everythingElse)
    expect(begun).toHaveLength(100)
  })

  test('a node that gets another’s partitions gets their share; one that owns none waits until it does', async () => {
    let part = 0
    const { clock, begun, nodes, attempt } = nodesOf({ perSecond: 8, atOnce: 0 }, [() => part])
    for (let index = 0; index < 20; index++) void attempt(nodes[0]!, 'one', ask_ms)
    await clock.advance(5_000, everythingElse)
    expect(begun).toHaveLength(0)
    part = 0.5
    await clock.advance(1_000, everythingElse)
    expect(begun).toHaveLength(4)
    part = 1
    await clock.advance(2_000, everythingElse)
    expect(begun).toHaveLength(20)
  })

  test('E64: a transfer goes before all that wait longer, however long they have waited; equals go in order', async () => {
    const { clock, begun, nodes, attempt } = nodesOf({ perSecond: 1, atOnce: 0 }, [() => 1])
    for (const name of ['first', 'ask 1', 'ask 2']) void attempt(nodes[0]!, name, ask_ms)
    void attempt(nodes[0]!, 'tell', tell_ms)
    await clock.advance(500, everythingElse)
    for (const name of ['transfer 1', 'transfer 2']) void attempt(nodes[0]!, name, transfer_ms)
    void attempt(nodes[0]!, 'ask 3', ask_ms)
    await clock.advance(60_000, everythingElse)
    const order = ['first', 'transfer 1', 'transfer 2', 'ask 1', 'ask 2', 'ask 3', 'tell']
    expect(begun.map(({ name }) => name)).toEqual(order)
  })

  test('no more are open at once than the share, and each that ends lets the next one in', async () => {
    const { clock, begun, nodes, attempt } = nodesOf({ perSecond: 0, atOnce: 4 }, [() => 0.5])
    for (let index = 0; index < 6; index++) void attempt(nodes[0]!, `${index}`, ask_ms, 1_000)
    await clock.advance(0, everythingElse)
    expect(begun).toHaveLength(2)
    expect(nodes[0]!.isFull()).toBe(true)
    await clock.advance(1_000, everythingElse)
    expect(begun).toHaveLength(4)
    await clock.advance(2_000, everythingElse)
    expect(begun).toHaveLength(6)
    expect(nodes[0]!.isFull()).toBe(false)
  })

  test('E116: a clock that is set back by hours holds nobody up for hours', async () => {
    let now_ms = start_ms
    const clock = { ...systemClock(), now: () => now_ms }
    const one = turnstile(clock, { perSecond: 1, atOnce: 0 }, () => 1)
    await one.pass(ask_ms)
    expect(one.isFull()).toBe(true)
    now_ms -= 5 * 3_600_000
    expect(one.isFull()).toBe(false)
    await one.pass(ask_ms)
    expect(one.isFull()).toBe(true)
  })

  test('0 is no limit, whatever the node owns', async () => {
    const { begun, nodes, attempt } = nodesOf({ perSecond: 0, atOnce: 0 }, [() => 0])
    for (let index = 0; index < 1_000; index++) void attempt(nodes[0]!, `${index}`, tell_ms)
    await everythingElse()
    expect(begun).toHaveLength(1_000)
  })
})

test('E27, E113: two nodes on one broker create tasks at the rate of one, and every task is created', async () => {
  const perSecond = 20
  const broker = await startBroker()
  const far = await farSides()
  const arrived = timed(far)
  const env = {
    ...far.env,
    PARLEY_CLOCK: 'real',
    PARLEY_LIMITS__DIGITAL_ROUTING__PER_SECOND: String(perSecond),
    PARLEY_ASSETS__0__POLICY__RETRY__ATTEMPT_TIMEOUT_MS: '20000',
  }
  const nodes = [await startTestNode(broker, env), await startTestNode(broker, env)]
  const crowd = Array.from({ length: 6 * perSecond }, (_, index) => `+1415552${String(index).padStart(4, '0')}`)
  const tell = (text: string) => Promise.all(crowd.map((from, index) => nodes[index % 2]!.text(text, { from })))
  const created = () => arrived.filter(({ path }) => path.endsWith('/tasks'))
  await tell('Hi')
  await Promise.all(
    crowd.map((from) =>
      vi.waitFor(async () => expect((await nodes[0]!.conversation(from)).state).toBe('noConversation.menu'), {
        timeout: 30_000,
        interval: 200,
      }),
    ),
  )
  await tell('1')
  await vi.waitFor(() => expect(created()).toHaveLength(crowd.length), { timeout: 40_000, interval: 100 })
  const [first, last] = [created()[0]!.at_ms, created().at(-1)!.at_ms]
  expect(
    last - first,
    'one node alone, or two that each take the whole rate, would be done in half of it',
  ).toBeGreaterThan(4_000)
  for (const node of nodes) await node.stop()
  await far.close()
  await broker.stop()
}, 120_000)

/** What came in, each with its moment. */
function timed(far: Pick<StandIn, 'requests'>): (HeardRequest & { at_ms: number })[] {
  const arrived: (HeardRequest & { at_ms: number })[] = []
  const { push } = far.requests
  far.requests.push = (...all) => {
    arrived.push(...all.map((one) => ({ ...one, at_ms: systemClock().now() })))
    return push.apply(far.requests, all)
  }
  return arrived
}
