/**
 * The feeds, as a program outside follows them, of a real node: what is committed comes, in order, once, masked; and a
 * follower that opens the feed first and reads then misses nothing.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ListNews, Turn } from '../runtime/api-shapes.ts'
import { type Broker, startBroker } from './broker.ts'
import { type Follower, followEvents } from './event-stream.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

let broker: Broker
let far: FarSides
let node: TestNode
const admin = { authorization: 'Bearer of-the-console' }
const followers: Follower[] = []

beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  node = await startTestNode(broker, { ...far.env, PARLEY_ADMIN_TOKEN: 'of-the-console' })
})
afterAll(async () => {
  for (const one of followers) one.close()
  await node.stop()
  await far.close()
  await broker.stop()
})

async function follow(path: string): Promise<Follower> {
  const follower = await followEvents(node.url + path, admin)
  followers.push(follower)
  await follower.next('open')
  return follower
}
const get = async (path: string): Promise<Json> => (await node.ask('GET', path, undefined, admin)).body

describe('The feed of all conversations', () => {
  test('tells a conversation that turned, as the list shows it, and how many there are', async () => {
    const feed = await follow('/v1/feed')
    await node.text('Hi', { from: '+14155553001' })
    await node.advance(0)
    let news = (await feed.next('changed')).data as Json
    const isMenu = () => news.items.some(({ state }: Json) => state === 'noConversation.menu')
    while (!isMenu()) news = (await feed.next('changed')).data
    expect(ListNews.safeParse(news).error).toBeUndefined()
    expect(news.items).toMatchObject([{ channel: 'sms', customer: '+14155553001', state: 'noConversation.menu' }])
    expect(news.counts).toContainEqual({ channel: 'sms', state: 'noConversation', count: 1 })
  })
})

describe('The feed of one conversation', () => {
  const from = '+14155553002'

  test('tells each turn once and in order, with what became of its effects, and nothing of others', async () => {
    await node.text('Hi', { from })
    await node.advance(0)
    const { id, revision } = await node.conversation(from)
    const feed = await follow(`/v1/conversations/${id}/feed`)
    await node.text('Hello', { from: '+14155553003' })
    await node.text('1', { from })
    await node.advance(0)
    const expected = (await get(`/v1/conversations/${id}/turns`)).filter((turn: Json) => turn.revision > revision)
    expect(expected.length).toBeGreaterThan(1)
    const told: Json[] = []
    while (told.length < expected.length) told.push((await feed.next('turn')).data)
    expect(Turn.array().safeParse(told).error).toBeUndefined()
    expect(told.map((turn) => [turn.revision, turn.event, turn.stateAfter])).toEqual(
      expected.map((turn: Json) => [turn.revision, turn.event, turn.stateAfter]),
    )
    const withEffects = expected.filter((turn: Json) => turn.effects.length > 0)
    const again = await follow(`/v1/conversations/${id}/feed`)
    await node.text('one more', { from })
    await node.advance(0)
    const { data } = await again.next('effects')
    expect(data).toMatchObject({ revision: expect.any(Number), outcomes: [{ status: 'done', attempts: 1 }] })
    expect((data as Json).revision).toBeGreaterThan(withEffects.at(-1).revision)
  })

  test('never tells card data', async () => {
    const { id } = await node.conversation(from)
    const feed = await follow(`/v1/conversations/${id}/feed`)
    await node.text('my card is 4111 1111 1111 1111', { from })
    await node.advance(0)
    const { data } = await feed.next('turn')
    expect((data as Json).event.data.text).toContain('*')
    expect(feed.text()).not.toMatch(/4111 ?1111/)
  })

  test('of nobody is 404', async () => {
    const answer = await node.ask('GET', '/v1/conversations/0000/feed', undefined, admin)
    expect([answer.status, answer.body.type]).toEqual([404, 'urn:parley:problem:not-found'])
  })
})

test('a conversation is shown as it stood after any of its turns', async () => {
  const from = '+14155553004'
  await node.text('Hi', { from })
  await node.advance(0)
  const { id } = await node.conversation(from)
  const turns: Json[] = await get(`/v1/conversations/${id}/turns`)
  const then = await Promise.all(turns.map(({ revision }) => get(`/v1/conversations/${id}/turns/${revision}`)))
  expect(then.map(({ revision, state }) => [revision, state])).toEqual(
    turns.map(({ revision, stateAfter }) => [revision, stateAfter]),
  )
  expect(then[0].conversationId).toBe('')
  expect(then.at(-1)).toEqual(await get(`/v1/conversations/${id}`))
  const others = (await node.conversation('+14155553002')).revision
  for (const revision of [0, 'x', 999_999, others]) {
    expect((await node.ask('GET', `/v1/conversations/${id}/turns/${revision}`, undefined, admin)).status).toBe(404)
  }
})

test('without the admin token there is no feed', async () => {
  for (const path of ['/v1/feed', '/v1/conversations/0000/feed']) {
    expect((await node.ask('GET', path)).status).toBe(401)
  }
})

test('a node that stops ends its feeds, so that followers go elsewhere', async () => {
  const other = await startTestNode(broker, far.env)
  const feed = await followEvents(`${other.url}/v1/feed`)
  await feed.next('open')
  await other.stop()
  await feed.ended
})
