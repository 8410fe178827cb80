/**
 * The doors in, by the letter of the contract: a real node, a real broker, requests as other programs make them.
 */
import { createHmac, randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { configJsonSchema } from '../runtime/config-schema.ts'
import { defaultConfig } from '../runtime/default-config.ts'
import { readBatch } from '../runtime/read-batch.ts'
import { stream } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Answer, asset, type Json, smsBody, startTestNode, type TestNode } from './node.ts'
import { sample, samplesIn } from './samples.ts'

const card = '4111 1111 1111 1111'
const masked_card = '**** **** **** 1111'
const doors = {
  sms: '/v1/inbound/sms',
  'live-chat': '/v1/inbound/live-chat',
  email: '/v1/inbound/email',
  'digital-routing': '/v1/webhooks/digital-routing',
  receipts: '/v1/receipts',
} as const
const body_bytes_max = 1_048_576

let broker: Broker
let far: FarSides
let node: TestNode

beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
})
afterAll(async () => {
  await far.close()
  await broker.stop()
})

const start = async (env: Record<string, string> = {}) => {
  node = await startTestNode(broker, { ...far.env, ...env })
}
const newCustomer = () => `+1415556${String(++customers).padStart(4, '0')}`
let customers = 0

/** A problem document (RFC 9457) and nothing that was sent. */
function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(answer.body).toMatchObject({ type: `urn:parley:problem:${code}`, status, title: expect.any(String) })
  expect(JSON.stringify(answer.body)).not.toContain('4111')
}

async function setAside(): Promise<{ subject: string; letter: Json }[]> {
  const messages = await readBatch(node.node.broker.jsm, stream.dead, 'parley.dead.>', 500)
  return messages.map((message) => ({ subject: message.subject, letter: message.json() }))
}

describe('what a door answers', () => {
  beforeAll(() => start())
  afterAll(() => node.stop())
  const send = (body: unknown, headers?: Record<string, string>, path: string = doors.sms) =>
    node.ask('POST', path, body, headers)

  test('200 with the id of the event once it is stored, and again, as a duplicate, when it comes again', async () => {
    const body = smsBody('Hi')
    const first = await send(body)
    expect(first.status).toBe(200)
    expect(first.body).toEqual({ eventId: body.tid, duplicate: false })
    const again = await send(body)
    expect(again.status).toBe(200)
    expect(again.body).toEqual({ eventId: body.tid, duplicate: true })
  })

  test('the same message sent ten times at once is stored once', async () => {
    const body = smsBody('Hi', { from: newCustomer() })
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(body)))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect(answers.filter((answer) => answer.body.duplicate === false)).toHaveLength(1)
  })

  test.each(samplesIn('inbound', 'sms-'))('%s is accepted as it stands', async (path) => {
    const { status, body } = await send(sample(path))
    expect(status).toBe(200)
    expect(body).toEqual({ eventId: sample(path).tid, duplicate: false })
  })

  test('E9: extra fields, nested "" and "NA", and numbers written as strings are normal', async () => {
    const odd = {
      ...smsBody('Hi', { from: newCustomer() }),
      tid: 42,
      oa: 14155569999,
      pciInfo: '',
      securityscaninfo: 'NA',
      extra: { a: [1, null] },
    }
    expect((await send(odd)).body).toEqual({ eventId: '42', duplicate: false })
    for (const estimatedWaitTime of ['180', 180, '', 'NA', null]) {
      const webhook = sample<{ task: Json }>('dr-webhooks/queued-sms-ewt-180.json')
      const { status } = await send(
        { ...webhook, eventId: randomUUID(), novelty: 1, task: { ...webhook.task, estimatedWaitTime } },
        {},
        doors['digital-routing'],
      )
      expect(status).toBe(200)
    }
  })

  test('media types with parameters and +json are JSON', async () => {
    for (const type of ['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/cloudevents+json']) {
      expect((await send(smsBody('Hi', { from: newCustomer() }), { 'content-type': type })).status).toBe(200)
    }
  })

  test.each<{
    title: string
    path?: string
    body: unknown
    errors: { path: string; expected: string; found: string }[]
  }>([
    { title: 'no body', body: '', errors: [{ path: '', expected: 'JSON in UTF-8', found: '0 bytes that are not' }] },
    {
      title: 'half a body',
      body: `{"message":"${card}`,
      errors: [{ path: '', expected: 'JSON in UTF-8', found: '31 bytes that are not' }],
    },
    {
      title: 'words',
      body: `pay with ${card}`,
      errors: [{ path: '', expected: 'JSON in UTF-8', found: '28 bytes that are not' }],
    },
    {
      title: 'no UTF-8',
      body: Uint8Array.of(0x22, 0xff, 0x22),
      errors: [{ path: '', expected: 'JSON in UTF-8', found: '3 bytes that are not' }],
    },
    { title: 'a list', body: [card], errors: [{ path: '', expected: 'a JSON object', found: 'an array' }] },
    { title: 'null', body: 'null', errors: [{ path: '', expected: 'a JSON object', found: 'null' }] },
    {
      title: 'no sender',
      body: { ...smsBody(card), oa: undefined },
      errors: [{ path: 'oa', expected: 'a string', found: 'nothing' }],
    },
    {
      title: 'a sender that is an object',
      body: { ...smsBody(card), oa: { card } },
      errors: [{ path: 'oa', expected: 'a string', found: 'an object' }],
    },
    {
      title: 'a text that is a list',
      body: { ...smsBody(''), message: [card] },
      errors: [{ path: 'message', expected: 'a string', found: 'an array' }],
    },
    {
      title: 'a webhook without its task',
      path: doors['digital-routing'],
      body: { eventType: 'CREATED', note: card },
      errors: [{ path: 'task', expected: 'a JSON object', found: 'nothing' }],
    },
    {
      title: 'a webhook whose task has no id',
      path: doors['digital-routing'],
      body: { eventType: 'CREATED', task: { note: card } },
      errors: [{ path: 'task.taskId', expected: 'a string', found: 'nothing' }],
    },
    {
      title: 'a receipt without its information',
      path: doors.receipts,
      body: { note: card },
      errors: [{ path: 'deliveryInfoNotification', expected: 'a JSON object', found: 'nothing' }],
    },
  ])('400 for $title: where, what was expected, what was found, never the content', async ({ body, path, errors }) => {
    const answer = await send(body, {}, path)
    expectProblem(answer, 400, 'malformed-body')
    expect(answer.body.errors).toEqual(errors)
  })

  test.each(Object.values(doors))('%s: 400 for a body that is nested too deep, whosever it is', async (path) => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    for (const of of [smsBody('Hi'), { ...smsBody('Hi'), da: '19995550100' }, {}]) {
      const body = JSON.stringify({ ...of, extra: 0 }).replace(/0\}$/, `${deep}}`)
      const answer = await send(body, { 'content-type': 'application/json' }, path)
      expectProblem(answer, 400, 'malformed-body')
      expect(answer.body.errors).toEqual([{ path: '', expected: 'JSON of at most 64 levels', found: 'more' }])
    }
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'json', ''])(
    '415 for content of type "%s"',
    async (type) => {
      expectProblem(await send(JSON.stringify(smsBody(card)), { 'content-type': type }), 415, 'not-json')
    },
  )

  test('a body at the limit is taken, one byte more is 413', async () => {
    const padded = (bytes: number) => {
      const body = smsBody('Hi', { from: newCustomer() })
      const pad = bytes - Buffer.byteLength(JSON.stringify({ ...body, pad: '' }))
      return JSON.stringify({ ...body, pad: 'x'.repeat(pad) })
    }
    expect((await send(padded(body_bytes_max))).status).toBe(200)
    expectProblem(await send(padded(body_bytes_max + 1)), 413, 'body-too-large')
  })

  test('405 with the methods that a path takes, 404 for a path that is not there; both as problem documents', async () => {
    for (const [method, path, allow] of [
      ['GET', doors.sms, 'HEAD, POST'],
      ['PUT', doors.receipts, 'HEAD, POST'],
      ['DELETE', doors['digital-routing'], 'HEAD, POST'],
      ['POST', '/v1/conversations', 'GET, HEAD'],
      ['POST', '/', 'GET, HEAD'],
    ] as const) {
      const answer = await node.ask(method, path)
      expectProblem(answer, 405, 'method-not-allowed')
      expect(answer.headers.get('allow')).toBe(allow)
    }
    for (const path of [
      '/v1',
      '/v1/inbound',
      '/v1/inbound/sms/',
      '/v1/inbound/fax',
      `/v1/${encodeURIComponent(card)}`,
    ]) {
      expectProblem(await send({}, {}, path), 404, 'not-found')
    }
  })

  test('what no URL can be is a 400 as a problem document', async () => {
    expectProblem(await node.ask('GET', '/v1/conversations/%zz'), 400, 'malformed-body')
    expectProblem(await node.ask('GET', '/v1/conversations?customer=a&customer=b'), 400, 'malformed-body')
  })

  test.each(Object.entries(doors))('HEAD on the %s door is 200', async (_name, path) => {
    expect((await node.ask('HEAD', path)).status).toBe(200)
  })

  test('the schema of its configuration is there for editors', async () => {
    const { status, body } = await node.ask('GET', '/schema/config.json')
    expect([status, body]).toEqual([200, configJsonSchema()])
  })

  test('a node is healthy and ready', async () => {
    expect((await node.ask('GET', '/healthz')).status).toBe(200)
    expect((await node.ask('GET', '/readyz')).status).toBe(200)
  })
})

describe('a node that serves one channel', () => {
  const writes = { sms: newCustomer, 'live-chat': randomUUID }
  const bodyOf = {
    sms: (from: string) => smsBody('Hi', { from }),
    'live-chat': (userId: string) => ({ ...sample('inbound/livechat-mo-text.json'), tid: randomUUID(), userId }),
  }
  afterEach(() => node.stop())

  test.each(['sms', 'live-chat'] as const)(
    'G6: with %s alone it hears that, and sets the other aside',
    async (served) => {
      const path = join(broker.dir, `${served}.json`)
      await writeFile(
        path,
        JSON.stringify({ assets: defaultConfig.assets.filter(({ channel }) => channel === served) }),
      )
      await start({ PARLEY_CONFIG: path })
      for (const channel of ['sms', 'live-chat'] as const) {
        const customer = writes[channel]()
        const { status, body } = await node.ask('POST', doors[channel], bodyOf[channel](customer))
        expect(status).toBe(200)
        expect(body.unhandled ?? '').toMatch(channel === served ? /^$/ : new RegExp(`no ${channel} asset`))
        await node.advance(0)
        const found = await node.ask('GET', `/v1/conversations?${new URLSearchParams({ customer })}`)
        expect(found.body.items).toHaveLength(channel === served ? 1 : 0)
      }
    },
  )
})

describe('what nobody handles', () => {
  const otherMailbox = {
    ...sample('inbound/email-mo-new.json'),
    appId: 'a_000000000000000000',
    toAddresses: 'nobody@corp.example',
  }
  beforeAll(() => start())
  afterAll(() => node.stop())
  const webhook = (path: string, change: Json = {}, taskChange: Json = {}) => {
    const body = sample<{ task: Json }>(path)
    return {
      ...body,
      eventId: randomUUID(),
      ...change,
      task: { ...body.task, ...taskChange, variables: [{ key: 'cv_1', value: card }] },
    }
  }

  test.each<{ title: string; door: keyof typeof doors; body: () => Json; reason: RegExp }>([
    {
      title: 'an event type nobody knows',
      door: 'digital-routing',
      body: () => webhook('dr-webhooks/created-sms.json', { eventType: 'EXPLODED' }),
      reason: /unknown eventType/,
    },
    {
      title: 'A41: a task nobody knows',
      door: 'digital-routing',
      body: () => webhook('dr-webhooks/created-sms.json'),
      reason: /no conversation here has this task/,
    },
    {
      title: 'E10: a task of an asset without binding',
      door: 'digital-routing',
      body: () => webhook('dr-webhooks/created-other-asset.json'),
      reason: /asset that is not configured/,
    },
    {
      title: 'a ROUTED without its agent',
      door: 'digital-routing',
      body: () => webhook('dr-webhooks/routed-sms.json', {}, { ownerId: '' }),
      reason: /ROUTED without ownerId/,
    },
    {
      title: 'E10: a text to an asset without binding',
      door: 'sms',
      body: () => ({ ...smsBody(card), da: '19995550100' }),
      reason: /no sms asset 19995550100 is configured/,
    },
    {
      title: 'E10: a chat of an app without binding',
      door: 'live-chat',
      body: () => ({
        ...sample('inbound/livechat-mo-text.json'),
        tid: randomUUID(),
        appId: 'SD00000000',
        message: card,
      }),
      reason: /no live-chat asset SD00000000|not served/,
    },
    {
      title: 'E10: an email to a mailbox without binding',
      door: 'email',
      body: () => ({ ...otherMailbox, messageId: randomUUID(), subject: card }),
      reason: /no email asset|not served/,
    },
    {
      title: 'a receipt for nothing we sent',
      door: 'receipts',
      body: () => ({ ...sample('outbound/receipt-delivered.json'), note: card }),
      reason: /receipt for a message/,
    },
  ])('$title: 200, and a dead letter with the masked content', async ({ door, body, reason }) => {
    const before = (await node.deadLetters()).length
    const answer = await node.ask('POST', doors[door], body())
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      eventId: expect.any(String),
      duplicate: false,
      unhandled: expect.stringMatching(reason),
    })

    const letters = await setAside()
    expect(letters).toHaveLength(before + 1)
    const { subject, letter } = letters.at(-1)!
    expect(subject).toBe('parley.dead.unhandled.none')
    expect(letter).toMatchObject({ kind: 'unhandled', reason: answer.body.unhandled, content: { door } })
    expect(JSON.stringify(letter)).toContain(masked_card)
    expect(JSON.stringify(letter)).not.toContain('4111')
  })

  test('the same one sent again is set aside once', async () => {
    const body = { ...smsBody('Hi'), da: '19995550100' }
    const before = (await node.deadLetters()).length
    for (const _ of [1, 2]) expect((await node.ask('POST', doors.sms, body)).status).toBe(200)
    expect(await node.deadLetters()).toHaveLength(before + 1)
  })

  test('nothing went out for any of them, and no conversation was made', async () => {
    await node.advance(0)
    expect(far.requests.filter(({ text }) => text.includes('19995550100'))).toEqual([])
    const { body } = await node.ask('GET', '/v1/conversations?asset=19995550100')
    expect(body).toEqual({ items: [], cursor: null })
  })

  test('what is too large for the broker is set aside without its content, not refused for ever', async () => {
    const text = { ...smsBody('x'.repeat(body_bytes_max - 2_000)), da: '19995550100' }
    expect((await node.ask('POST', doors.sms, text)).status).toBe(200)
    const email = { ...otherMailbox, messageId: randomUUID(), message: 'x'.repeat(5 * body_bytes_max) }
    expect((await node.ask('POST', doors.email, email)).status).toBe(200)
    expect((await setAside()).at(-1)?.letter).toMatchObject({
      kind: 'unhandled',
      content: { door: 'email', bytes: expect.any(Number) },
    })
  })
})

describe('credentials', () => {
  const token = 'let-me-in'
  const secret = 'hmac-secret'
  const raw = () => JSON.stringify(smsBody('Hi', { from: newCustomer() }))
  const signed = (body: string, key = secret) => `sha256=${createHmac('sha256', key).update(body).digest('hex')}`
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` })
  afterEach(() => node.stop())

  const check = async (cases: [title: string, headers: (body: string) => Record<string, string>, status: number][]) => {
    for (const [title, headers, status] of cases) {
      const body = raw()
      const answer = await node.ask('POST', doors.sms, body, headers(body))
      expect(answer.status, title).toBe(status)
      if (status === 401) expectProblem(answer, 401, 'unauthenticated')
    }
    for (const path of Object.values(doors)) expect((await node.ask('HEAD', path)).status).toBe(200)
  }

  test('with a token set, every request must bear it; HEAD never', async () => {
    await start({ PARLEY_INBOUND_TOKEN: token })
    await check([
      ['right', () => bearer(token), 200],
      ['the scheme in any case', () => ({ authorization: `bearer ${token}` }), 200],
      ['none', () => ({}), 401],
      ['wrong', () => bearer('let-me-out'), 401],
      ['longer', () => bearer(`${token}x`), 401],
      ['another scheme', () => ({ authorization: `Basic ${token}` }), 401],
      ['signed instead', (body) => ({ 'x-hub-signature': signed(body) }), 401],
    ])
    const broken = await node.ask('POST', doors.sms, '{', bearer('wrong'))
    expectProblem(broken, 401, 'unauthenticated')
  })

  test('with an HMAC secret set, every body must be signed, byte for byte', async () => {
    await start({ PARLEY_INBOUND_HMAC_SECRET: secret })
    await check([
      ['right', (body) => ({ 'x-hub-signature': signed(body) }), 200],
      ['none', () => ({}), 401],
      ['of another body', (body) => ({ 'x-hub-signature': signed(`${body} `) }), 401],
      ['with another secret', (body) => ({ 'x-hub-signature': signed(body, 'other') }), 401],
      ['without its algorithm', (body) => ({ 'x-hub-signature': signed(body).slice(7) }), 401],
    ])
  })

  test('with both set, both are required', async () => {
    await start({ PARLEY_INBOUND_TOKEN: token, PARLEY_INBOUND_HMAC_SECRET: secret })
    await check([
      ['both', (body) => ({ ...bearer(token), 'x-hub-signature': signed(body) }), 200],
      ['only the token', () => bearer(token), 401],
      ['only the signature', (body) => ({ 'x-hub-signature': signed(body) }), 401],
    ])
  })

  test('the embedded desk reaches the doors whatever they ask for', async () => {
    node = await startTestNode(broker, { PARLEY_INBOUND_TOKEN: token, PARLEY_INBOUND_HMAC_SECRET: secret })
    const from = newCustomer()
    const send = (text: string) => node.atDesk('POST', '/desk/handset/sms/send', { from, to: asset, text })
    expect((await send('Hi')).status).toBe(200)
    await node.advance(0)
    expect((await send('1')).status).toBe(200)
    await node.advance(0)
    expect((await node.conversation(from)).state).toBe('inQueue.queued')
  })
})

describe('how fast one customer may write', () => {
  afterEach(() => node.stop())

  test('above the limit: 429 with the seconds to wait in Retry-After; other customers do not notice', async () => {
    await start({ PARLEY_RATE_PER_CUSTOMER: '3' })
    const from = newCustomer()
    for (const words of ['one', 'two', 'three']) expect((await node.text(words, { from })).status).toBe(200)
    const refused = await node.text('four', { from })
    expectProblem(refused, 429, 'too-many-messages')
    expect(refused.headers.get('retry-after')).toBe('20')
    expect((await node.text('one', { from: newCustomer() })).status).toBe(200)

    await node.advance(19_000)
    expect((await node.text('four', { from })).headers.get('retry-after')).toBe('1')
    await node.advance(1_000)
    expect((await node.text('four', { from })).status).toBe(200)
    expect((await node.text('five', { from })).status).toBe(429)
  })

  test('a limit of 0 lets everything pass', async () => {
    await start({ PARLEY_RATE_PER_CUSTOMER: '0' })
    const from = newCustomer()
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => node.text(`${index}`, { from })))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  })
})

describe('the NATS doors', () => {
  beforeAll(() => start({ PARLEY_INBOUND_TOKEN: 'let-me-in' }))
  afterAll(() => node.stop())
  const ask = async (door: string, body: unknown): Promise<Json> => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body)
    return (await node.node.broker.nc.request(`parley.accept.${door}`, payload, { timeout: 5_000 })).json()
  }

  test('answer as the HTTP doors do, without their credentials: NATS has its own', async () => {
    const body = smsBody('Hi', { from: newCustomer() })
    expect(await ask('sms', body)).toEqual({ eventId: body.tid, duplicate: false })
    expect(await ask('sms', body)).toEqual({ eventId: body.tid, duplicate: true })
    expect(await ask('digital-routing', sample('dr-webhooks/created-sms.json'))).toMatchObject({
      unhandled: expect.any(String),
    })
  })

  test('refuse with the problem document and its status', async () => {
    expect(await ask('sms', `{"message":"${card}`)).toMatchObject({
      type: 'urn:parley:problem:malformed-body',
      status: 400,
    })
    expect(await ask('receipts', { note: card })).toMatchObject({
      status: 400,
      errors: [{ path: 'deliveryInfoNotification' }],
    })
  })

  test('a message over HTTP and over NATS is one message', async () => {
    const body = smsBody('Hi', { from: newCustomer() })
    await node.ask('POST', doors.sms, body, { authorization: 'Bearer let-me-in' })
    expect(await ask('sms', body)).toEqual({ eventId: body.tid, duplicate: true })
  })
})

describe('the test clock', () => {
  afterEach(() => node.stop())

  test.each([
    { body: {} },
    { body: { advanceMs: -1 } },
    { body: { advanceMs: 1.5 } },
    { body: { advanceMs: '60000' } },
    { body: { advanceMs: null } },
    { body: { advanceMs: 1e15 } },
    { body: [] },
    { body: 'x' },
    { body: '' },
  ])('refuses $body', async ({ body }) => {
    await start()
    expectProblem(await node.ask('POST', '/v1/test/clock', body), 400, 'malformed-body')
  })

  test('gives one conversation a time of its own: its timers fire when they are named, those of others in time', async () => {
    await start()
    const [own, other] = [newCustomer(), newCustomer()]
    for (const from of [own, other]) {
      await node.text('Hi', { from })
      await node.advance(0)
    }
    const { id, timers, updatedAt } = await node.conversation(own)
    const [{ name, dueAt }] = timers as [{ name: string; dueAt: string }]
    const clock = (body: object) => node.ask('POST', '/v1/test/clock', { of: id, ...body })
    expect((await clock({ toMs: Date.parse(updatedAt) })).status).toBe(200)
    await node.advance(86_400_000)
    expect((await node.conversation(own)).state).toBe('noConversation.menu')
    expect((await node.conversation(other)).state).toBe('closed.resting')
    expect((await clock({ toMs: Date.parse(dueAt), fire: `xstate.after.${name}` })).status).toBe(200)
    await node.advance(0)
    expect(await node.conversation(own)).toMatchObject({ state: 'closed.resting', updatedAt: dueAt })
    expectProblem(await clock({ fire: `xstate.after.${name}` }), 404, 'not-found')
  })

  test('is not there when time is real', async () => {
    await start({ PARLEY_CLOCK: 'real' })
    expectProblem(await node.ask('POST', '/v1/test/clock', { advanceMs: 1 }), 404, 'not-found')
  })

  test('time that was moved stays moved over a restart, and what was armed before comes due after it', async () => {
    await start()
    const from = newCustomer()
    await node.text('Hi', { from })
    await node.advance(0)
    const { timers } = await node.conversation(from)
    expect(timers).toMatchObject([{ name: expect.stringContaining('menuTimeout') }])
    await node.advance(600_000)
    await node.stop()

    await start()
    expect((await node.conversation(from)).state).toBe('noConversation.menu')
    await node.advance(300_000)
    expect((await node.conversation(from)).state).toBe('closed.resting')
  })
})

describe('a broker that goes away', () => {
  beforeEach(() => start())
  afterEach(() => node.stop())

  test('503 with Retry-After until it is back; then the node goes on by itself, and nothing accepted is lost', async () => {
    const from = newCustomer()
    await node.text('Hi', { from })
    await node.advance(0)
    const accepted = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((words) => node.text(words, { from })))
    expect(accepted.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    await broker.pause()

    const refused = await node.text('f', { from, tid: 'f-1' })
    expectProblem(refused, 503, 'not-stored')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await node.ask('GET', '/readyz')).status).toBe(503)
    expect((await node.ask('GET', '/healthz')).status).toBe(200)

    await broker.resume()
    await vi.waitFor(async () => expect((await node.ask('GET', '/readyz')).status).toBe(200), { timeout: 15_000 })
    await vi.waitFor(async () => expect((await node.text('f', { from, tid: 'f-1' })).status).toBe(200), {
      timeout: 5_000,
    })
    await node.advance(0)

    const heard = (await node.turns(from)).filter(({ event }) => event.type === 'parley.message.received')
    const words = heard.map(({ event }) => (event.data as { text: string }).text)
    expect(words[0]).toBe('Hi')
    expect(words.slice(1, -1).sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(words.at(-1)).toBe('f')

    const late = newCustomer()
    await node.text('Hi', { from: late })
    await node.advance(0)
    const listed = async () => (await node.ask('GET', '/v1/conversations?limit=500')).body.items
    await vi.waitFor(
      async () =>
        expect((await listed()).map((one: Json) => one.customer)).toEqual(expect.arrayContaining([from, late])),
      { timeout: 5_000 },
    )
  })
})
