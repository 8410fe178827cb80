/**
 * Live chat and web callback on the wire: bodies to Engage, Connect and Digital Routing equal the samples byte for byte,
 * and webhooks of both are read as belonging to the chat they came from.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Adapter } from '../adapters/adapter.ts'
import { connect } from '../adapters/connect/connect.ts'
import { digitalRouting } from '../adapters/digital-routing/digital-routing.ts'
import { webhookDoor } from '../adapters/digital-routing/webhook-door.ts'
import { engage } from '../adapters/engage/engage.ts'
import type { FarSide } from '../adapters/http.ts'
import type { Effect, OutboundMessage, PayloadOf } from '../machines/effects.ts'
import type { FormField } from '../machines/events.ts'
import { adapterContract, callOf, customer_words, effectErrorOf, farSideAt } from './adapter-contract.ts'
import { type Reply, type StandIn, standIn } from './far-side.ts'
import { eventOf, heard } from './heard.ts'
import { sample } from './samples.ts'

const address = { channel: 'live-chat', asset: 'SD12345650', customer: 'chat-user-97a190' } as const
const thread = '4b092634-a8eb-4c6e-996b-29ebaded4970'
const conversationId = '65F2C0A91B7E4D02'
const taskId = '1a2b3c4d-0001-4ca9-8260-d0283bfb5fa4'
const callbackTaskId = '3c4d5e6f-0003-4ca9-8260-d0283bfb5fa6'

const search: Effect = { type: 'searchConversation', payload: { address, thread } }
const create: Effect<'createConversation'> = {
  type: 'createConversation',
  payload: {
    address,
    thread,
    websiteDomain: 'support.my-company.example',
    text: 'Hello',
    at: '2026-03-02T14:05:55.099Z',
    customerName: 'Ana Ruiz',
    customerEmail: 'ana.ruiz@example.test',
  },
}
const append = (payload: Partial<PayloadOf<'appendConversation'>>): Effect<'appendConversation'> => ({
  type: 'appendConversation',
  payload: { address, conversationId, direction: 'Inbound', text: '', at: '2026-03-02T14:05:55.099Z', ...payload },
})
const fields: FormField[] = [
  { name: 'Name', label: 'Name', type: 'text', value: 'Ana Ruiz', mandatory: true },
  { name: 'Email', label: 'Email', type: 'email', value: 'ana.ruiz@example.test', mandatory: true },
  { name: 'Phone', label: 'Phone', type: 'text', value: '+14155550123', mandatory: false },
  { name: 'Query', label: 'How can we help?', type: 'dropdown', value: 'Insurance', mandatory: true },
]
const files = append({
  text: 'here is my statement',
  attachments: [
    { name: 'statement.pdf', contentType: 'application/pdf', url: '', dropped: 'sensitive' },
    { name: 'notes.txt', contentType: 'text/plain', url: 'https://files.example.test/m/abc123/notes.txt' },
  ],
})
const form = append({ at: '2026-03-02T14:06:20.000Z', form: { title: 'Before we start', fields } })
const customerLeft = append({
  direction: 'Announcement',
  text: 'The customer has left the chat session.',
  at: '2026-03-02T14:12:00.000Z',
})

const message: OutboundMessage = {
  actor: '00112233aabbccdd',
  address,
  conversationId,
  purpose: 'routed',
  text: 'An agent is about to join your chat.',
  appId: '',
  thread,
}
const send = (changes: Partial<OutboundMessage> = {}): Effect<'sendMessage'> => ({
  type: 'sendMessage',
  payload: { ...message, ...changes },
})
const preChatForm = send({
  purpose: 'pre-chat-form',
  text: 'Before we start',
  form: {
    reference: 'prechat',
    fields: [
      { name: 'Name', label: 'Name', type: 'text', mandatory: true },
      { name: 'Email', label: 'Email', type: 'email', mandatory: true },
      { name: 'Phone', label: 'Phone (only if you may want a callback)', type: 'text', mandatory: false },
      // The order of keys is the codec's, whatever a machine writes.
      {
        mandatory: true,
        options: ['Insurance', 'Billing', 'Other'],
        type: 'dropdown',
        label: 'How can we help?',
        name: 'Query',
      },
    ],
  },
})
const callbackOffer = send({
  purpose: 'callback-offer',
  text: 'You have been waiting for a while. Would you like us to call you back instead?',
  quickReplies: {
    reference: `callback-offer:${taskId}`,
    options: [
      { title: 'Yes, call me', identifier: 'callback-yes', payload: { taskId } },
      { title: "No, I'll wait", identifier: 'callback-no', payload: { taskId } },
    ],
  },
})

const liveChatVariables = [
  { key: 'LiveChatUserID', value: address.customer },
  { key: 'LiveChatThreadID', value: thread },
  { key: 'LiveChatAppID', value: address.asset },
]
const named = [
  { key: 'user_DR_MediaResourceID', value: conversationId },
  { key: 'user_DR_CustomerName', value: 'Ana Ruiz' },
]
const chatTask: Effect<'createTask'> = {
  type: 'createTask',
  payload: {
    taskId,
    address,
    origin: address.customer,
    customerId: 'ana.ruiz@example.test',
    mediaType: 'Chat',
    mediaChannel: 'Live Chat/In App Messaging',
    scriptSelector: 'Insurance',
    variables: [...named, { key: 'ChatThreadID', value: thread }],
  },
}
const callbackTask: Effect<'createTask'> = {
  type: 'createTask',
  payload: {
    ...chatTask.payload,
    taskId: callbackTaskId,
    origin: '+14155550123',
    mediaType: 'Web Callback',
    mediaChannel: 'Web Callback',
    scriptSelector: 'Insurance_Callback',
    variables: [...named, ...liveChatVariables],
  },
}
const cancelForCallback: Effect<'endTask'> = {
  type: 'endTask',
  payload: {
    taskId,
    disposition: 'CD_TASK_CUSTOMER_ABANDON',
    variables: [{ key: 'IsWebCallbackRequested', value: 'true' }, ...liveChatVariables],
  },
}

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
const engageAgrees = ({ type }: Effect): Reply => ({ status: 200, body: sample(`engage/${successes[type]}.json`) })
const queued: Reply = { status: 200, body: sample('outbound/send-response.json') }
const agent = { conversationId, agentId: '5021' }

adapterContract('Engage, over live chat', {
  adapter: engage,
  effects: [
    { ...create, payload: { ...create.payload, text: customer_words } },
    search,
    append({ form: { title: customer_words, fields } }),
    { type: 'updateConversation', payload: { conversationId, taskId } },
    { type: 'closeConversation', payload: { conversationId } },
    { type: 'reopenConversation', payload: { conversationId } },
    { type: 'addParticipant', payload: agent },
    { type: 'removeParticipant', payload: agent },
  ],
  agrees: engageAgrees,
})
for (const [kind, effect] of Object.entries({ message: send(), form: preChatForm, question: callbackOffer })) {
  adapterContract(`Connect, over a live chat ${kind}`, {
    adapter: (farSide) => connect(farSide, undefined),
    effects: [{ ...effect, payload: { ...effect.payload, text: customer_words } }],
    agrees: () => queued,
  })
}
adapterContract('Digital Routing, over a web callback', {
  adapter: digitalRouting,
  effects: [callbackTask, cancelForCallback, { type: 'checkTask', payload: { taskId: callbackTask.payload.taskId } }],
  agrees: () => ({ status: 200, body: {} }),
})

describe('live chat on the wire', () => {
  let far: StandIn
  beforeAll(async () => {
    far = await standIn()
  })
  afterEach(() => {
    far.requests.length = 0
  })
  afterAll(() => far.close())
  const perform = (adapter: (farSide: FarSide) => Adapter, effect: Effect, reply: Reply, call = callOf()) => {
    far.answer(reply)
    return adapter(farSideAt(far.url)).perform(effect, call)
  }
  const publicUrl = 'https://parley.example.test'
  const viaConnect = (farSide: FarSide) => connect(farSide, publicUrl)
  const sent = () => far.requests[0]?.body as Record<string, unknown>

  test.each([
    { title: 'LC2', effect: search, path: 'search-request-livechat' },
    { title: 'LC4, LC12', effect: create, path: 'create-request-livechat' },
    { title: 'LC5', effect: form, path: 'append-request-form-response' },
    { title: 'LC11', effect: files, path: 'append-request-inbound-attachments' },
    { title: 'LX2', effect: customerLeft, path: 'append-request-announcement-customer-left' },
  ])('$title: the body for $effect.type equals engage/$path.json', async ({ effect, path }) => {
    await perform(engage, effect, engageAgrees(effect))
    expect(far.requests[0]?.path).toBe(`/engage/v1/${effect.type}`)
    expect(far.requests[0]?.text).toBe(JSON.stringify(sample(`engage/${path}.json`)))
  })

  test('files may come without words, and no files are no files', async () => {
    const attachments = files.payload.attachments!
    await perform(engage, append({ attachments }), engageAgrees(files))
    expect(sent()).toMatchObject({ messageType: 'Text With Attachments', text: '' })
    await perform(engage, append({ text: 'Hello', attachments: [] }), engageAgrees(files))
    expect(far.requests[1]?.body).not.toHaveProperty('messageType')
  })

  test('E108, LC11: neither name nor address of a dropped file goes to the agent', async () => {
    const dropped = {
      name: 'my-card.pdf',
      contentType: '',
      url: 'https://x.test/secret',
      dropped: 'malicious',
    } as const
    await perform(engage, append({ attachments: [dropped] }), engageAgrees(files))
    expect(far.requests[0]?.text).not.toMatch(/my-card|secret/)
  })

  test.each([
    { title: 'words', effect: send(), path: 'livechat-text' },
    { title: 'LC5: a form', effect: preChatForm, path: 'livechat-prechat-form' },
    { title: 'CB3: a question', effect: callbackOffer, path: 'livechat-callback-quick-replies' },
  ])(
    '$title to a chat window equal outbound/$path.json, and receipts find their way back',
    async ({ effect, path }) => {
      expect(await perform(viaConnect, effect, queued)).toEqual({})
      const { correlationId, callbackData, notifyUrl, ...body } = sent()
      expect(far.requests[0]?.path).toBe('/v1/messages')
      expect(JSON.stringify(body)).toBe(JSON.stringify(sample(`outbound/${path}.json`)))
      const { purpose } = effect.payload
      expect(correlationId).toBe(`conv:${conversationId}:${purpose}`)
      expect(JSON.parse(String(callbackData))).toEqual({
        conversationId,
        purpose: purpose.toUpperCase(),
        actor: message.actor,
        key: callOf().idempotencyKey,
      })
      expect(notifyUrl).toBe(`${publicUrl}/v1/receipts`)
    },
  )

  test('before a conversation exists the correlation id names the actor', async () => {
    await perform(viaConnect, send({ conversationId: '' }), queued)
    expect(sent().correlationId).toBe(`conv:${message.actor}:routed`)
  })

  test('without a thread nobody can be reached: refused for good, and no call goes out', async () => {
    const { thread: _, ...lost } = message
    for (const payload of [lost, { ...message, thread: '' }]) {
      const error = await effectErrorOf(perform(viaConnect, { type: 'sendMessage', payload }, queued))
      expect(error).toMatchObject({ family: 'terminal', code: 'refused' })
    }
    expect(far.requests).toHaveLength(0)
  })

  test.each([
    { title: 'LC13, LC14', effect: chatTask, path: 'create-task-request-livechat' },
    { title: 'CB4, CB8', effect: callbackTask, path: 'create-task-request-web-callback' },
  ])('$title: the body of create task equals dr-api/$path.json', async ({ effect, path }) => {
    const expected = sample<{ trackingId: string }>(`dr-api/${path}.json`)
    await perform(digitalRouting, effect, { status: 201 }, { ...callOf(), trackingId: expected.trackingId })
    expect(far.requests[0]?.text).toBe(JSON.stringify(expected))
  })

  test('CB4: cancelling a chat for a callback says so in its variables', async () => {
    await perform(digitalRouting, cancelForCallback, { status: 200 })
    expect(far.requests[0]?.text).toBe(JSON.stringify(sample('dr-api/task-action-close-cancel-for-callback.json')))
  })
})

describe('webhooks of live chat and web callback', () => {
  const webhook = (name: string) => sample(`dr-webhooks/${name}.json`)

  test.each([
    ...['created-chat', 'queued-chat-ewt-300', 'routed-chat', 'closed-chat-normal', 'closed-chat-abandon'],
    ...['created-cb', 'queued-cb-ewt-240', 'closed-cb-agent-found', 'closed-cb-no-target'],
  ])('CC4, DE5: %s belongs to the chat asset', (name) => {
    expect(heard(webhookDoor, webhook(name))).toMatchObject({
      task: { channel: 'live-chat', destination: address.asset },
      event: { mediaResourceId: conversationId },
    })
  })

  test.each([
    { name: 'queued-chat-ewt-300', says: { type: 'task.queued', taskId, estimatedWaitSeconds: 300 } },
    { name: 'queued-cb-ewt-240', says: { type: 'task.queued', taskId: callbackTaskId, estimatedWaitSeconds: 240 } },
    { name: 'routed-chat', says: { type: 'task.routed', agentId: '5021', variables: { ChatThreadID: thread } } },
    { name: 'closed-chat-normal', says: { type: 'task.closed', disposition: 'CD_NORMAL_END_TASK' } },
    {
      name: 'closed-chat-cancelled-for-callback',
      says: { disposition: 'CD_TASK_CUSTOMER_ABANDON', variables: { IsWebCallbackRequested: 'true' } },
    },
    { name: 'closed-cb-agent-found', says: { taskId: callbackTaskId, disposition: 'CD_NORMAL_END_TASK' } },
    { name: 'closed-cb-cancelled', says: { disposition: 'CD_TASK_CUSTOMER_ABANDON' } },
    { name: 'closed-cb-queue-timeout', says: { disposition: 'CD_MAX_DIALOG_LIFETIME_EXCEEDED' } },
  ])('CC1, CC2, CC3: $name says $says', ({ name, says }) => {
    expect(eventOf(webhookDoor, webhook(name))).toMatchObject(says)
  })

  test.each(['created-cb', 'closed-cb-agent-found'])('CB8: %s still knows where its chat is', (name) => {
    const variables = Object.fromEntries(liveChatVariables.map(({ key, value }) => [key, value]))
    expect(eventOf(webhookDoor, webhook(name))).toMatchObject({ variables })
  })
})
