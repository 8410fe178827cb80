/**
 * Who may come in and who may read: signatures of Standard Webhooks by an independent implementation, the roles of tokens
 * at every reading and acting door there is, and the trail that they leave. One node on a real broker.
 */
import { createHmac, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { closeCodes } from '../adapters/chat-messages.ts'
import { order } from '../examples/order/order.ts'
import { acts } from '../runtime/access.ts'
import { webhook_age_s_max } from '../runtime/credentials.ts'
import { defineConversation } from '../runtime/hosted.ts'
import { openApi } from '../runtime/openapi.ts'
import type { Operation } from '../runtime/openapi-parts.ts'
import { type Broker, startBroker } from './broker.ts'
import { openWindow } from './chat-window.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { customer, type Json, smsBody, startTestNode, type TestNode } from './node.ts'

const key = Buffer.from('a secret of twenty-four!')
const secret = `whsec_${key.toString('base64')}`
const old = `whsec_${Buffer.from('the secret that goes out').toString('base64')}`
const hub = 'hub secret'

const hosted = defineConversation(order, {
  events: z.object({ type: z.literal('order.placed'), id: z.string(), at: z.string() }),
  adapters: [],
  keyOf: ({ id }) => String(id),
})

let broker: Broker
let far: FarSides
let node: TestNode
beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  const env = {
    ...far.env,
    PARLEY_INBOUND_WEBHOOK_SECRETS: `${secret},${old}`,
    PARLEY_INBOUND_HMAC_SECRET: hub,
    PARLEY_ADMIN_TOKEN: 'the-admin',
    PARLEY_AGENT_TOKEN: 'the-agent',
  }
  node = await startTestNode(broker, env, { hosted: [hosted] })
})
afterAll(async () => {
  await node.stop()
  await far.close()
  await broker.stop()
})

const now_s = () => Math.floor(Date.now() / 1_000)
interface Signed {
  id?: string
  at_s?: number
  with?: Buffer
  /** What was signed; the body that is sent unless it says otherwise. */
  body?: string
}
const headersFor = (sent: string, { id = randomUUID(), at_s = now_s(), with: by = key, body = sent }: Signed = {}) => ({
  'webhook-id': id,
  'webhook-timestamp': String(at_s),
  'webhook-signature': `v1,${createHmac('sha256', by).update(`${id}.${at_s}.${body}`).digest('base64')}`,
})
type Headers = Record<string, string>
const wrongKey = Buffer.from('another secret altogether')

describe('Standard Webhooks at the doors', () => {
  const cases: [title: string, headers: (body: string) => Headers, status: number][] = [
    ['the right signature', headersFor, 200],
    [
      'with the secret that goes out',
      (body) => headersFor(body, { with: Buffer.from('the secret that goes out') }),
      200,
    ],
    ['none', () => ({}), 401],
    ['with another secret', (body) => headersFor(body, { with: wrongKey }), 401],
    ['of another body', (body) => headersFor(body, { body: `${body} ` }), 401],
    ['of another message', (body) => ({ ...headersFor(body), 'webhook-id': 'other' }), 401],
    ['of another time', (body) => ({ ...headersFor(body), 'webhook-timestamp': String(now_s() - 1) }), 401],
    ['replayed after its time', (body) => headersFor(body, { at_s: now_s() - webhook_age_s_max - 5 }), 401],
    ['from the future', (body) => headersFor(body, { at_s: now_s() + webhook_age_s_max + 5 }), 401],
    ['almost too old', (body) => headersFor(body, { at_s: now_s() - webhook_age_s_max + 30 }), 200],
    ['truncated', (body) => cut(headersFor(body)), 401],
    ['without its version', (body) => unversioned(headersFor(body)), 401],
    ['behind one of another secret', (body) => behind(headersFor(body)), 200],
    ['behind a hundred others', (body) => behind(headersFor(body), 100), 401],
    ['with a time that is none', (body) => ({ ...headersFor(body), 'webhook-timestamp': 'now' }), 401],
    ['the hub signature instead', (body) => ({ 'x-hub-signature': hubSigned(body) }), 200],
    [
      'a hub signature with a secret of the other kind',
      (body) => ({ 'x-hub-signature': hubSigned(body, secret) }),
      401,
    ],
  ]
  const cut = (headers: Headers) => ({ ...headers, 'webhook-signature': headers['webhook-signature']!.slice(0, -4) })
  const unversioned = (headers: Headers) => ({
    ...headers,
    'webhook-signature': headers['webhook-signature']!.slice(3),
  })
  const behind = (headers: Headers, others = 1) => ({
    ...headers,
    'webhook-signature': `${'v1,bm9uZQ== '.repeat(others)}${headers['webhook-signature']}`,
  })
  const hubSigned = (body: string, by = hub) => `sha256=${createHmac('sha256', by).update(body).digest('hex')}`

  test.each(cases)('%s', async (_, headers, status) => {
    const body = JSON.stringify(smsBody('Hi'))
    expect((await node.ask('POST', '/v1/inbound/sms', body, headers(body))).status).toBe(status)
  })

  test('a replay within its time is taken for the duplicate that it is', async () => {
    const body = JSON.stringify(smsBody('once'))
    const headers = headersFor(body)
    const answers = [1, 2, 3].map(() => node.ask('POST', '/v1/inbound/sms', body, headers))
    const duplicates = (await Promise.all(answers)).map(({ body: { duplicate } }) => duplicate)
    expect(duplicates.sort()).toEqual([false, true, true])
  })

  test('a body cut short does not pass under the signature of the whole', async () => {
    const body = JSON.stringify(smsBody('whole'))
    expect((await node.ask('POST', '/v1/inbound/sms', body.slice(0, -1), headersFor(body))).status).toBe(401)
  })
})

/** Every door, from the document that is tested to name every door, by what it asks for. */
const doorsAsking = (what: string | undefined) =>
  Object.entries(openApi().paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => askedBy(operation) === what)
      .map(
        ([method]) => [method.toUpperCase(), path.replace('{machine}', 'order').replace(/\{\w+\}/g, '999')] as const,
      ),
  )
const askedBy = ({ security = [] }: Operation) =>
  ['adminToken', 'inboundToken', 'windowToken', 'deskAgentToken'].find((token) => security.some((one) => token in one))
const guarded = doorsAsking('adminToken').filter(([, path]) => !path.endsWith('/feed')) // an answer without an end
const isAgents = (method: string, path: string) =>
  method === 'GET' && /^\/v1\/(conversations|nodes|machines|assets)/.test(path)
const as = (token: string) => ({ authorization: `Bearer ${token}` })
const bodyFor = (method: string, path: string) =>
  method === 'POST' && path.includes('privacy') ? { customer: '+14155550000' } : undefined

describe('Without any credentials', () => {
  test.each([...doorsAsking('inboundToken'), ...doorsAsking('windowToken')])('%s %s refuses', async (method, path) => {
    const query = path.endsWith('/files') ? '?app=SD12345650&id=x&name=x' : ''
    const isForm = path.endsWith('/twilio')
    const body = isForm ? 'MessageSid=x&From=%2B14155550123&To=%2B14155550100&Body=Hi' : smsBody('Hi')
    const type: Record<string, string> = isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}
    expect((await node.ask(method, path + query, body, type)).status).toBe(401)
    for (const token of ['x', 'x.y', 'the-agent', 'the-admin']) {
      expect((await node.ask(method, path + query, body, { ...type, ...as(token) })).status).toBe(401)
    }
  })

  test('all that is left open tells nothing of customers, but a file whose id cannot be guessed', () => {
    expect(doorsAsking(undefined).filter(([method]) => method !== 'HEAD')).toEqual(
      [
        ['/v1/chat'],
        ['/widget.js', '/widget/999', '/shop'],
        ['/v1/attachments/999', '/healthz', '/readyz', '/metrics'],
        ['/schema/config.json', '/openapi.json', '/asyncapi.json'],
      ].flatMap((paths) => paths.map((path) => ['GET', path])),
    )
  })

  test('a chat window is a new customer, or needs the token that it was given', async () => {
    const window = await openWindow(node.url, 'SD12345650')
    expect((await window.hello()).resumed).toBe(false)
    await window.close()
    const forged = await openWindow(node.url, 'SD12345650')
    forged.say({ type: 'hello', token: 'the-admin' })
    expect((await forged.closed).code).toBe(closeCodes.badToken)
  })
})

describe('Roles', () => {
  test('there are at least as many doors as acts', () =>
    expect(guarded.length).toBeGreaterThanOrEqual(Object.keys(acts).length - 2))

  test.each(guarded)(
    '%s %s: nobody without a token, an agent only where conversations are read',
    async (method, path) => {
      const statusAs = async (headers: Headers) => (await node.ask(method, path, bodyFor(method, path), headers)).status
      expect([await statusAs({}), await statusAs(as('the-admin2')), await statusAs(as('the-admi'))]).toEqual([
        401, 401, 401,
      ])
      const allowed = [200, 400, 404, 409]
      expect(allowed).toContain(await statusAs(as('the-admin')))
      if (isAgents(method, path)) expect(allowed).toContain(await statusAs(as('the-agent')))
      else expect(await statusAs(as('the-agent'))).toBe(403)
    },
  )

  test('what was read and done is in the trail with the role, the address and what was meant; a customer only as a hash', async () => {
    await node.ask('GET', '/v1/conversations/0123456789abcdef', undefined, as('the-agent'))
    await node.ask('POST', '/v1/privacy/dump', { customer }, as('the-admin'))
    const { body } = await node.ask('GET', '/v1/audit', undefined, as('the-admin'))
    const met = (act: string, target: unknown, who: string) =>
      expect(body).toContainEqual({
        id: expect.any(String),
        at: expect.stringMatching(/^20/),
        who,
        from: '127.0.0.1',
        act,
        target,
      })
    met('conversation.read', '0123456789abcdef', 'agent')
    met('customer.dump', expect.stringMatching(/^customer:[0-9a-f]{16}$/), 'admin')
    expect(JSON.stringify(body)).not.toContain(customer.slice(1))
    expect(body.filter(({ act }: Json) => act === 'dead-letter.drop').every(({ who }: Json) => who === 'admin')).toBe(
      true,
    )
  })

  test('a list that a page looks at again and again is in the trail once a minute; each conversation that is read, each time', async () => {
    const trail = async (): Promise<Json[]> => (await node.ask('GET', '/v1/audit', undefined, as('the-admin'))).body
    const after = Number((await trail()).at(-1).id)
    for (let times = 0; times < 3; times++) {
      await node.ask('GET', '/v1/conversations?channel=email', undefined, as('the-agent'))
      await node.ask('GET', '/v1/conversations/0123456789abcdef', undefined, as('the-agent'))
    }
    const acts = (await trail()).filter(({ id }) => Number(id) > after).map(({ act }) => act)
    expect(acts.filter((act) => act === 'conversations.list').length).toBeLessThanOrEqual(1)
    expect(acts.filter((act) => act === 'conversation.read')).toHaveLength(3)
  })

  test('who reads is written down first: while it cannot be, nothing is read', async () => {
    await node.node.broker.jsm.streams.delete('AUDIT')
    const one = '/v1/conversations/0123456789abcdef'
    expect((await node.ask('GET', one, undefined, as('the-admin'))).status).toBe(503)
  })
})

describe('Every answer', () => {
  test.each(['/v1/conversations', '/healthz', '/nowhere', '/openapi.json'])(
    '%s says how browsers must treat it',
    async (path) => {
      const { headers } = await node.ask('GET', path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    },
  )
})
