/**
 * Texts through Twilio, in and out: a node on a real broker, far sides that agree, Twilio's API as a stand-in behind real
 * HTTP, and forms signed as its documentation says (checklist SM1, PC1; invariants T6, T7, T9).
 */
import { createHmac, randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isSigned } from '../adapters/twilio/signature.ts'
import { basicAuthorization, twilio } from '../adapters/twilio/twilio.ts'
import type { Effect } from '../machines/effects.ts'
import { adapterContract, callOf, customer_words, effectErrorOf, farSideAt } from './adapter-contract.ts'
import { type Broker, startBroker } from './broker.ts'
import { type Reply, type StandIn, standIn } from './far-side.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Answer, asset, type Json, startTestNode, type TestNode } from './node.ts'

const accountSid = 'AC00112233445566778899aabbccddeeff'
const authToken = 'twilio-s3cret'
const publicUrl = 'https://parley.example.test'
const actor = '00112233aabbccdd'
const send = (text = 'Your request has been received.', from = asset): Effect => ({
  type: 'sendMessage',
  payload: {
    actor,
    address: { channel: 'sms', asset: from, customer: '+14155550123' },
    conversationId: '65F2C0A91B7E4D01',
    purpose: 'created',
    text,
    appId: '',
  },
})
const queued: Reply = { status: 201, body: { sid: 'SM1', status: 'queued', error_code: null } }
const account = { accountSid, publicUrl, sends: () => true }

adapterContract('Twilio', {
  adapter: (farSide) =>
    twilio({ ...farSide, authorization: { ...farSide.authorization, scheme: 'Basic' as const } }, account),
  effects: [send(customer_words)],
  agrees: () => queued,
  contentType: 'application/x-www-form-urlencoded',
  scheme: 'Basic',
})

describe('the Twilio adapter', () => {
  let far: StandIn
  beforeAll(async () => {
    far = await standIn()
  })
  afterEach(() => {
    far.requests.length = 0
  })
  afterAll(() => far.close())
  const perform = (effect: Effect, reply: Reply = queued, more: Partial<typeof account> = {}) => {
    far.answer(reply)
    const farSide = { ...farSideAt(far.url), authorization: basicAuthorization(accountSid, authToken) }
    return twilio(farSide, { ...account, ...more }).perform(effect, callOf())
  }

  test('a text is a form to the messages of the account, under its basic credentials', async () => {
    expect(await perform(send('Grüße & 1+1=2'))).toEqual({})
    const [request] = far.requests
    expect(request?.path).toBe(`/2010-04-01/Accounts/${accountSid}/Messages.json`)
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`)
    expect(request?.body).toEqual({
      From: '+14155550100',
      To: '+14155550123',
      Body: 'Grüße & 1+1=2',
      StatusCallback: `${publicUrl}/v1/receipts/twilio?actor=${actor}&correlation=conv%3A65F2C0A91B7E4D01%3Acreated&key=${callOf().idempotencyKey}`,
    })
  })

  test('a short code has no plus', async () => {
    await perform(send('Hello', '72345'))
    expect(far.requests[0]?.body).toMatchObject({ From: '72345' })
  })

  test('statuses are asked for only where it is known how we are reached', async () => {
    await perform(send(), queued, { publicUrl: undefined } as object)
    expect(far.requests[0]?.body).not.toHaveProperty('StatusCallback')
  })

  test.each<[what: string, status: number, code: number, expected: object]>([
    ['a customer who said STOP', 400, 21610, { family: 'terminal', code: 'refused' }],
    ['no such number', 400, 21211, { family: 'terminal', code: 'refused' }],
    ['a full queue of the number', 400, 21611, { family: 'retryable', code: 'tooManyRequests' }],
    ['too many requests', 429, 20429, { family: 'retryable', code: 'tooManyRequests' }],
    ['wrong credentials', 401, 20003, { family: 'terminal', code: 'refused' }],
  ])('%s (%i, error %i) is said by its code', async (_, status, code, expected) => {
    const error = await effectErrorOf(perform(send(), { status, body: { code, message: customer_words, status } }))
    expect(error).toMatchObject(expected)
    expect(error.message).toContain(`error ${code}`)
    expect(error.message).not.toContain('4111')
  })

  test('a text of another asset, and a mail, are not its business', async () => {
    const mine = twilio(farSideAt(far.url), { ...account, sends: (id) => id === asset })
    expect(mine.takes?.(send())).toBe(true)
    expect(mine.takes?.(send('Hello', '14155550199'))).toBe(false)
    expect(mine.takes?.({ type: 'checkTask', payload: { taskId: 't' } })).toBe(false)
  })
})

/** Signed by hand, as the documentation tells it: the address, then names and values in order of names. */
function signed(url: string, fields: Record<string, string>, token = authToken): string {
  const said = Object.keys(fields)
    .sort()
    .map((name) => name + fields[name])
  return createHmac('sha1', token)
    .update(url + said.join(''))
    .digest('base64')
}

describe('a signature', () => {
  const fields = { To: '+18005551212', From: '+14158675310', Body: 'a b+c&d=é' }
  const form = new URLSearchParams(fields)
  const url = `${publicUrl}/v1/inbound/twilio?foo=1&bar=2`
  const good = signed(url, fields)

  test('equals the example of the documentation, to the letter', () => {
    const example = new URLSearchParams({
      CallSid: 'CA1234567890ABCDE',
      Caller: '+14158675309',
      Digits: '1234',
      From: '+14158675309',
      To: '+18005551212',
    })
    const address = 'https://mycompany.com/myapp.php?foo=1&bar=2'
    expect(isSigned('12345', address, example, 'RSOYDt4T1cUTdK1PDd93/VVr8B8=')).toBe(true)
  })

  test('counts a parameter that comes twice once a value, in order of values', () => {
    const twice = new URLSearchParams('Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234')
    expect(
      isSigned('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', twice, 'IK+Dwps556ElfBT0I3Rgjkr1wJU='),
    ).toBe(true)
  })

  test.each<[what: string, url: string, form: URLSearchParams, signature: string, token: string, holds: boolean]>([
    ['as it was made', url, form, good, authToken, true],
    [
      'over the port that the scheme implies',
      url,
      form,
      signed(url.replace('.test', '.test:443'), fields),
      authToken,
      true,
    ],
    ['over another port', url, form, signed(url.replace('.test', '.test:8443'), fields), authToken, false],
    ['over another query', url, form, signed(url.replace('foo=1', 'foo=2'), fields), authToken, false],
    ['over another text', url, form, signed(url, { ...fields, Body: 'a b' }), authToken, false],
    ['with one parameter more', url, new URLSearchParams({ ...fields, X: '1' }), good, authToken, false],
    ['under another token', url, form, good, 'another', false],
    ['cut short', url, form, good.slice(0, -2), authToken, false],
    ['with more behind it', url, form, `${good}=`, authToken, false],
    ['that is none', url, form, '', authToken, false],
  ])('%s', (_, address, said, signature, token, holds) => {
    expect(isSigned(token, address, said, signature)).toBe(holds)
  })
})

describe('a node with an account', () => {
  let broker: Broker
  let far: FarSides
  let api: StandIn
  let node: TestNode
  beforeAll(async () => {
    broker = await startBroker()
    far = await farSides()
    api = await standIn()
    api.answer(queued)
    node = await startTestNode(broker, {
      ...far.env,
      TWILIO_URL: api.url,
      TWILIO_ACCOUNT_SID: accountSid,
      TWILIO_AUTH_TOKEN: authToken,
      PARLEY_PUBLIC_URL: publicUrl,
      PARLEY_INBOUND_TOKEN: 'of-the-other-doors',
      PARLEY_RATE_PER_CUSTOMER: '4',
    })
  })
  afterAll(async () => {
    await node.stop()
    await api.close()
    await far.close()
    await broker.stop()
  })

  let people = 2_000
  const person = (): string => `+1415555${people++}`
  const textOf = (from: string, body: string, more: Record<string, string> = {}) => ({
    MessageSid: `SM${randomUUID().replaceAll('-', '')}`,
    AccountSid: accountSid,
    From: from,
    To: '+14155550100',
    Body: body,
    NumMedia: '0',
    ...more,
  })
  const post = (path: string, fields: Record<string, string>, signature?: string): Promise<Answer> =>
    node.ask('POST', path, new URLSearchParams(fields).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature ?? signed(publicUrl + path, fields),
    })
  const conversation = async (from: string): Promise<Json> => node.conversation(from)
  const received = async (from: string): Promise<Json[]> =>
    (await node.turns(from)).map(({ event }) => event as Json).filter(({ type }) => type === 'parley.message.received')

  test('SM1, T7: a text is stored before 200 and an empty TwiML, its card number masked, and answered through Twilio', async () => {
    const from = person()
    const answer = await post('/v1/inbound/twilio', textOf(from, 'pay 4111 1111 1111 1111'))
    expect([answer.status, answer.headers.get('content-type'), answer.body]).toEqual([
      200,
      'text/xml; charset=utf-8',
      '<?xml version="1.0" encoding="UTF-8"?><Response/>',
    ])
    await node.advance(0)
    expect((await received(from))[0].data.text).toBe('pay **** **** **** 1111')
    const sent = api.requests.map(({ body }) => body as Json).filter(({ To }) => To === from)
    expect(sent.length).toBeGreaterThan(0)
    expect(far.asked('sendMessage')).toHaveLength(0)
  })

  test('E1: the same MessageSid again is one message', async () => {
    const from = person()
    const text = textOf(from, 'once')
    for (let times = 0; times < 3; times++) expect((await post('/v1/inbound/twilio', text)).status).toBe(200)
    await node.advance(0)
    expect(await received(from)).toHaveLength(1)
  })

  test('a status finds the conversation that sent the text: one receipt a stage, and none before it was sent', async () => {
    const from = person()
    await post('/v1/inbound/twilio', textOf(from, 'Hi'))
    await node.advance(0)
    const sent = api.requests.map(({ body }) => body as Json).find(({ To }) => To === from)
    const path = sent.StatusCallback.slice(publicUrl.length)
    const tell = (MessageStatus: string, more = {}) => post(path, { MessageSid: 'SM1', MessageStatus, ...more })
    for (const stage of ['queued', 'sending', 'sent', 'sent', 'delivered']) expect((await tell(stage)).status).toBe(200)
    expect((await tell('undelivered', { ErrorCode: '30003' })).status).toBe(200)
    await node.advance(0)
    const receipts = (await node.turns(from))
      .map(({ event }) => event as Json)
      .filter(({ type }) => /receipt/.test(type))
    expect(receipts.map(({ data }) => [data.status, data.code])).toEqual([
      ['Submitted', ''],
      ['Delivered', ''],
      ['Failed', '30003'],
    ])
    expect(receipts[0].data.correlationId).toMatch(/^conv:[^:]+:/)
  })

  test('a status that names no conversation of ours is 200, and set aside', async () => {
    expect((await post('/v1/receipts/twilio', { MessageSid: 'SM9', MessageStatus: 'sent' })).status).toBe(200)
    const [letter] = (await node.ask('GET', '/v1/dead-letters')).body.slice(-1)
    expect(letter.kind).toBe('unhandled')
  })

  test('a file comes along as an attachment: a picture is dropped, as nobody can say what it shows', async () => {
    const from = person()
    const media = { NumMedia: '1', MediaUrl0: 'https://api.twilio.test/ME1', MediaContentType0: 'image/jpeg' }
    expect((await post('/v1/inbound/twilio', textOf(from, '', media))).status).toBe(200)
    await node.advance(0)
    expect((await received(from))[0].data.attachments).toEqual([
      { name: 'attachment-1', contentType: 'image/jpeg', url: '', dropped: 'unprocessable' },
    ])
  })

  test.each<[what: string, path: string, signature: (good: string) => string]>([
    ['a text without a signature', '/v1/inbound/twilio', () => ''],
    ['a text with a wrong one', '/v1/inbound/twilio', () => signed(publicUrl, {})],
    ['a text with a part of one', '/v1/inbound/twilio', (good) => good.slice(0, 10)],
    ['a status without one', '/v1/receipts/twilio', () => ''],
  ])('%s is refused with 401, and nothing is stored', async (_, path, signature) => {
    const from = person()
    const fields = { ...textOf(from, 'Hi'), MessageStatus: 'sent' }
    const answer = await post(path, fields, signature(signed(publicUrl + path, fields)))
    expect(answer.status).toBe(401)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(await conversation(from)).toBeUndefined()
  })

  test('what is no form is 415, what lacks something is 400 and says what, and too fast is 429 with Retry-After', async () => {
    const json = await node.ask('POST', '/v1/inbound/twilio', {}, { 'x-twilio-signature': 'x' })
    expect(json.status).toBe(415)
    const { Body: _, ...bodiless } = textOf(person(), '')
    const missing = await post('/v1/inbound/twilio', bodiless as Record<string, string>)
    expect([missing.status, missing.body.detail]).toEqual([400, 'Body: expected a string, found nothing'])
    const from = person()
    const answers: Answer[] = []
    for (let times = 0; times < 5; times++) answers.push(await post('/v1/inbound/twilio', textOf(from, `${times}`)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429])
    expect(Number(answers.at(-1)!.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('its doors are there for HEAD', async () => {
    for (const path of ['/v1/inbound/twilio', '/v1/receipts/twilio']) {
      expect((await node.ask('HEAD', path)).status).toBe(200)
    }
  })
})
