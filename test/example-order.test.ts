/**
 * The example of an order on the public API, as a process on a real broker, with a warehouse behind real HTTP: killed and
 * started again in the middle, it goes on where it was, and the warehouse is asked once.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AnyStateMachine, createMachine, setup } from 'xstate'
import catalogue from '../examples/order/order.paths.ts'
import { order, payment_ms_max } from '../examples/order/order.ts'
import { type Broker, startBroker } from './broker.ts'
import { type StandIn, standIn } from './far-side.ts'
import { request } from './node.ts'
import { coverBy } from './paths/cover-in-ids.ts'
import { ownSuite } from './paths/own/own-suite.ts'
import { pathsOf } from './paths/own/public.ts'
import { coverageOf } from './paths/report.ts'

let broker: Broker
let warehouse: StandIn
let child: ChildProcess
let url: string

const start = async () => {
  child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, '../examples/order/main.ts')], {
    env: {
      PATH: process.env.PATH ?? '',
      PARLEY_NATS_URL: broker.url,
      WAREHOUSE_URL: warehouse.url,
      PARLEY_CLOCK: 'virtual',
      PARLEY_PORT: '0',
      PARLEY_DESK_PORT: '0',
      PARLEY_PARTITIONS: '4',
      PARLEY_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(child.stdout!.setEncoding('utf8'), 'data')
  url = /^Gateway (\S+)$/m.exec(said)![1]!
}
const kill = async () => {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

beforeAll(async () => {
  broker = await startBroker()
  warehouse = await standIn()
  await start()
}, 120_000)
afterAll(async () => {
  await kill()
  await warehouse.close()
  await broker.stop()
})

const at = '2026-03-02T14:00:00.000Z'
const tell = (type: string, orderId: string, more: object = {}) =>
  request(`${url}/v1/events/order`, 'POST', { type: `order.${type}`, id: `${type} ${orderId}`, at, orderId, ...more })
const state = async (orderId: string) => {
  const query = new URLSearchParams({ channel: 'live-chat', asset: 'order', customer: orderId })
  return (await request(`${url}/v1/conversations?${query}`, 'GET')).body.items[0]?.state
}
const calls = (orderId: string) =>
  warehouse.requests.filter(({ body }) => (body as { orderId: string }).orderId === orderId).map(({ path }) => path)
const passes = (advanceMs: number) => request(`${url}/v1/test/clock`, 'POST', { advanceMs })

test('an order that is paid ships, whatever is told twice', async () => {
  expect((await tell('placed', '17', { amount: 100 })).body).toEqual({ eventId: 'placed 17', duplicate: false })
  expect((await tell('placed', '17', { amount: 100 })).body).toEqual({ eventId: 'placed 17', duplicate: true })
  await passes(0)
  expect(await state('17')).toBe('awaitingPayment')
  await tell('paid', '17', { amount: 100 })
  await passes(0)
  expect(await state('17')).toBe('shipped')
  expect(calls('17')).toEqual(['/reserveStock', '/ship'])
}, 120_000)

test('killed while payment is awaited, it goes on where it was: the time runs out, and the stock is let go once', async () => {
  await tell('placed', '18', { amount: 100 })
  await passes(0)
  await passes(payment_ms_max - 1_000)
  await kill()
  await start()
  expect(await state('18')).toBe('awaitingPayment')
  await passes(2_000)
  expect(await state('18')).toBe('cancelled')
  expect(calls('18')).toEqual(['/reserveStock', '/releaseStock'])
}, 120_000)

test('what is no event of an order is refused, with the place and what was expected', async () => {
  const { status, body } = await tell('placed', '19', { amount: -1 })
  expect(status).toBe(400)
  expect(body.errors).toMatchObject([{ path: 'amount' }])
})

test('its paths hold what its catalogue says, disturbed or not, and cover all of it', () => {
  const { violations, coverage } = pathsOf(order, catalogue)
  expect(violations).toEqual([])
  expect(Object.values(coverage).map(({ ratio }) => ratio)).toEqual([1, 1, 1, 1, 1, 1])
})

test('paths for some criteria of it are fewer, cover those, and say so in their ids', () => {
  const own = { machine: order as unknown as AnyStateMachine, catalogue }
  const some = ownSuite(own, 1, ['states'])
  expect(coverageOf(some).states.ratio).toBe(1)
  expect(some.paths.length).toBeLessThan(ownSuite(own, 1).paths.length)
  expect(some.paths[0]!.id).toBe('order/states/1')
  expect(coverBy(some.paths[0]!.id)).toEqual(['states'])
})

test('a fault planted in it comes back by the fewest steps that show it', () => {
  const { config, implementations } = order as unknown as AnyStateMachine
  const reserving = { ...config.states!.reserving, on: { 'order.paid': { target: 'shipped', actions: 'ship' } } }
  const states = { ...config.states, reserving }
  const broken = createMachine({ ...config, states } as never, implementations as never) as unknown as AnyStateMachine
  expect(pathsOf(broken, catalogue).violations).toMatchObject([
    { found: 'nothing ships that was paid in part', steps: [{ event: 'is placed' }, { event: 'is paid in part' }] },
  ])
})

const plain = setup({}).createMachine({ id: 'plain', initial: 'a', states: { a: { after: { 10: 'b' } }, b: {} } })
const refused: [what: string, expected: RegExp, machine: AnyStateMachine, catalogue: object][] = [
  [
    'a machine that breaks rules',
    /plain breaks \d+ rules.*a: has after and no id of its own/s,
    plain,
    { events: { x: { type: 'x' } } },
  ],
  ['a catalogue without events', /events: expected at least one event/, order, { events: {} }],
  ['an event that is none', /events\.pays\.type: expected a text/, order, { events: { pays: {} } }],
  [
    'events that it does not hear',
    /expected one that the machine hears \(.*order\.placed/,
    order,
    { events: { x: { type: 'x' } }, rests: catalogue.rests },
  ],
]
test.each(refused)('%s is refused with what to do', (_, expected, machine, given) => {
  expect(() => pathsOf(machine, given as never)).toThrow(expected)
})
