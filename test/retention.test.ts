/**
 * Forgetting on a real broker: what is over is deleted when it is time, everything else stays, whoever comes in between.
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { lastOf } from '../runtime/actor-cache.ts'
import { connectBroker } from '../runtime/broker.ts'
import { partitionOf } from '../runtime/partition.ts'
import { readBatch } from '../runtime/read-batch.ts'
import type { TurnRecord } from '../runtime/record.ts'
import { erase, forget } from '../runtime/retention.ts'
import { persist } from '../runtime/stages/persist.ts'
import { stream, subject } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

const partitions = 4
const day_ms = 86_400_000
const menu_ms = 900_000
const oneDay = { PARLEY_ASSETS__0__POLICY__RETENTION_DAYS: '1' }

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
  from = `+1415557${String(++customers).padStart(4, '0')}`
})
afterEach(() => node.stop())

const start = async (env: Record<string, string> = {}) => {
  node = await startTestNode(broker, { ...far.env, ...env })
}
const says = async (text: string) => {
  expect((await node.text(text, { from })).status).toBe(200)
  await node.advance(0)
}
/** A conversation that rests: the menu was never answered. Gives its actor. */
const toResting = async () => {
  await says('Hi')
  const { id } = await node.conversation(from)
  await node.advance(menu_ms)
  expect((await node.conversation(from)).state).toBe('closed.resting')
  return id
}
const jsm = () => node.node.broker.jsm
const storedTurns = (actor: string) =>
  readBatch(jsm(), stream.turns, subject.turns(partitionOf(actor, partitions), actor), 256)
const storedEffects = (actor: string) =>
  readBatch(jsm(), stream.effects, subject.effects(partitionOf(actor, partitions), actor), 256)
const kept = async (actor: string) => [(await storedTurns(actor)).length, (await storedEffects(actor)).length]

describe('When retentionDays are over', () => {
  test('nothing is left of the conversation, on any list, and the next message begins from the search', async () => {
    await start(oneDay)
    const actor = await toResting()
    const { conversationId } = await node.conversation(from)
    const [turns, effects] = (await kept(actor)) as [number, number]
    expect(turns).toBeGreaterThan(3)
    expect(effects).toBeGreaterThan(1)
    await node.advance(day_ms - 1_000)
    expect((await node.conversation(from)).state).toBe('closed.resting')
    await node.advance(1_000)
    expect(await kept(actor)).toEqual([0, 0])
    expect(await node.conversation(from)).toBeUndefined()
    for (const id of [actor, conversationId])
      expect((await node.ask('GET', `/v1/conversations/${id}`)).status).toBe(404)
    const page = () => node.ask('GET', '/v1/conversations?state=closed&limit=500')
    expect((await page()).body.items.map(({ id }: Json) => id)).not.toContain(actor)

    const searched = far.asked('searchConversation').length
    await says('Hi again')
    expect(far.asked('searchConversation')).toHaveLength(searched + 1)
    expect((await node.turns(from))[0]).toMatchObject({ turn: 1, stateBefore: 'noConversation.idle' })
    await says('1')
    expect((await node.conversation(from)).state).toBe('inQueue.created')
    expect(await node.deadLetters()).toEqual([])
  })

  test('a conversation is deleted only after its last effect has ended', async () => {
    await start({
      PARLEY_ASSETS__0__POLICY__RETENTION_DAYS: '0.001',
      PARLEY_ASSETS__0__POLICY__RETRY__ATTEMPTS: '1000',
      PARLEY_ASSETS__0__POLICY__MENU_ATTEMPTS: '1',
    })
    await says('Hi')
    const { id } = await node.conversation(from)
    far.always('sendMessage', { status: 503 })
    await says('pizza')
    await node.advance(90_000)
    expect(await node.conversation(from)).toMatchObject({ state: 'closed.archived' })
    expect((await node.turns(from)).flatMap(({ effects }) => effects).at(-1)).toMatchObject({ status: 'pending' })
    far.always('sendMessage', undefined)
    await node.advance(60_000)
    expect(await kept(id)).toEqual([0, 0])
  })

  test('one whose search failed is kept to be looked into, and no longer than any other', async () => {
    await start(oneDay)
    far.next('searchConversation', { status: 400 })
    await says('Hi')
    await node.advance(day_ms / 2)
    const { id, state } = await node.conversation(from)
    expect(state).toBe('closed.searchFailed')
    await node.advance(day_ms)
    expect(await kept(id)).toEqual([0, 0])
  })
})

/** As the broker's, but that something happens just before that call of `purge`, counted from 1. */
function interrupted(at: number, happens: () => Promise<void>): JetStreamManager {
  let calls = 0
  const purge: JetStreamManager['streams']['purge'] = async (...args) => {
    if (++calls === at) await happens()
    return jsm().streams.purge(...args)
  }
  const streams = { ...{ purge }, info: jsm().streams.info.bind(jsm().streams) }
  return { direct: jsm().direct, streams } as unknown as JetStreamManager
}

describe('A conversation that is being deleted', () => {
  /** As `forget` finds it: the turn that archives it is stored, and nobody has begun to delete it. */
  const toArchived = async () => {
    await start({ PARLEY_ASSETS__0__POLICY__RETENTION_DAYS: '0' })
    const actor = await toResting()
    await append(actor, { state: 'closed.archived', effects: [] })
    return { actor, revision: (await storedTurns(actor)).at(-1)!.seq }
  }
  const append = async (actor: string, changes: Partial<TurnRecord>) => {
    const last = (await storedTurns(actor)).at(-1)!
    const record = last.json<TurnRecord>()
    const next = { ...record, turn: record.turn + 1, ...changes }
    expect((await persist(node.node.broker.js, partitions, next, last.seq)).kind).toBe('committed')
  }

  test('and has woken up before, is left alone', async () => {
    const { actor, revision } = await toArchived()
    await append(actor, { state: 'noConversation.searching', effects: [] })
    const before = await kept(actor)
    await forget(jsm(), partitions, actor, revision)
    expect(await kept(actor)).toEqual(before)
  })

  const forgets = (_js: JetStreamClient, jsm: JetStreamManager, { actor }: TurnRecord, revision: number) =>
    forget(jsm, partitions, actor, revision)
  const erases = (js: JetStreamClient, jsm: JetStreamManager, record: TurnRecord, revision: number) =>
    erase(js, jsm, partitions, { ...record, erased: true }, revision)
  const anew = 'takes what it has heard with it, so that an owner who begins anew does not turn it a second time'
  const restored = 'leaves what came later under a number that was used before'

  test.each([
    ['when its time is over', anew, forgets, 1, 0],
    ['when its time is over', restored, forgets, -1, 1],
    ['when its customer is erased', anew, erases, 1, 0],
    ['when its customer is erased', restored, erases, -1, 1],
  ])('T9: %s, %s', async (_when, _what, deletes, turned_later_ms, left) => {
    const { actor, revision } = await toArchived()
    const { jsm: own, js, nc } = await connectBroker([broker.url], {}, 'test')
    await node.stop() // whoever owns the partition would sweep it
    const heard = () => readBatch(own, stream.inbox, subject.inbox(partitionOf(actor, partitions), actor), 256)
    await js.publish(subject.in(actor), 'heard')
    const { seq: sequence, time } = (await heard()).at(-1)!
    const input = { sequence, time_ns: String(BigInt(time.getTime() + turned_later_ms) * 1_000_000n) }
    const last = (await lastOf(own, stream.turns, subject.turns(partitionOf(actor, partitions), actor)))!
    const record = { ...last.json<TurnRecord>(), input }
    await persist(js, partitions, record, revision)
    await deletes(js, own, record, (await own.streams.info(stream.turns)).state.last_seq)
    expect(await heard()).toHaveLength(left)
    await nc.close()
  })

  test.each([1, 2, 3, 4])(
    'and wakes up before the purge number %i, keeps what it has become, and its ledger',
    async (at) => {
      const { actor, revision } = await toArchived()
      const effects = subject.effects(partitionOf(actor, partitions), actor)
      const wakes = async () => {
        await append(actor, { state: 'noConversation.searching', effects: [] })
        await node.node.broker.js.publish(effects, JSON.stringify({ revision: revision + 1, outcomes: [] }))
      }
      await forget(interrupted(at, wakes), partitions, actor, revision)
      expect((await storedTurns(actor)).map((one) => one.json<TurnRecord>().state).at(-1)).toBe(
        'noConversation.searching',
      )
      expect((await storedEffects(actor)).at(-1)?.json()).toMatchObject({ revision: revision + 1 })
    },
  )

  test.each([1, 2, 3, 4])(
    'and whose owner ends before the purge number %i, is still there to be deleted by the next',
    async (at) => {
      const { actor, revision } = await toArchived()
      const ends = () => Promise.reject(new Error('the owner has ended'))
      await expect(forget(interrupted(at, ends), partitions, actor, revision)).rejects.toThrow('the owner has ended')
      expect((await storedTurns(actor)).at(-1)?.seq).toBe(revision)
      await forget(jsm(), partitions, actor, revision)
      expect(await kept(actor)).toEqual([0, 0])
    },
  )
})
