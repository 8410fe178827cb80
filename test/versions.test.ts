/**
 * Builds that come and go on a real broker: what began on one version goes on with the next one, and what no build can
 * restore waits, in its order, for one that can. The machines are small ones of the tests.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Migration } from '../machines/migrations.ts'
import { lastOf } from '../runtime/actor-cache.ts'
import { partitionOf } from '../runtime/partition.ts'
import type { TurnRecord } from '../runtime/record.ts'
import { persist } from '../runtime/stages/persist.ts'
import type { Versions } from '../runtime/stages/restore.ts'
import { stream, subject } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'
import { parley } from './command-line.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'
import { between, first, names, rest_ms, second } from './two-versions.ts'

const old: Versions = { definitions: [first!], migrations: [] }
const both: Versions = { definitions: [first!, second!], migrations: [] }
const migrating: Versions = { definitions: [second!], migrations: [between('1', '2')] }
const forgetful: Versions = { definitions: [second!], migrations: [] }

const partitions = 4
let broker: Broker
let far: FarSides
let node: TestNode
let from: string
let customers = 0

beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
})
afterAll(async () => {
  await far.close()
  await broker.stop()
})
beforeEach(() => {
  from = `+1415558${String(++customers).padStart(4, '0')}`
})
afterEach(() => node.stop())

const start = async (versions: Versions) => {
  node = await startTestNode(broker, far.env, { versions })
  await node.advance(0)
}
/** The same data under another build. */
const deploy = async (versions: Versions) => {
  await node.stop()
  await start(versions)
}
const says = async (...texts: string[]) => {
  for (const text of texts) {
    expect((await node.text(text, { from })).status).toBe(200)
    await node.advance(0)
  }
}
const said = async (version: '1' | '2') => {
  const { context } = await node.conversation(from)
  return context[names[version].words]
}
const js = () => node.node.broker.js
const stored = async (id: string) => {
  const last = await lastOf(node.node.broker.jsm, stream.turns, subject.turns(partitionOf(id, partitions), id))
  return last!
}
const waiting = async () => {
  const { id } = await node.conversation(from)
  return (await node.deadLetters()).filter(({ actor }) => actor === id)
}

test('E117: goes on with the next version: its words, its timer and the time that it was due', async () => {
  await start(old)
  await says('Hi')
  expect(await node.conversation(from)).toMatchObject({ version: '1', state: names[1].resting })
  const dueAt = (await node.conversation(from)).timers[0]?.dueAt

  await deploy(migrating)
  await says('Still there?')
  expect(await node.conversation(from)).toMatchObject({ version: '2', state: names[2].resting, timers: [{ dueAt }] })
  expect(await said('2')).toEqual(['Hi', 'Still there?'])
  await node.advance(rest_ms)
  expect(await node.conversation(from)).toMatchObject({ state: 'over', timers: [] })
  expect(await waiting()).toEqual([])
})

test('E117: a timer armed by the version before is the first thing that the next one hears', async () => {
  await start(old)
  await says('Hi')
  await deploy(migrating)
  await node.advance(rest_ms)
  expect(await node.conversation(from)).toMatchObject({ version: '2', state: 'over' })
})

test('E117: the answer to an ask of the version before is heard by the next one', async () => {
  await start(old)
  let answer = () => {}
  const after = new Promise<void>((resolve) => {
    answer = resolve
  })
  far.next('searchConversation', { status: 503, after })
  await node.text('Hi', { from })
  await expect.poll(async () => (await node.conversation(from))?.state).toBe(names[1].asking)
  const stopped = node.stop()
  answer()
  await stopped
  await start(migrating)
  await node.advance(rest_ms / 2)
  expect(await node.conversation(from)).toMatchObject({ version: '2', state: names[2].resting })
})

test('E117: an open conversation stays on its version beside a newer one, on which new ones begin', async () => {
  await start(old)
  await says('Hi')
  const begunBefore = from
  await deploy(both)
  await says('Hello?')
  from = '+14155588999'
  await says('Hi')
  expect(await node.conversation(begunBefore)).toMatchObject({ version: '1' })
  expect(await node.conversation(from)).toMatchObject({ version: '2' })
})

test('T8, T9: what comes for a conversation of a version that is gone waits, in its order, for a build that has it; others go on', async () => {
  await start(old)
  await says('Hi')
  const before = await node.turns(from)

  await deploy(forgetful)
  await says('one', 'two')
  const reason = 'this build has no machine sms version 1'
  expect(await waiting()).toMatchObject([
    { kind: 'record', reason },
    { kind: 'record', reason },
  ])
  expect(await node.turns(from)).toEqual(before)
  expect(await node.conversation(from)).toMatchObject({ state: names[1].resting, notRestorable: reason })
  expect((await parley(['ls'], { PARLEY_URL: node.url })).stdout).toContain(`${names[1].resting} (not restorable)`)
  const { id } = await node.conversation(from)
  expect((await parley(['show', id], { PARLEY_URL: node.url })).stdout).toContain(`notRestorable   ${reason}`)
  const stuck = from
  from = '+14155588998'
  await says('Hi')
  expect(await node.conversation(from)).toMatchObject({ version: '2', state: names[2].resting })
  from = stuck

  await deploy(forgetful)
  expect(await waiting()).toHaveLength(2)
  await says('three')
  await deploy(both)
  await says('four')
  expect(await said('1')).toEqual(['Hi', 'one', 'two', 'three', 'four'])
  expect(await waiting()).toEqual([])
  expect(await node.conversation(from)).not.toHaveProperty('notRestorable')
})

test('T1, T9: what waits is turned before what was stored while no node was there', async () => {
  await start(old)
  await says('Hi')
  await deploy(forgetful)
  await says('waits')
  const gateway = await startTestNode(broker, far.env, { versions: both, works: [] })
  await node.stop()
  await gateway.text('stored later', { from })
  await gateway.stop()
  await start(migrating)
  expect(await said('2')).toEqual(['Hi', 'waits', 'stored later'])
  expect(await waiting()).toEqual([])
})

test('T9: an event that a crash has left among those that wait after it was turned is not turned again', async () => {
  await start(old)
  await says('Hi')
  await deploy(forgetful)
  await says('once')
  const { id } = await node.conversation(from)
  const letter = await lastOf(node.node.broker.jsm, stream.dead, subject.dead('record', id))
  await deploy(both)
  expect(await said('1')).toEqual(['Hi', 'once'])
  await js().publish(subject.dead('record', id), letter!.data)
  await deploy(both)
  expect(await said('1')).toEqual(['Hi', 'once'])
  expect(await waiting()).toEqual([])
})

test('T8: a migration that throws leaves the conversation as it is, until a build mends it', async () => {
  const throws: Migration = {
    ...between('1', '2'),
    migrate: () => {
      throw new Error('nothing is like it was')
    },
  }
  await start(old)
  await says('Hi')
  await deploy({ definitions: [second!], migrations: [throws] })
  await says('Hello?')
  expect(await waiting()).toMatchObject([{ kind: 'record', reason: expect.stringMatching(/nothing is like it was$/) }])
  expect(await node.conversation(from)).toMatchObject({ version: '1' })
  await deploy(migrating)
  expect(await said('2')).toEqual(['Hi', 'Hello?'])
})

test('T8: a record that XState refuses, or of a format to come, is seen and waits, and the list of conversations stays whole', async () => {
  await start(old)
  await says('Hi')
  const { id } = await node.conversation(from)
  const change = async (changes: object) => {
    const last = await stored(id)
    const record = last.json<TurnRecord>()
    await persist(js(), partitions, { ...record, turn: record.turn + 1, effects: [], ...changes }, last.seq)
  }
  const { snapshot } = (await stored(id)).json<TurnRecord>()
  await change({ snapshot: { ...snapshot, value: 'nowhere' } })
  await deploy(old)
  await says('one')
  expect(await waiting()).toMatchObject([{ kind: 'record', reason: expect.stringContaining('nowhere') }])
  expect(await node.conversation(from)).toMatchObject({ notRestorable: expect.stringContaining('nowhere') })

  await change({ format: 2, snapshot: undefined, timers: undefined })
  const reason = 'the record has format 2, this build reads 1'
  await deploy(old)
  await says('two')
  expect((await waiting()).map((letter) => letter.reason)).toEqual([expect.stringContaining('nowhere'), reason])
  const page = (await node.ask('GET', '/v1/conversations?limit=500')).body
  expect(page.items.find((one: Json) => one.id === id)).toMatchObject({ notRestorable: reason })
})
