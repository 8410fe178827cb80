import { describe, expect, test } from 'vitest'
import type { Adapter } from '../adapters/adapter.ts'
import { connect } from '../adapters/connect/connect.ts'
import { liveChatDoor } from '../adapters/connect/live-chat-door.ts'
import { receiptsDoor } from '../adapters/connect/receipts-door.ts'
import { digitalRouting } from '../adapters/digital-routing/digital-routing.ts'
import { webhookDoor } from '../adapters/digital-routing/webhook-door.ts'
import { engage } from '../adapters/engage/engage.ts'
import type { Effect, OutboundMessage } from '../machines/effects.ts'
import type { Address } from '../machines/events.ts'
import { callOf, farSideAt } from './adapter-contract.ts'
import { deskStand } from './desk-stand.ts'
import { heard } from './heard.ts'
import { sample as typedSample } from './samples.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a foreign program would read them
type Json = any

const sample = (path: string): Json => typedSample(path)

const user = 'chat-user-97a190'
const app = 'SD12345650'
const thread = '4b092634-a8eb-4c6e-996b-29ebaded4970'
const window = { user, app, thread }
const address: Address = { channel: 'live-chat', asset: app, customer: user }
const at = '2026-03-02T14:00:00.000Z'
const taskId = '1a2b3c4d-0001-4ca9-8260-d0283bfb5fa4'

const stand = deskStand()
const { ask, advance, idle, restart } = stand
const chat = (act: string, body: object = {}) => ask('POST', `/desk/handset/chat/${act}`, { ...window, ...body })
const inbox = async (query: Record<string, string> = { user }): Promise<Json[]> =>
  (await ask('GET', `/desk/handset/chat/inbox?${new URLSearchParams(query)}`)).body.items
const deliver = (name: string, change: object = {}) =>
  ask('POST', '/v1/messages', { ...sample(`outbound/livechat-${name}.json`), ...change })
/** What the runtime's live chat door got last. */
const posted = (): Json => stand.runtime.requests.filter(({ path }) => path === '/v1/inbound/live-chat').at(-1)?.body
const toldTasks = (): Json[] =>
  stand.runtime.requests.filter(({ path }) => path.includes('webhooks')).map(({ body }) => body as Json)
const receipts = (): Json[] =>
  stand.runtime.requests.filter(({ path }) => path === '/v1/receipts').map(({ body }) => body)

describe('messages to a chat window', () => {
  test.each([
    { name: 'text', type: 'message', text: 'An agent is about to join your chat.', more: [] },
    { name: 'prechat-form', type: 'form', text: 'Before we start', more: ['form'] },
    {
      name: 'callback-quick-replies',
      type: 'messageWithQuickReplies',
      text: 'You have been waiting for a while. Would you like us to call you back instead?',
      more: ['quickReplies'],
    },
  ])('livechat-$name.json lies in the window of its user', async ({ name, type, text, more }) => {
    const { status, body } = await deliver(name, { correlationId: 'conv:c:x' })
    const { transid } = body.response[0]
    expect([status, body]).toEqual([200, { response: [{ code: '1001', transid, description: 'Queued' }] }])
    const sent = sample(`outbound/livechat-${name}.json`)
    const parts = Object.fromEntries(more.map((part) => [part, sent[part]]))
    const common = { at, appId: app, threadId: thread, transid, correlationId: 'conv:c:x' }
    expect(await inbox()).toEqual([{ ...common, type, text, ...parts }])
  })

  test('windows are kept apart by user and, where asked, by thread; a restart forgets none', async () => {
    await deliver('text')
    await deliver('text', { threadId: 'another' })
    await deliver('text', { destination: { userId: 'CHAT-USER-97A190' } })
    expect((await inbox()).map(({ threadId }) => threadId)).toEqual([thread, 'another'])
    expect(await inbox({ user, thread: 'another' })).toHaveLength(1)
    await restart()
    expect(await inbox()).toHaveLength(2)
    expect(await inbox({ user: 'CHAT-USER-97A190' })).toHaveLength(1)
  })

  test.each<{ title: string; name: string; change: object }>([
    { title: 'no thread', name: 'text', change: { threadId: undefined } },
    { title: 'no words', name: 'text', change: { message: '' } },
    { title: 'a type nobody knows', name: 'text', change: { type: 'carousel' } },
    { title: 'an SMS', name: 'text', change: { channel: 'sms' } },
    {
      title: 'a form without fields',
      name: 'prechat-form',
      change: { form: { reference: 'f', title: 't', fields: [] } },
    },
    {
      title: 'a question without answers',
      name: 'callback-quick-replies',
      change: { quickReplies: { reference: 'r' } },
    },
  ])('$title is refused with 400 and reaches nobody', async ({ name, change }) => {
    const { status, body } = await deliver(name, change)
    expect([status, body.response[0].code]).toEqual([400, '1002'])
    expect(await inbox()).toEqual([])
  })

  test('receipts of a message that arrived are those of the samples', async () => {
    await deliver('text', { notifyUrl: `${stand.runtime.url}/v1/receipts`, callbackData: 'd', correlationId: 'c' })
    await idle()
    expect(receipts()).toHaveLength(2)
    for (const [index, name] of ['submitted', 'delivered'].entries()) {
      expectReceipt(receipts()[index], sample(`outbound/receipt-${name}.json`))
    }
  })

  test('E72: a message to a closed thread is taken, reaches nobody, and is told of as failed with 7312', async () => {
    await chat('close')
    await restart()
    const { status, body } = await deliver('text', {
      notifyUrl: `${stand.runtime.url}/v1/receipts`,
      callbackData: 'd',
      correlationId: 'c',
    })
    expect([status, body.response[0].code]).toEqual([200, '1001'])
    expect(await inbox()).toEqual([])
    await idle()
    expect(receipts()).toHaveLength(1)
    expectReceipt(receipts()[0], sample('outbound/receipt-failed-invalid-thread.json'))
    await deliver('text', { threadId: 'a new window' })
    expect(await inbox()).toHaveLength(1)
  })

  function expectReceipt(found: Json, expected: Json): void {
    const { transid: _, subtid: __, ...told } = found.deliveryInfoNotification
    const { deliveryInfo } = expected.deliveryInfoNotification
    expect(told).toEqual({ deliveryInfo: { ...deliveryInfo, timeStamp: at }, callbackData: 'd', correlationid: 'c' })
    expect(Object.keys(found.deliveryInfoNotification).sort()).toEqual(
      Object.keys(expected.deliveryInfoNotification).sort(),
    )
  }
})

describe('the chat window', () => {
  test.each<{ act: string; body: object; name: string; event: object }>([
    { act: 'say', body: { text: 'Hello' }, name: 'mo-first', event: { type: 'message.received', text: 'Hello' } },
    { act: 'say', body: {}, name: 'mo-blank', event: { type: 'message.received', text: '' } },
    {
      act: 'say',
      body: { text: 'see file', attachments: JSON.parse(sample('inbound/livechat-mo-attachment-ok.json').attachments) },
      name: 'mo-attachment-ok',
      event: { attachments: [{ name: 'notes.txt' }] },
    },
    {
      act: 'say',
      body: {
        text: 'here is my statement',
        attachments: [],
        pciInfo: sample('security/pciinfo-attachment-failed.json'),
        securityscaninfo: sample('inbound/livechat-mo-attachment-pci-dropped.json').securityscaninfo,
      },
      name: 'mo-attachment-pci-dropped',
      event: { attachments: [{ dropped: 'sensitive' }] },
    },
    { act: 'typing', body: {}, name: 'typing-start', event: {} },
    { act: 'typing', body: { typing: 'stop' }, name: 'typing-stop', event: {} },
    { act: 'close', body: {}, name: 'thread-closed', event: { type: 'thread.closed' } },
    {
      act: 'press',
      body: { reference: `callback-offer:${taskId}`, identifier: 'callback-yes' },
      name: 'postback-callback-yes',
      event: { type: 'postback.received', reference: `callback-offer:${taskId}`, identifier: 'callback-yes' },
    },
  ])('$act posts what livechat-$name.json is, and the door reads it', async ({ act, body, name, event }) => {
    const { status } = await chat(act, { tid: 'tid-1', ...body })
    expect(status).toBe(200)
    const expected = sample(`inbound/livechat-${name}.json`)
    expect(Object.keys(posted())).toEqual(Object.keys(expected))
    const { userId, channel, appId, event: said, type, threadId, thread_id } = expected
    const told = { userId, channel, appId, event: said, tid: 'tid-1', ts: at }
    expect(posted()).toMatchObject(JSON.parse(JSON.stringify({ ...told, type, threadId, thread_id })))
    for (const [key, value] of Object.entries(posted())) expect(`${key} ${typeof value}`).toBe(`${key} string`)
    const result = heard(liveChatDoor, posted())
    if ('event' in result) {
      expect(result).toMatchObject({ address, event: { id: 'tid-1', thread, ...event } })
    } else expect(result.kind).toBe('ignored')
    expect(stand.runtime.requests.at(-1)?.headers.authorization).toBe('Bearer runtime-token')
  })

  test('LC5: a form is answered by the names of its fields, and names the form it answers', async () => {
    const { body } = await deliver('prechat-form')
    await chat('form', { fields: { Name: 'Ana Ruiz', Email: 'ana.ruiz@example.test', Query: 'Insurance' } })
    expect(Object.keys(posted())).toEqual(Object.keys(sample('inbound/livechat-form-response.json')))
    expect(posted().relatedTid).toBe(body.response[0].transid)
    expect(heard(liveChatDoor, posted())).toMatchObject({
      event: {
        type: 'form.submitted',
        title: 'Before we start',
        fields: [
          { name: 'Name', value: 'Ana Ruiz', mandatory: true },
          { name: 'Email', type: 'email', value: 'ana.ruiz@example.test' },
          { name: 'Phone', value: '', mandatory: false },
          { name: 'Query', label: 'How can we help?', type: 'dropdown', value: 'Insurance', mandatory: true },
        ],
      },
    })
  })

  test('E19: a form may be answered that is not there, when every field is given whole', async () => {
    const refused = await chat('form', { fields: { Name: 'Ana' } })
    expect([refused.status, refused.body.error]).toEqual([409, expect.stringContaining('no form in this thread')])
    expect((await chat('form', { fields: [{ name: 'Name', value: 'Ana' }], title: 'T' })).status).toBe(200)
    expect(heard(liveChatDoor, posted())).toMatchObject({ event: { title: 'T', fields: [{ value: 'Ana' }] } })
    await deliver('prechat-form')
    const strange = await chat('form', { fields: { Surname: 'Ruiz' } })
    expect([strange.status, strange.body.error]).toEqual([
      400,
      'the form has no field Surname; it has Name, Email, Phone, Query',
    ])
  })

  test('CB3: a button is pressed by its identifier, and carries question and title', async () => {
    expect((await chat('press', { identifier: 'callback-yes' })).status).toBe(409)
    await deliver('callback-quick-replies')
    await chat('press', { identifier: 'callback-no' })
    expect(posted().message).toBe("No, I'll wait")
    expect(JSON.parse(posted().interactiveData)).toEqual(
      JSON.parse(sample('inbound/livechat-postback-callback-no.json').interactiveData),
    )
    await chat('press', { identifier: 'callback-yes', reference: 'an old question' })
    expect(heard(liveChatDoor, posted())).toMatchObject({
      event: { reference: 'an old question', identifier: 'callback-yes' },
    })
  })

  test('a window is opened with a thread of its own; a closed one is not opened again', async () => {
    const { body } = await ask('POST', '/desk/handset/chat/open', { user, app })
    expect(body).toEqual({ user, app, thread: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect((await chat('open')).body).toEqual(window)
    await chat('close')
    expect((await chat('open')).status).toBe(409)
    expect(stand.runtime.requests).toHaveLength(1)
  })

  test('E51: closing twice says so twice, with ids of their own', async () => {
    await chat('close')
    const first = posted().tid
    await chat('close')
    expect(posted().tid).not.toBe(first)
    await chat('close', { tid: first })
    expect(posted().tid).toBe(first)
  })

  test('what the door answers is given back, and 502 when it does not', async () => {
    stand.runtime.answer({ status: 429, headers: { 'retry-after': '7' }, body: { eventId: 'e1' } })
    const answer = await chat('say', { text: 'Hello' })
    expect([answer.status, answer.body, answer.headers.get('retry-after')]).toEqual([429, { eventId: 'e1' }, '7'])
    await restart({}, { inboundUrl: () => 'http://127.0.0.1:1/' })
    expect((await chat('say', { text: 'Hello' })).status).toBe(502)
  })

  test.each([
    { act: 'say', body: { thread: '' } },
    { act: 'say', body: { words: 'Hello' } },
    { act: 'press', body: {} },
    { act: 'typing', body: { typing: 'maybe' } },
  ])('$act with $body is wrong use', async ({ act, body }) => {
    expect((await chat(act, body)).status).toBe(400)
    expect(stand.runtime.requests).toHaveLength(0)
  })
})

/** Opens a conversation and its task with Parley's own adapters. */
async function waitingChat(): Promise<{ conversationId: string; perform: typeof perform }> {
  let turn = 0
  const farSide = farSideAt(stand.desk.url)
  const adapters: Adapter[] = [engage(farSide), digitalRouting(farSide), connect(farSide, stand.runtime.url)]
  const perform = (effect: Effect): Promise<Json> => {
    turn += 1
    const adapter = adapters.find(({ performs }) => performs.includes(effect.type))!
    return adapter.perform(effect, callOf(`effect-${turn}`))
  }
  const opening = { address, thread, websiteDomain: 'support.my-company.example', text: 'Hello', at }
  const names = { customerName: '', customerEmail: '' }
  const { conversationId } = await perform({ type: 'createConversation', payload: { ...opening, ...names } })
  const variables = [
    { key: 'user_DR_MediaResourceID', value: conversationId },
    { key: 'ChatThreadID', value: thread },
  ]
  const media = { mediaType: 'Chat', mediaChannel: 'Live Chat/In App Messaging' } as const
  const task = { taskId, address, origin: user, customerId: user, ...media, scriptSelector: 'Insurance', variables }
  await perform({ type: 'createTask', payload: task })
  await perform({ type: 'updateConversation', payload: { conversationId, taskId } })
  return { conversationId, perform }
}

describe('Engage over live chat', () => {
  test('LC2, LC5, LC11, LX2: search, create, forms, files and announcements, by the adapters that Parley has', async () => {
    const search: Effect = { type: 'searchConversation', payload: { address, thread } }
    const { conversationId, perform } = await waitingChat()
    expect(await perform(search)).toMatchObject({ outcome: 'conversationInQueue', conversationId })
    const elsewhere = { ...address, asset: 'SD99999999' }
    expect(await perform({ type: 'searchConversation', payload: { address: elsewhere, thread } })).toMatchObject({
      outcome: 'noConversationFound',
    })

    const line = { address, conversationId, at, direction: 'Inbound' as const, text: '' }
    const field = { name: 'Name', label: 'Name', type: 'text', value: 'Ana', mandatory: true }
    const attachments = [{ name: 'a.pdf', contentType: 'application/pdf', url: '', dropped: 'sensitive' as const }]
    const lines: Effect<'appendConversation'>['payload'][] = [
      { ...line, form: { title: 'Before we start', fields: [field] } },
      { ...line, text: 'here', attachments },
      { ...line, direction: 'Announcement', text: 'The customer has left the chat session.' },
    ]
    for (const payload of lines) await perform({ type: 'appendConversation', payload })
    const { body } = await ask('GET', `/desk/conversations/${conversationId}`)
    expect(body).toMatchObject({
      channel: 'LiveChat',
      threadId: thread,
      websiteDomain: 'support.my-company.example',
      taskId,
      transcript: [
        { text: 'Hello' },
        { messageType: 'Live Chat Form Response', formResponse: { title: 'Before we start', fields: [field] } },
        { text: 'here', attachments: [{ fileName: '[Dropped]', dropped: true, url: '' }] },
        { direction: 'Announcement', text: 'The customer has left the chat session.' },
      ],
    })
  })

  test.each([
    { name: 'form-response', missing: 'formResponse' },
    { name: 'inbound-attachments', missing: 'attachments' },
  ])('an append that announces $missing and brings none is refused', async ({ name, missing }) => {
    const { conversationId } = await waitingChat()
    const body = { ...sample(`engage/append-request-${name}.json`), conversationId, [missing]: undefined }
    expect((await ask('POST', '/engage/v1/appendConversation', body)).body).toEqual({
      outcome: 'onInvalidData',
      description: `wrong or missing: ${missing}`,
    })
  })
})

describe('agents in live chat', () => {
  const said = async () => (await inbox()).map(({ text }) => text)

  test('what an agent says lies in the window, until the customer has closed it', async () => {
    const { conversationId } = await waitingChat()
    await ask('POST', `/desk/tasks/${taskId}/route`, {})
    await ask('POST', `/desk/tasks/${taskId}/say`, { text: 'Hello Ana' })
    const [item] = await inbox()
    expect(item).toMatchObject({ type: 'message', text: 'Hello Ana', threadId: thread, appId: app })
    await chat('close')
    await ask('POST', `/desk/tasks/${taskId}/say`, { text: 'Still there?' })
    expect(await said()).toEqual(['Hello Ana'])
    const { transcript } = (await ask('GET', `/desk/conversations/${conversationId}`)).body
    expect(transcript.map(({ text }: Json) => text)).toEqual(['Hello', 'Hello Ana', 'Still there?'])
  })

  test('the automatic agent takes a chat, answers what the customer writes, and closes', async () => {
    await restart({ automatic: true })
    const { conversationId, perform } = await waitingChat()
    await advance(3_000)
    expect(toldTasks().at(-1)).toMatchObject({ eventType: 'ROUTED', task: { destination: app, origin: user } })
    const line = { address, conversationId, direction: 'Inbound' as const, text: 'Is anybody there?', at }
    for (const count of [1, 2, 3]) {
      await perform({ type: 'appendConversation', payload: line })
      await advance(1_500)
      expect(await said()).toHaveLength(count)
    }
    await advance(1_500)
    expect(toldTasks().at(-1)).toMatchObject({ eventType: 'CLOSED', task: { dispositionCode: 'CD_NORMAL_END_TASK' } })
  })

  test('CB4, CB7: a chat cancelled for a callback, then the callback, are told as the samples say', async () => {
    await restart({ automatic: true, answerAfterMs: 60_000 })
    const { conversationId, perform } = await waitingChat()
    const chatOf = [
      { key: 'LiveChatUserID', value: user },
      { key: 'LiveChatThreadID', value: thread },
      { key: 'LiveChatAppID', value: app },
    ]
    const cancelled = [{ key: 'IsWebCallbackRequested', value: 'true' }, ...chatOf]
    await perform({
      type: 'endTask',
      payload: { taskId, disposition: 'CD_TASK_CUSTOMER_ABANDON', variables: cancelled },
    })
    const callbackId = '3c4d5e6f-0003-4ca9-8260-d0283bfb5fa6'
    const variables = [{ key: 'user_DR_MediaResourceID', value: conversationId }, ...chatOf]
    const media = { mediaType: 'Web Callback', mediaChannel: 'Web Callback' } as const
    const callback = { taskId: callbackId, address, origin: '+14155550123', customerId: user, ...media, variables }
    await perform({ type: 'createTask', payload: { ...callback, scriptSelector: 'Insurance_Callback' } })
    await advance(60_000)
    const closed = toldTasks().filter(({ eventType }) => eventType === 'CLOSED')
    expect(closed.map((webhook) => heard(webhookDoor, webhook))).toMatchObject([
      { task: { taskId, channel: 'live-chat' }, event: { variables: { IsWebCallbackRequested: 'true' } } },
      {
        task: { taskId: callbackId, channel: 'live-chat' },
        event: { disposition: 'CD_NORMAL_END_TASK', variables: { LiveChatThreadID: thread } },
      },
    ])
    expect(toldTasks().filter(({ eventType }) => eventType === 'ROUTED')).toEqual([])
  })

  test('what Parley sends lies in the window under its conversation, and its receipts lead back', async () => {
    const { conversationId, perform } = await waitingChat()
    const message: OutboundMessage = {
      actor: '0123456789abcdef',
      address,
      conversationId,
      purpose: 'created',
      text: 'Hello',
      appId: '',
      thread,
    }
    await perform({ type: 'sendMessage', payload: message })
    expect(await said()).toEqual(['Hello'])
    await idle()
    expect(receipts().map((receipt) => receiptsDoor.parse(receipt, at))).toMatchObject([
      { actor: message.actor, event: { correlationId: `conv:${conversationId}:created`, status: 'Submitted' } },
      { actor: message.actor, event: { status: 'Delivered' } },
    ])
    const { items } = (await ask('GET', `/desk/ledger?customer=${user}`)).body
    expect(items.at(-1)).toMatchObject({ call: 'sendMessage', conversationId, taskId, customer: user })
  })
})

test('the terminal hears of chats by names and ids only', async () => {
  await stand.desk.stop()
  const lines: string[] = []
  await stand.start({}, { onEvent: ({ line }) => lines.push(line) })
  await deliver('text', { message: 'a secret' })
  await chat('close')
  expect(lines).toEqual(['1 chat message(s) delivered', `chat thread ${thread} closed`])
})
