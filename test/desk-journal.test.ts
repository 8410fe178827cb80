/**
 * The desk's journal while appends are under way: what is decided ahead of its acks comes out as if each had been waited
 * for. On a real broker; acks are lost on their way back, and somebody writes in between unheard.
 */
import { jetstream } from '@nats-io/jetstream'
import { connect, headers, type NatsConnection, TimeoutError } from '@nats-io/transport-node'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../adapters/clock.ts'
import type { Draft } from '../adapters/desk/entries.ts'
import { type Journal, openJournal } from '../adapters/desk/journal.ts'
import { type Broker, startBroker } from './broker.ts'
import { emptyJournal } from './empty-journal.ts'

let broker: Broker
let nats: NatsConnection
let journal: Journal
/** How many of the next acks do not arrive. */
let lost = 0

beforeAll(async () => {
  broker = await startBroker()
})
afterAll(() => broker.stop())
beforeEach(async () => {
  nats = await connect({ servers: broker.url })
  journal = await openJournal(losingAcks(nats), systemClock(), 1)
})
afterEach(async () => {
  journal.close()
  await emptyJournal(nats)
  await nats.close()
})

/** The append is stored, and whoever asked for it does not hear so. */
const losingAcks = (real: NatsConnection): NatsConnection =>
  new Proxy(real, {
    get(target, name) {
      const value = Reflect.get(target, name)
      if (name !== 'request') return typeof value === 'function' ? value.bind(target) : value
      return async (...asked: Parameters<NatsConnection['request']>) => {
        const answer = await target.request(...asked)
        if (asked[0] !== 'desk.journal' || lost === 0) return answer
        lost -= 1
        throw new TimeoutError()
      }
    },
  })

const agent = (agentId: string): Draft<'agentChanged'> => {
  const idle = { capacity: {}, state: 'ready', idleSince: '', skills: [], wrapping: [] }
  return { type: 'agentChanged', data: { agent: { agentId, name: agentId, ...idle } as never } }
}
/** Adds an agent once: the second who wants to finds them there. */
const add = (agentId: string) =>
  journal.write((floor) =>
    floor.agents.has(agentId) ? { result: 'is there' } : { entry: agent(agentId), result: 'added' },
  )
const stored = async () =>
  (await journal.entries()).map((entry) => (entry.type === 'agentChanged' ? entry.data.agent.agentId : entry.type))

test('what is asked at once is decided one after the other, and stored in that order', async () => {
  expect(await Promise.all(['a', 'b', 'a', 'c'].map(add))).toEqual(['added', 'added', 'is there', 'added'])
  expect(await stored()).toEqual(['a', 'b', 'c'])
})

test.each([1, 2, 3])('%i appends whose acks are lost are found, and not written again', async (count) => {
  lost = count
  expect(await Promise.all(['a', 'b', 'c'].map(add))).toEqual(['added', 'added', 'added'])
  expect(await stored()).toEqual(['a', 'b', 'c'])
  expect([...journal.floor.agents.keys()]).toEqual(['a', 'b', 'c'])
})

test('an entry of somebody else in their place takes all that are under way along: they are decided again, on it', async () => {
  await add('first')
  const signed = headers()
  signed.set('Desk', journal.id) // so that it is not heard of
  const other = { ...agent('b'), at: new Date(0).toISOString(), by: 'another desk' }
  await jetstream(nats).publish('desk.journal', JSON.stringify(other), { headers: signed })
  expect(await Promise.all(['a', 'b', 'c'].map(add))).toEqual(['added', 'is there', 'added'])
  expect((await stored()).sort()).toEqual(['a', 'b', 'c', 'first'])
})
