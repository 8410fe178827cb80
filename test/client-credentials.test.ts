/**
 * OAuth2 client credentials (RFC 6749, 4.4) against a real token service and a real far side: when a token is fetched, how
 * long it is kept, what a refusal of either means, and that no secret is told to anybody else.
 */
import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clientCredentials, renew_again_ms, renew_ms_before } from '../adapters/client-credentials.ts'
import { systemClock, type VirtualClock, virtualClock } from '../adapters/clock.ts'
import { type Authorization, get } from '../adapters/http.ts'
import { callOf, effectErrorOf } from './adapter-contract.ts'
import { type Broker, startBroker } from './broker.ts'
import { type HeardRequest, type Reply, type StandIn, standIn } from './far-side.ts'
import { startTestNode } from './node.ts'

const secret = 's3cret/with:signs%'
const life_s = 3_600
const token = (name: string, more: object = { expires_in: life_s }): Reply => ({
  status: 200,
  body: { access_token: name, token_type: 'Bearer', ...more },
})
const bearersAt = (far: StandIn): (string | undefined)[] => far.requests.map(({ headers }) => headers.authorization)

let tokens: StandIn
let far: StandIn
beforeAll(async () => {
  tokens = await standIn()
  far = await standIn()
})
beforeEach(() => {
  tokens.requests.length = 0
  far.requests.length = 0
  tokens.answer(token('first'), token('second'), token('third'))
  far.answer({ status: 200, body: {} })
})
afterAll(() => Promise.all([tokens.close(), far.close()]))

describe('OAuth2 client credentials', () => {
  let clock: VirtualClock
  let authorization: Authorization
  const credentials = (scope?: string) => ({
    tokenUrl: `${tokens.url}/oauth/token`,
    clientId: 'parley client',
    clientSecret: secret,
    ...(scope === undefined ? {} : { scope }),
  })
  beforeEach(() => {
    clock = virtualClock(0)
    authorization = clientCredentials('engage', credentials(), clock, systemClock())
  })
  const call = (signal?: AbortSignal) =>
    get('engage', { url: far.url, authorization, now: clock.now }, '/x', callOf('effect-1', signal))

  test('a token is asked for as RFC 6749 says, kept, and sent as a bearer', async () => {
    await call()
    await call()
    expect(bearersAt(far)).toEqual(['Bearer first', 'Bearer first'])
    const [{ method, path, headers, body }] = tokens.requests as [HeardRequest]
    expect(tokens.requests).toHaveLength(1)
    expect([method, path, body]).toEqual(['POST', '/oauth/token', { grant_type: 'client_credentials' }])
    const pair = Buffer.from(headers.authorization!.replace('Basic ', ''), 'base64').toString()
    expect(pair.split(':').map((part) => new URLSearchParams(`x=${part}`).get('x'))).toEqual(['parley client', secret])
  })

  test('a scope is asked for where one is set', async () => {
    await clientCredentials('engage', credentials('messages tasks'), clock, systemClock()).token(callOf().signal)
    expect(tokens.requests[0]?.body).toEqual({ grant_type: 'client_credentials', scope: 'messages tasks' })
  })

  test('calls at the same time share one request for a token', async () => {
    await Promise.all(Array.from({ length: 20 }, () => call()))
    expect(tokens.requests).toHaveLength(1)
    expect(new Set(bearersAt(far))).toEqual(new Set(['Bearer first']))
  })

  test('a token is fetched again before it ends, and no call waits for that', async () => {
    await call()
    await clock.advance(life_s * 1_000 - renew_ms_before - 1)
    await call()
    expect(tokens.requests).toHaveLength(1)
    await clock.advance(1)
    await call()
    await tokens.heard(2)
    expect(bearersAt(far)).toEqual(['Bearer first', 'Bearer first', 'Bearer first'])
    await expect.poll(() => authorization.token(callOf().signal)).toBe('second')
  })

  test('while the token service is away a token serves to its end, and is asked for again a little later', async () => {
    await call()
    tokens.answer({ status: 503 })
    await clock.advance((life_s - 30) * 1_000)
    await call()
    await tokens.heard(2)
    await call()
    await clock.advance(renew_again_ms)
    await call()
    await tokens.heard(3)
    await clock.advance(30_000)
    expect(await effectErrorOf(call())).toMatchObject({ family: 'retryable', code: 'failed' })
    expect(new Set(bearersAt(far))).toEqual(new Set(['Bearer first']))
  })

  test('a token that says nothing of its end is kept until it is refused', async () => {
    tokens.answer(token('first', {}), token('second', {}))
    await call()
    await clock.advance(365 * 86_400_000)
    await call()
    expect(bearersAt(far)).toEqual(['Bearer first', 'Bearer first'])
  })

  test('E29: a refused authorization is refreshed once, and the same request is made again under the same key', async () => {
    far.answerBy(({ headers }) => ({ status: headers.authorization === 'Bearer second' ? 200 : 401 }))
    expect((await call()).status).toBe(200)
    expect(bearersAt(far)).toEqual(['Bearer first', 'Bearer second'])
    expect(new Set(far.requests.map(({ headers }) => headers['idempotency-key']))).toEqual(new Set(['effect-1']))
  })

  test('E29: refused again, it stays refused: two requests and no more', async () => {
    far.answer({ status: 401 })
    expect((await call()).status).toBe(401)
    expect(bearersAt(far)).toEqual(['Bearer first', 'Bearer second'])
  })

  test('E29: a hundred calls that are refused at once ask for one new token', async () => {
    await call()
    far.answerBy(({ headers }) => ({ status: headers.authorization === 'Bearer second' ? 200 : 401 }))
    const answers = await Promise.all(Array.from({ length: 100 }, () => call()))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(tokens.requests).toHaveLength(2)
  })

  test('a service that knows the client only by the body is asked that way from then on', async () => {
    const knows = ({ headers }: HeardRequest) => headers.authorization === undefined
    tokens.answerBy((request) => (knows(request) ? token('first', { expires_in: 1 }) : { status: 401 }))
    await call()
    await clock.advance(1_000)
    await call()
    expect(tokens.requests.map(knows)).toEqual([false, true, true])
    expect(tokens.requests[1]?.body).toMatchObject({ client_id: 'parley client', client_secret: secret })
  })

  const refusals: [title: string, reply: Reply, expected: object][] = [
    ['a client that is refused', { status: 401, body: { error: 'invalid_client' } }, { family: 'terminal' }],
    ['a scope that is refused', { status: 400, body: { error: 'invalid_scope' } }, { family: 'terminal' }],
    ['a path that is not there', { status: 404 }, { family: 'terminal', code: 'refused' }],
    ['a token of another type', token('x', { token_type: 'mac' }), { family: 'terminal' }],
    [
      'a busy service',
      { status: 429, headers: { 'retry-after': '7' } },
      { family: 'retryable', code: 'failed', retryAfterMs: 7_000 },
    ],
    ['a service that fails', { status: 500 }, { family: 'retryable', code: 'failed' }],
    ['a lost connection', { status: 200, breaks: 'reset' }, { family: 'retryable', code: 'failed' }],
    ['an answer that is cut short', { ...token('x'), breaks: 'truncate' }, { family: 'retryable' }],
    ['an answer that is no JSON', { status: 200, body: '<html>' }, { family: 'retryable' }],
    ['an answer without a token', { status: 200, body: {} }, { family: 'retryable', code: 'failed' }],
    ['a token that would break a header', token('x\r\ny: z'), { family: 'retryable', code: 'failed' }],
  ]
  test.each(refusals)(
    '%s: the error says what to do and no secret, and no call goes out',
    async (_, reply, expected) => {
      tokens.answer(reply)
      const error = await effectErrorOf(call())
      expect(error).toMatchObject(expected)
      expect(error.message).toMatch(/^engage token service: expected .*, found .*; /)
      expect(error.message).not.toContain('s3cret')
      expect(far.requests).toHaveLength(0)
    },
  )

  test('a call whose time is up stops waiting, and the token it waited for serves the next one', async () => {
    let give = () => {}
    tokens.answer({
      ...token('first'),
      after: new Promise((resolve) => {
        give = resolve
      }),
    })
    const time = new AbortController()
    const waiting = effectErrorOf(call(time.signal))
    await tokens.heard(1)
    time.abort()
    expect(await waiting).toMatchObject({ family: 'retryable', code: 'failed' })
    give()
    await call()
    expect(tokens.requests).toHaveLength(1)
    expect(bearersAt(far)).toEqual(['Bearer first'])
  })
})

describe('A node with client credentials', () => {
  let broker: Broker
  beforeAll(async () => {
    broker = await startBroker()
  })
  afterEach(() => broker.stop())

  test('E29: a withdrawn token does not stop a conversation, and no log holds the secret or a token', async () => {
    far.answerBy(({ headers }) =>
      headers.authorization === 'Bearer second'
        ? { status: 200, body: { outcome: 'noConversationFound' } }
        : { status: 401 },
    )
    const node = await startTestNode(broker, {
      ENGAGE_URL: far.url,
      ENGAGE_TOKEN_URL: tokens.url,
      ENGAGE_CLIENT_ID: 'parley',
      ENGAGE_CLIENT_SECRET: secret,
    })
    await node.text('Hi')
    await node.advance(0)
    expect(bearersAt(far).slice(0, 2)).toEqual(['Bearer first', 'Bearer second'])
    const [turn] = await node.turns()
    expect(turn?.effects[0]).toMatchObject({ type: 'searchConversation', status: 'done', attempts: 1 })
    await node.stop()
    expect(await readFile(node.logFile, 'utf8')).not.toMatch(/s3cret|Bearer|first|second/)
  })
})
