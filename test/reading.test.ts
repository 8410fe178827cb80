/**
 * The reading paths, by the letter of the contract: what they answer of conversations that a real node turned, compared
 * with what its far sides were really sent.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { asset, customer, type Json, startTestNode, type TestNode } from './node.ts'

let broker: Broker
let far: FarSides
let node: TestNode

beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  node = await startTestNode(broker, far.env)
})
afterAll(async () => {
  await node.stop()
  await far.close()
  await broker.stop()
})

const get = async (path: string): Promise<Json> => (await node.ask('GET', path)).body
const customers = Array.from({ length: 7 }, (_, index) => `+1415557000${index}`)

describe('one conversation', () => {
  beforeAll(async () => {
    await node.text('Hi')
    await node.advance(0)
    await node.text('1')
    await node.advance(0)
  })

  test('has every field of the contract', async () => {
    const one = await node.conversation()
    expect(one).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      machine: 'sms',
      version: expect.any(String),
      channel: 'sms',
      asset,
      customer,
      state: 'inQueue.created',
      conversationId: expect.stringMatching(/^[0-9A-F]{16}$/),
      taskId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      agentId: '',
      revision: expect.any(Number),
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      context: expect.objectContaining({ scriptSelector: 'Billing' }),
      timers: [{ name: 'reconcileAfter.created', dueAt: expect.any(String) }],
    })
    expect(one.context).not.toHaveProperty('turn')
  })

  test('is found by its actor id, its conversation id, its task id, and its customer in either form', async () => {
    const one = await node.conversation()
    await vi.waitFor(async () => expect((await node.ask('GET', `/v1/conversations/${one.taskId}`)).status).toBe(200))
    for (const id of [one.id, one.conversationId, one.taskId]) expect(await get(`/v1/conversations/${id}`)).toEqual(one)
    for (const form of [customer, '14155550123', '+1 415 555-0123', '001 415 555 0123']) {
      for (const number of [asset, `+${asset}`]) {
        const query = new URLSearchParams({ channel: 'sms', asset: number, customer: form })
        expect(await get(`/v1/conversations?${query}`), form).toEqual({ items: [one], cursor: null })
      }
    }
    expect((await get(`/v1/conversations?channel=sms&asset=${asset}&customer=+14155550123`)).items).toEqual([one])
  })

  test('a timer is shown with the moment at which it is due', async () => {
    const from = '+14155551200'
    await node.text('Hi', { from })
    await node.advance(0)
    const { updatedAt, timers } = await node.conversation(from)
    const dueAt = new Date(Date.parse(updatedAt) + 900_000).toISOString()
    expect(timers).toEqual([{ name: expect.stringContaining('menuTimeout'), dueAt }])
  })

  test('what is not there is 404, what cannot be an id too; an unknown customer is an empty page', async () => {
    for (const id of [
      '0000000000000000',
      '65F2C0A91B7E4D01',
      '0f1f7a57-8908-4ca9-8260-d0283bfb5fa3',
      'x',
      '%F0%9F%98%80',
      '*',
      '>',
    ]) {
      for (const rest of ['', '/turns']) {
        const answer = await node.ask('GET', `/v1/conversations/${id}${rest}`)
        expect(answer.status, id + rest).toBe(404)
        expect(answer.body).toMatchObject({ type: 'urn:parley:problem:not-found' })
      }
    }
    expect(await get(`/v1/conversations?channel=sms&asset=${asset}&customer=19995550000`)).toEqual({
      items: [],
      cursor: null,
    })
    expect(await get('/v1/conversations?customer=19995550000')).toEqual({ items: [], cursor: null })
  })
})

describe('a list of conversations', () => {
  beforeAll(async () => {
    for (const from of customers) await node.text('Hi', { from })
    await node.advance(0)
    for (const from of customers.slice(0, 3)) await node.text('1', { from })
    await node.advance(0)
    await vi.waitFor(async () =>
      expect((await get('/v1/conversations?state=inQueue')).items.length).toBeGreaterThanOrEqual(3),
    )
  })

  test('comes in pages that together hold each one once', async () => {
    const seen: string[] = []
    let cursor: string | null = ''
    do {
      const page: Json = await get(`/v1/conversations?limit=2${cursor ? `&cursor=${cursor}` : ''}`)
      expect(page.items.length).toBeLessThanOrEqual(2)
      seen.push(...page.items.map((one: Json) => one.customer))
      cursor = page.cursor
    } while (cursor !== null)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(expect.arrayContaining([...customers, customer]))
    expect(await get(`/v1/conversations?limit=${seen.length}`)).toMatchObject({ cursor: null })
    expect(await get('/v1/conversations?cursor=ffffffffffffffff')).toEqual({ items: [], cursor: null })
  })

  test.each([
    { state: 'inQueue', found: customers.slice(0, 3) },
    { state: 'inQueue.created', found: customers.slice(0, 3) },
    { state: 'noConversation.menu', found: customers.slice(3) },
    { state: 'noConversation', found: customers.slice(3) },
    { state: 'closed', found: [] },
    { state: 'inQ', found: [] },
  ])('state=$state gives that state and its children, and no other', async ({ state, found }) => {
    const { items } = await get(`/v1/conversations?state=${state}&limit=500`)
    const among = items.map((one: Json) => one.customer).filter((one: string) => customers.includes(one))
    expect(among.sort()).toEqual(found)
  })

  test('channel, asset and customer narrow it', async () => {
    expect((await get('/v1/conversations?channel=email')).items).toEqual([])
    expect((await get('/v1/conversations?asset=19995550100')).items).toEqual([])
    expect((await get(`/v1/conversations?channel=sms&asset=%2B${asset}`)).items.length).toBeGreaterThanOrEqual(8)
    expect((await get(`/v1/conversations?customer=${customers[0]}`)).items).toHaveLength(1)
    const query = new URLSearchParams({ channel: 'sms', asset, customer, state: 'closed' })
    expect((await get(`/v1/conversations?${query}`)).items).toEqual([])
  })

  test.each(['limit=0', 'limit=501', 'limit=x', 'limit=1.5', 'channel=fax'])(
    '%s is a 400 that says what was expected',
    async (query) => {
      const answer = await node.ask('GET', `/v1/conversations?${query}`)
      expect(answer.status).toBe(400)
      expect(answer.body.detail).toMatch(/expected/)
    },
  )
})

describe('the turns of a conversation', () => {
  test('T6: each says what it heard, from where to where, and its effects under the Idempotency-Key that went out', async () => {
    const from = '+14155551300'
    await node.text('my card is 4111 1111 1111 1111', { from })
    await node.advance(0)
    const turns = await node.turns(from)
    expect(turns.map(({ event, stateBefore, stateAfter }) => [event.type, stateBefore, stateAfter])).toEqual([
      ['parley.message.received', 'noConversation.idle', 'noConversation.searching'],
      ['parley.ask.answered', 'noConversation.searching', 'noConversation.creatingConversation'],
      ['parley.ask.answered', 'noConversation.creatingConversation', 'noConversation.menu'],
    ])
    expect(turns.map(({ revision }) => revision)).toEqual(turns.map(({ revision }) => revision).sort((a, b) => a - b))
    expect((await node.conversation(from)).revision).toBe(turns.at(-1)?.revision)

    const effects = turns.flatMap((turn) => turn.effects)
    const sent = far.requests.filter(({ headers }) => effects.some(({ key }) => key === headers['idempotency-key']))
    expect(sent.map(({ headers }) => headers['idempotency-key'])).toEqual(effects.map(({ key }) => key))
    expect(effects.map(({ status, attempts }) => ({ status, attempts }))).toEqual(
      effects.map(() => ({ status: 'done', attempts: 1 })),
    )
    expect(JSON.stringify(turns)).not.toContain('4111')
    expect(JSON.stringify(turns)).toContain('**** **** **** 1111')
  })

  test('an effect that went through at the third attempt says so; every attempt had the same key and body', async () => {
    const from = '+14155551301'
    far.next('createConversation', { status: 503 }, { status: 503 })
    await node.text('Hi', { from })
    await node.advance(0)
    const pending = (await node.turns(from))
      .flatMap(({ effects }) => effects)
      .find(({ type }) => type === 'createConversation')
    expect(pending).toMatchObject({ status: 'pending' })
    await node.advance(10_000)
    const effects = (await node.turns(from)).flatMap((turn) => turn.effects)
    const created = effects.find(({ type }) => type === 'createConversation')!
    expect(created).toMatchObject({ status: 'done', attempts: 3 })
    const attempts = far.requests.filter(({ headers }) => headers['idempotency-key'] === created.key)
    expect(attempts).toHaveLength(3)
    for (const { text, headers } of attempts) {
      expect(text).toBe(attempts[0]!.text)
      for (const name of ['x-tracking-id', 'traceparent']) expect(headers[name]).toBe(attempts[0]!.headers[name])
    }
    expect(attempts[0]!.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })

  test('the first effect of the first turn is pending while it is under way', async () => {
    const from = '+14155551303'
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    far.next('searchConversation', { status: 503, after: released })
    await node.text('Hi', { from })
    await vi.waitFor(async () => expect(await node.conversation(from)).toBeDefined())
    expect((await node.turns(from)).flatMap(({ effects }) => effects)).toMatchObject([
      { type: 'searchConversation', status: 'pending', attempts: 0 },
    ])
    release()
  })

  test('an effect that was given up is failed, with why', async () => {
    const from = '+14155551302'
    far.next('sendMessage', { status: 400 })
    await node.text('Hi', { from })
    await node.advance(0)
    const effects = (await node.turns(from)).flatMap((turn) => turn.effects)
    expect(effects.find(({ type }) => type === 'sendMessage')).toMatchObject({
      status: 'failed',
      attempts: 1,
      code: 'refused',
    })
    expect(effects.find(({ type }) => type === 'appendConversation')).toMatchObject({ status: 'done', attempts: 1 })
  })

  test('reading leaves nothing behind on the connection', async () => {
    const { protocol } = node.node.broker.nc as unknown as {
      protocol: { subscriptions: { subs: Map<number, unknown> } }
    }
    const before = protocol.subscriptions.subs.size
    for (const _ of [1, 2, 3]) {
      await node.turns()
      await node.deadLetters()
    }
    expect(protocol.subscriptions.subs.size).toBe(before)
  })

  test('are shown for a conversation of any id', async () => {
    const one = await node.conversation()
    const turns = await node.turns()
    for (const id of [one.id, one.conversationId, one.taskId])
      expect(await get(`/v1/conversations/${id}/turns`)).toEqual(turns)
  })
})

describe('with an admin token set', () => {
  let guarded: TestNode
  beforeAll(async () => {
    guarded = await startTestNode(broker, {
      ...far.env,
      PARLEY_ADMIN_TOKEN: 'admin-secret',
      PARLEY_INBOUND_TOKEN: 'inbound-secret',
    })
  })
  afterAll(() => guarded.stop())

  test.each([
    '/v1/conversations',
    '/v1/conversations/0000000000000000',
    '/v1/conversations/0000000000000000/turns',
    '/v1/dead-letters',
    '/v1/dead-letters/1',
  ])('%s needs it, and no other token will do', async (path) => {
    for (const headers of [{}, { authorization: 'Bearer inbound-secret' }, { authorization: 'Bearer admin-secre' }]) {
      const answer = await guarded.ask('GET', path, undefined, headers as Record<string, string>)
      expect(answer.status).toBe(401)
      expect(answer.body).toMatchObject({ type: 'urn:parley:problem:unauthenticated' })
    }
    const { status } = await guarded.ask('GET', path, undefined, { authorization: 'Bearer admin-secret' })
    expect([200, 404]).toContain(status)
  })

  test('health and readiness need none', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await guarded.ask('GET', path)).status).toBe(200)
  })
})
