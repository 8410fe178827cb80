/**
 * The Engage adapter against its samples: bodies field by field, and what each outcome means.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { engage } from '../adapters/engage/engage.ts'
import type { Effect } from '../machines/effects.ts'
import { adapterContract, callOf, customer_words, effectErrorOf, farSideAt } from './adapter-contract.ts'
import { type Reply, type StandIn, standIn } from './far-side.ts'
import { sample } from './samples.ts'

const address = { channel: 'sms', asset: '14155550100', customer: '+14155550123' } as const
const chat = { channel: 'live-chat', asset: 'SD12345650', customer: 'chat-user-97a190' } as const
const conversationId = '65F2C0A91B7E4D01'
const agentId = '5021'

const create: Effect<'createConversation'> = {
  type: 'createConversation',
  payload: {
    address: chat,
    text: 'Hello',
    at: '2026-03-02T14:05:55.123Z',
    customerName: 'Ana Ruiz',
    customerEmail: 'ana.ruiz@example.test',
  },
}
const search: Effect = { type: 'searchConversation', payload: { address } }
const remove: Effect = { type: 'removeParticipant', payload: { conversationId, agentId } }
const append = (payload: Partial<Effect<'appendConversation'>['payload']>): Effect => ({
  type: 'appendConversation',
  payload: { address, conversationId, direction: 'Inbound', text: '', at: '2026-03-02T14:05:55.000Z', ...payload },
})

const requests: { effect: Effect; path: string }[] = [
  { effect: search, path: 'search-request-sms' },
  { effect: { type: 'closeConversation', payload: { conversationId } }, path: 'close-request' },
  { effect: { type: 'reopenConversation', payload: { conversationId } }, path: 'reopen-request' },
  { effect: { type: 'addParticipant', payload: { conversationId, agentId } }, path: 'add-participant-request' },
  { effect: remove, path: 'remove-participant-request' },
  {
    effect: {
      type: 'updateConversation',
      payload: { conversationId, taskId: '0f1f7a57-8908-4ca9-8260-d0283bfb5fa3' },
    },
    path: 'update-request',
  },
  { effect: append({ text: 'Is anybody there?' }), path: 'append-request-inbound-text' },
  {
    effect: append({
      direction: 'Outbound',
      text: "Reply 1 for Billing or 2 for Support. Reply 'End Conversation' to stop.",
      at: '2026-03-02T14:05:20.000Z',
    }),
    path: 'append-request-outbound-bot',
  },
  {
    effect: append({
      address: chat,
      conversationId: '65F2C0A91B7E4D02',
      direction: 'Announcement',
      text: 'The customer has left the chat session.',
      at: '2026-03-02T14:12:00.000Z',
    }),
    path: 'append-request-announcement-customer-left',
  },
]

const successes: Record<string, string> = {
  searchConversation: 'search-response-noConversationFound',
  createConversation: 'create-response',
  reopenConversation: 'reopen-response',
  closeConversation: 'close-response',
  addParticipant: 'add-participant-response',
  removeParticipant: 'remove-participant-response',
  appendConversation: 'append-response-success',
  updateConversation: 'update-response',
}
const agreeing = (effect: Effect): Reply => ({ status: 200, body: sample(`engage/${successes[effect.type]}.json`) })
const oneOfEach = new Map([create, ...requests.map(({ effect }) => effect)].map((effect) => [effect.type, effect]))

adapterContract('Engage', {
  adapter: engage,
  effects: [...oneOfEach.values()].map((effect) =>
    effect.type === 'createConversation' || effect.type === 'appendConversation'
      ? ({ ...effect, payload: { ...effect.payload, text: customer_words } } as Effect)
      : effect,
  ),
  agrees: agreeing,
})

describe('the Engage adapter', () => {
  let far: StandIn
  beforeAll(async () => {
    far = await standIn()
  })
  afterEach(() => {
    far.requests.length = 0
  })
  afterAll(() => far.close())
  const perform = (effect: Effect, reply: Reply = agreeing(effect)) => {
    far.answer(reply)
    return engage(farSideAt(far.url)).perform(effect, callOf())
  }

  test.each(requests)('the body for $effect.type equals engage/$path.json', async ({ effect, path }) => {
    await perform(effect)
    expect(far.requests[0]?.path).toBe(`/engage/v1/${effect.type}`)
    expect(far.requests[0]?.text).toBe(JSON.stringify(sample(`engage/${path}.json`)))
  })

  test('create conversation has the live chat sample without thread and website', async () => {
    const { threadId: _, websiteDomain: __, ...expected } = sample('engage/create-request-livechat.json')
    await perform(create)
    expect(far.requests[0]?.text).toBe(JSON.stringify(expected))
  })

  test('E14: quotes, control characters and emoji arrive as they were written', async () => {
    const text = 'a "quote" \\ / \b\f\n\r\t 😀 \u2028 é \ud83d'
    await perform(append({ text }))
    expect(far.requests[0]?.body).toMatchObject({ text })
  })

  test('email cannot be searched yet, and is refused for good without a call', async () => {
    const mail = { channel: 'email', asset: 'a_637512345678901234', customer: 'ana.ruiz@example.test' } as const
    const effect: Effect = { type: 'searchConversation', payload: { address: mail } }
    expect(await effectErrorOf(perform(effect))).toMatchObject({ family: 'terminal', code: 'refused' })
    expect(far.requests).toHaveLength(0)
  })

  test.each([
    { outcome: 'noConversationFound', conversationId: '', agentId: '' },
    { outcome: 'conversationInQueue', conversationId, agentId: '' },
    { outcome: 'conversationActive', conversationId, agentId },
    { outcome: 'conversationClosed', conversationId, agentId: '' },
    { outcome: 'conversationOnHold', conversationId, agentId },
  ])('SM2: a search can end in $outcome', async (expected) => {
    const body = sample(`engage/search-response-${expected.outcome}.json`)
    expect(await perform(search, { status: 200, body })).toEqual(expected)
  })

  test.each([
    { title: 'of an open conversation without its id', body: { outcome: 'conversationActive' }, code: 'failed' },
    { title: 'without an outcome', body: {}, code: 'failed' },
    { title: 'with an outcome of another node', body: { outcome: 'onConversationCreated' }, code: 'refused' },
  ])('a search answer $title cannot be used', async ({ body, code }) => {
    expect(await effectErrorOf(perform(search, { status: 200, body }))).toMatchObject({ family: 'terminal', code })
  })

  test.each([
    { status: 200, body: sample('engage/create-response.json') },
    { status: 500, body: sample('engage/create-response.json') },
    { status: 200, body: { conversationId: '65F2C0A91B7E4D02' } },
    { status: 200, body: { outcome: 'ONCONVERSATIONCREATED', conversationId: '65F2C0A91B7E4D02' } },
  ])('a conversation is created by $status $body', async (reply) => {
    expect(await perform(create, reply)).toEqual({ conversationId: '65F2C0A91B7E4D02' })
  })

  test('a created conversation without its id is a failure for good', async () => {
    const error = await effectErrorOf(perform(create, { status: 200, body: { outcome: 'onConversationCreated' } }))
    expect(error).toMatchObject({ family: 'terminal', code: 'failed' })
  })

  test.each(
    [...oneOfEach.values()].filter(({ type }) => type !== 'searchConversation' && type !== 'createConversation'),
  )('without an outcome a 2xx agrees to $type', async (effect) => {
    expect(await perform(effect, { status: 204 })).toEqual({})
    expect(await perform(effect)).toEqual({})
  })

  test.each([
    ...sample<{ outcomes: string[] }>('engage/common-outcomes.json').outcomes.map((outcome) => ({ outcome })),
    { outcome: 'onConversationFailed' },
  ])('the outcome $outcome decides, whatever the status', async ({ outcome }) => {
    const codes: Record<string, string> = {
      onTimeout: 'failed',
      tooManyRequests: 'tooManyRequests',
      serviceUnavailable: 'serviceUnavailable',
    }
    for (const status of [200, 400, 429, 503]) {
      const reply = { status, headers: { 'retry-after': '3' }, body: { outcome, description: customer_words } }
      const error = await effectErrorOf(perform(create, reply))
      expect(error).toMatchObject({
        family: outcome in codes ? 'retryable' : 'terminal',
        code: codes[outcome] ?? 'refused',
        retryAfterMs: 3_000,
      })
      expect(error.message).not.toContain('4111')
    }
  })

  test('an outcome that is no name is not quoted', async () => {
    const error = await effectErrorOf(perform(create, { status: 200, body: { outcome: customer_words } }))
    expect(error).toMatchObject({ family: 'terminal', code: 'refused' })
    expect(error.message).not.toContain('4111')
  })

  const failure = (description: unknown): Reply => ({
    status: 400,
    body: { outcome: 'onRemoveParticipantFailure', description },
  })

  test.each([
    'participant not found',
    'Participant 5021 not found in conversation',
    'ParticipantNotFound',
    'participant_not_found',
    'not a participant',
    'agent 5021 is not a participant of the conversation',
    'The user is not part of this conversation',
    'agent is no longer in the conversation',
    'participant does not exist',
    'Participant already removed',
    'the participant is not there',
    'no such participant',
  ])('A20: removing succeeds when Engage says "%s"', async (description) => {
    expect(await perform(remove, failure(description))).toEqual({})
  })

  test.each([
    'conversation not found',
    'participant could not be removed: conversation not found',
    'agent not synchronised to Engage',
    'participant could not be removed, try again',
    'agent is not allowed to do that',
    '',
    undefined,
  ])('removing fails for good when Engage says "%s"', async (description) => {
    expect(await effectErrorOf(perform(remove, failure(description)))).toMatchObject({
      family: 'terminal',
      code: 'refused',
    })
  })

  test('only removing may fail that way: adding nobody is no success', async () => {
    const add: Effect = { type: 'addParticipant', payload: { conversationId, agentId } }
    const body = { outcome: 'onRemoveParticipantFailure', description: 'participant not found' }
    await effectErrorOf(perform(add, { status: 200, body }))
    const sampled = sample('engage/add-participant-response-failure.json')
    expect(await effectErrorOf(perform(add, { status: 200, body: sampled }))).toMatchObject({ code: 'refused' })
  })

  test('a failed append is terminal', async () => {
    const body = sample('engage/append-response-failure.json')
    expect(await effectErrorOf(perform(append({ text: 'x' }), { status: 200, body }))).toMatchObject({
      family: 'terminal',
      code: 'refused',
    })
  })
})
