/**
 * The Connect adapter against its samples: the body of an SMS field by field, and what the answer means.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../adapters/connect/connect.ts'
import type { Effect, OutboundMessage } from '../machines/effects.ts'
import { adapterContract, callOf, customer_words, effectErrorOf, farSideAt } from './adapter-contract.ts'
import { type Reply, type StandIn, standIn } from './far-side.ts'
import { sample } from './samples.ts'

const message: OutboundMessage = {
  actor: '00112233aabbccdd',
  address: { channel: 'sms', asset: '14155550100', customer: '+14155550123' },
  conversationId: '65F2C0A91B7E4D01',
  purpose: 'created',
  text: 'Your request for a live agent has been received.',
  appId: '8019d4bf-3aaa-424a-834c-66be1101b741',
}
const send = (changes: Partial<OutboundMessage> = {}): Effect => ({
  type: 'sendMessage',
  payload: { ...message, ...changes },
})
const queued: Reply = { status: 200, body: sample('outbound/send-response.json') }

adapterContract('Connect', {
  adapter: (farSide) => connect(farSide, undefined),
  effects: [send({ text: customer_words })],
  agrees: () => queued,
})

interface Sent {
  to: { msisdn: string[]; correlationId: string }[]
  callbackData: string
  notifyUrl?: string
}

describe('the Connect adapter', () => {
  let far: StandIn
  beforeAll(async () => {
    far = await standIn()
  })
  afterEach(() => {
    far.requests.length = 0
  })
  afterAll(() => far.close())
  const perform = (effect: Effect, reply: Reply = queued, publicUrl?: string) => {
    far.answer(reply)
    return connect(farSideAt(far.url), publicUrl).perform(effect, callOf())
  }
  const sent = () => far.requests[0]?.body as Sent

  test('an SMS equals outbound/sms-v2.json, with the actor in its call-back data and receipts at our gateway', async () => {
    expect(await perform(send(), queued, 'https://parley.example.test/')).toEqual({})
    const { callbackData, ...expected } = sample<{ callbackData: string }>('outbound/sms-v2.json')
    const { callbackData: data, ...body } = sent()
    expect(far.requests[0]?.path).toBe('/v2/messages')
    expect(body).toEqual({ ...expected, notifyUrl: 'https://parley.example.test/v1/receipts' })
    expect(JSON.parse(data)).toEqual({
      ...JSON.parse(callbackData),
      actor: message.actor,
      key: callOf().idempotencyKey,
    })
  })

  test('without a public address no receipt is asked for', async () => {
    await perform(send())
    expect(sent()).not.toHaveProperty('notifyUrl')
  })

  test('before a conversation exists the correlation id names the actor', async () => {
    await perform(send({ conversationId: '', purpose: 'error-technical-issue' }))
    expect(sent().to[0]?.correlationId).toBe(`conv:${message.actor}:error-technical-issue`)
    expect(JSON.parse(sent().callbackData)).toMatchObject({ conversationId: '', purpose: 'ERROR-TECHNICAL-ISSUE' })
  })

  test.each([
    { title: 'a short code', customer: '72345', msisdn: '72345' },
    { title: 'a number', customer: '+442079460000', msisdn: '442079460000' },
  ])('$title is written without a plus', async ({ customer, msisdn }) => {
    await perform(send({ address: { ...message.address, customer } }))
    expect(sent().to[0]?.msisdn).toEqual([msisdn])
  })

  test.each([
    { title: 'no body', body: undefined },
    { title: 'a bare list', body: [{ code: '1001' }] },
    { title: 'a single entry', body: { response: { code: 1001 } } },
    { title: 'an empty object', body: {} },
  ])('$title with 200 is an agreement', async ({ body }) => {
    expect(await perform(send(), { status: 200, body })).toEqual({})
  })

  test('another code than 1001 is refused for good, though the status was 200', async () => {
    const reply = { status: 200, body: { response: [{ code: '7000', description: customer_words }] } }
    const error = await effectErrorOf(perform(send(), reply))
    expect(error).toMatchObject({ family: 'terminal', code: 'refused' })
    expect(error.message).not.toContain('4111')
  })

  test('a channel it cannot write to is refused for good, and no call goes out', async () => {
    const effect = send({
      address: { channel: 'email', asset: 'a_637512345678901234', customer: 'ana.ruiz@example.test' },
    })
    expect(await effectErrorOf(perform(effect))).toMatchObject({ family: 'terminal', code: 'refused' })
    expect(far.requests).toHaveLength(0)
  })
})
