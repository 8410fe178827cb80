/**
 * Email on the wire: bodies to Engage, Digital Routing and Connect equal the samples, and ours is a mail that no machine
 * answers (RFC 3834, A39).
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Adapter } from '../adapters/adapter.ts'
import { connect } from '../adapters/connect/connect.ts'
import { actorOfMessageId } from '../adapters/connect/email-body.ts'
import { digitalRouting } from '../adapters/digital-routing/digital-routing.ts'
import { webhookDoor } from '../adapters/digital-routing/webhook-door.ts'
import { engage } from '../adapters/engage/engage.ts'
import type { FarSide } from '../adapters/http.ts'
import type { Effect, OutboundMail } from '../machines/effects.ts'
import { mailVariables } from '../machines/mail-variables.ts'
import { callOf, farSideAt } from './adapter-contract.ts'
import { type StandIn, standIn } from './far-side.ts'
import { heard } from './heard.ts'
import { mailAddress as address, mailbox } from './mail.ts'
import { sample, samplesIn } from './samples.ts'

const conversationId = '65F2C0A91B7E4D03'
const taskId = '2b3c4d5e-0002-4ca9-8260-d0283bfb5fa5'

let far: StandIn
beforeAll(async () => {
  far = await standIn()
})
afterAll(() => far.close())

async function bodyOf(adapter: (farSide: FarSide) => Adapter, effect: Effect, answer: object): Promise<unknown> {
  far.answerBy(() => ({ status: 200, body: answer }))
  await adapter(farSideAt(far.url)).perform(effect, callOf())
  return far.requests.at(-1)!.body
}

test('EM7: the search names what Engage finds a mail by', async () => {
  const mail = { mailbox, subject: 'Re: Claim 4471', to: [mailbox], cc: [], inReplyTo: '<out-77@corp.example>' }
  const body = await bodyOf(
    engage,
    { type: 'searchConversation', payload: { address, mail } },
    { outcome: 'noConversationFound' },
  )
  expect(body).toEqual(sample('engage/search-request-email.json'))
})

test('a new conversation is with the customer at the mailbox, about the subject', async () => {
  const mail = { mailbox, from: address.customer, subject: 'Claim 4471', messageId: '<m1@example.test>', html: '' }
  const payload = {
    address,
    text: 'Hi',
    at: '2026-03-02T14:05:55.000Z',
    customerName: 'Ana Ruiz',
    customerEmail: address.customer,
    mail,
  }
  const body = await bodyOf(
    engage,
    { type: 'createConversation', payload },
    { outcome: 'onConversationCreated', conversationId },
  )
  expect(body).toMatchObject({
    channel: 'Email',
    direction: 'Inbound',
    customerAddress: 'ana.ruiz@example.test',
    bizAddress: 'support@corp.example',
    customerName: 'Ana Ruiz',
    emailSubject: 'Claim 4471',
    text: 'Hi',
    timestamp: '2026-03-02T14:05:55Z',
  })
  expect(body).not.toHaveProperty('threadId')
  expect(body).not.toHaveProperty('websiteDomain')
})

test('EM8, EM9: the task is the sample, variable by variable', async () => {
  const named = [
    { key: 'user_DR_MediaResourceID', value: conversationId },
    { key: 'user_DR_CustomerName', value: 'Ana Ruiz' },
  ]
  const thread = {
    subject: 'Claim 4471',
    messageId: '<m1@example.test>',
    cc: [],
    bcc: [],
    references: [],
    people: [],
    noticed: null,
  }
  const payload: Effect<'createTask'>['payload'] = {
    taskId,
    address,
    origin: address.customer,
    customerId: address.customer,
    mediaType: 'Email',
    mediaChannel: 'Email',
    scriptSelector: 'Insurance',
    variables: [...named, ...mailVariables(thread)],
  }
  const body = await bodyOf(digitalRouting, { type: 'createTask', payload }, {})
  const { trackingId: _own, ...wanted } = sample('dr-api/create-task-request-email.json')
  expect(body).toMatchObject(wanted)
})

const mail: OutboundMail = {
  from: mailbox,
  fromName: 'Corp Support',
  subject: 'Re: Claim 4471',
  cc: [],
  bcc: [],
  inReplyTo: '<m1@example.test>',
  references: ['<m1@example.test>'],
}
const notice = (changes: Partial<OutboundMail> = {}): Effect<'sendMessage'> => ({
  type: 'sendMessage',
  payload: {
    actor: '00112233aabbccdd',
    address,
    conversationId,
    purpose: 'created',
    text: 'We received your message and will reply shortly.',
    appId: '',
    mail: { ...mail, ...changes },
  },
})
const queued = { response: [{ code: '1001', transid: 't', description: 'Queued' }] }
const connectTo = (farSide: FarSide) => connect(farSide, undefined)

test('CR1, CR3: a notice answers in the thread, says that a machine wrote it, and has an id of its own', async () => {
  const body = (await bodyOf(connectTo, notice(), queued)) as { headers: Record<string, string> }
  const wanted = sample<{ headers: object }>('outbound/email-notification.json')
  expect(far.requests.at(-1)!.path).toBe('/v2/messages')
  expect(body).toMatchObject(wanted)
  expect(body.headers).toEqual({
    ...wanted.headers,
    'Message-ID': expect.stringMatching(/^<parley\..+@corp\.example>$/),
    'X-Auto-Response-Suppress': 'All',
  })
})

test('a notice to a mail without an id names none, and those in copy are in copy', async () => {
  const changes = { inReplyTo: '', references: [], cc: ['bo@example.test'], bcc: ['di@example.test'] }
  const body = (await bodyOf(connectTo, notice(changes), queued)) as { headers: object }
  expect(body).toMatchObject({ cc: ['bo@example.test'], bcc: ['di@example.test'] })
  expect(Object.keys(body.headers)).toEqual(['Message-ID', 'Auto-Submitted', 'X-Auto-Response-Suppress'])
})

test('the id of a notice names its conversation; ids of others name none', () => {
  expect(actorOfMessageId('<parley.00112233aabbccdd.42.0@corp.example>')).toBe('00112233aabbccdd')
  for (const id of ['<m1@example.test>', '<parley.short.1@x>', '', '<x.parley.00112233aabbccdd.1@x>']) {
    expect(actorOfMessageId(id)).toBeUndefined()
  }
})

test.each(
  samplesIn('dr-webhooks')
    .filter((path) => path.endsWith('-email.json') || path.includes('email-'))
    .map((path) => ({ path })),
)('$path belongs to the mailbox, the customer and the subject', ({ path }) => {
  expect(heard(webhookDoor, sample(path))).toMatchObject({
    kind: 'task',
    task: { channel: 'email', destination: address.asset, origin: address.customer, topic: 'claim 4471' },
  })
})
