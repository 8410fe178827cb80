/**
 * The embedded desk against a real broker, a real receiver of webhooks, and Parley's own adapters. Time is virtual.
 */

import { jetstreamManager } from '@nats-io/jetstream'
import { connect as connectNats } from '@nats-io/transport-node'
import { describe, expect, test, vi } from 'vitest'
import type { Adapter } from '../adapters/adapter.ts'
import { connect } from '../adapters/connect/connect.ts'
import { receiptsDoor } from '../adapters/connect/receipts-door.ts'
import type { Task } from '../adapters/desk/entries.ts'
import { emptyFloor } from '../adapters/desk/floor.ts'
import { sayAsAgent } from '../adapters/desk/task-acts.ts'
import { digitalRouting } from '../adapters/digital-routing/digital-routing.ts'
import { webhookDoor } from '../adapters/digital-routing/webhook-door.ts'
import { engage as engageAdapter } from '../adapters/engage/engage.ts'
import type { Effect } from '../machines/effects.ts'
import type { Address } from '../machines/events.ts'
import { callOf, farSideAt } from './adapter-contract.ts'
import { deskStand } from './desk-stand.ts'
import { sample as typedSample } from './samples.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a foreign program would read them
type Json = any

const sample = (path: string): Json => typedSample(path)

const minute_ms = 60_000

const stand = deskStand()
const { ask, advance, idle, openDesk, restart } = stand
const webhooks = (): Json[] => stand.runtime.requests.filter((r) => r.path.includes('webhooks')).map((r) => r.body)
const told = () => webhooks().map((webhook) => webhook.eventType)

const smsTask = sample('dr-api/create-task-request-sms.json')
const taskId: string = smsTask.taskId
const create = (change: object = {}, key?: string) => ask('POST', '/drapi/v1/tasks', { ...smsTask, ...change }, key)
const created = async () => expect(await create()).toMatchObject({ status: 201 })
const close = (code = 'CD_TASK_CUSTOMER_ABANDON') =>
  ask('POST', `/drapi/v1/tasks/${taskId}/taskAction`, {
    taskId,
    operation: 'Close',
    dispositionCode: code,
    variables: [],
  })
const control = (act: string, body: object = {}) => ask('POST', `/desk/tasks/${taskId}/${act}`, body)

async function openConversation(): Promise<string> {
  const { body } = await ask('POST', '/engage/v1/createConversation', {
    ...sample('engage/create-request-livechat.json'),
    channel: 'SMS',
    customerAddress: '+14155550123',
    bizAddress: '14155550100',
  })
  return body.conversationId
}
const aboutConversation = (conversationId: string) => ({
  variables: smsTask.variables.map((variable: Json) =>
    variable.key === 'user_DR_MediaResourceID' ? { ...variable, value: conversationId } : variable,
  ),
})
const engage = async (node: string, body: object, key?: string) =>
  (await ask('POST', `/engage/v1/${node}`, body, key)).body
/** Asks for a fault: how the next calls of that name go wrong. */
const fault = (call: string, kind: 'answer' | 'lose' | 'hang', more: object = {}) =>
  // biome-ignore lint/suspicious/noThenProperty: the word of the control contract
  ask('POST', '/desk/faults', { call, then: kind, ...more })
const inbox = async (number: string) => (await ask('GET', `/desk/handset/sms/inbox?number=${number}`)).body.items

describe('Digital Routing', () => {
  test('a task lives from create to close as the samples say, and each step is told by a webhook', async () => {
    const created = await create()
    expect(created.status).toBe(201)
    expect(created.body).toEqual(sample('dr-api/create-task-response-201.json').responsePayload)
    expect(created.headers.get('location')).toBe(`${stand.desk.url}/drapi/v1/tasks/${taskId}`)
    await idle()
    expect(told()).toEqual(['CREATED', 'QUEUED'])

    await advance(1000)
    await control('queue', { estimatedWaitTime: 180 })
    await control('route', { agentId: '5021' })
    await ask('POST', `/drapi/v1/tasks/${taskId}/taskAction`, sample('dr-api/task-action-routed-transfer.json'))
    const again = await ask('POST', '/drapi/v1/tasks', sample('dr-api/create-task-request-transfer-reinject.json'))
    expect([again.status, again.body]).toEqual([200, { taskId }])
    await control('route', { agentId: '5044' })
    expect((await close('CD_NORMAL_END_TASK')).status).toBe(200)
    await idle()

    const samples = [
      'created-sms',
      'queued-sms-first-minus-one',
      'queued-sms-ewt-180',
      'routed-sms',
      'transferred-agent',
      'created-sms-after-transfer',
      'queued-sms-first-minus-one',
      'routed-sms-second-agent',
      'closed-sms-normal',
    ].map((name) => sample(`dr-webhooks/${name}.json`))
    expect(told()).toEqual(samples.map((one) => one.eventType))
    for (const [index, webhook] of webhooks().entries()) {
      expect(Object.keys(webhook)).toEqual(Object.keys(samples[index]))
      expect(Object.keys(webhook.task).sort()).toEqual(Object.keys(samples[index].task).sort())
      expect(webhook.task).toMatchObject({ taskId, createdTime: '2026-03-02T14:00:00.000Z' })
      expect(webhook.task.state).toBe(webhook.eventType)
      expect(webhook.eventId).toMatch(/^[0-9a-f-]{36}$/)
    }
    expect(webhooks()[0].task.variables).toEqual(smsTask.variables)
    expect(webhooks()[1].task.estimatedWaitTime).toBe(-1)
    expect(webhooks()[2].task).toMatchObject({ estimatedWaitTime: 180, lastUpdatedTime: '2026-03-02T14:00:01.000Z' })
    expect(webhooks()[3].task.ownerId).toBe('5021')
    expect(webhooks()[4].task).toMatchObject({
      ownerId: '5021',
      scriptSelector: 'Billing_Tier2',
      dispositionCode: 'CD_TASK_TRANSFER',
    })
    expect(webhooks()[7].task.ownerId).toBe('5044')
    expect(webhooks()[8].task.dispositionCode).toBe('CD_NORMAL_END_TASK')
    expect(stand.runtime.requests[0]?.headers.authorization).toBe('Bearer runtime-token')
  })

  test('Get Task gives the fields of the sample, and 404 fifteen minutes after the close', async () => {
    await create()
    const { body } = await ask('GET', `/drapi/v1/tasks/${taskId}`)
    expect(Object.keys(body).sort()).toEqual(Object.keys(sample('dr-api/get-task-response.json')).sort())
    expect(body.history.map((step: Json) => step.state)).toEqual(['CREATED', 'QUEUED'])
    await close()
    await advance(15 * minute_ms - 1)
    expect((await ask('GET', `/drapi/v1/tasks/${taskId}`)).body.state).toBe('CLOSED')
    expect((await create()).body.errorCode).toBe(20200)
    await advance(1)
    const gone = await ask('GET', `/drapi/v1/tasks/${taskId}`)
    expect([gone.status, gone.body]).toEqual([404, sample('dr-api/response-404.json').responsePayload])
    expect((await create()).status).toBe(201)
  })

  test('E25: a task that exists is answered 20200, and there is still one', async () => {
    await create({}, 'key-1')
    const again = await create({}, 'key-2')
    expect([again.status, again.body]).toEqual([
      200,
      sample('dr-api/create-task-response-already-exists.json').responsePayload,
    ])
    await idle()
    expect(told()).toEqual(['CREATED', 'QUEUED'])
  })

  test('E26: the task over the queue limit is refused with 20286 and causes no webhook; its key may be tried again', async () => {
    await restart({ waiting_max: 1 })
    await create()
    const full = await create({ taskId: 'another' }, 'key-full')
    expect([full.status, full.body]).toEqual([
      503,
      sample('dr-api/create-task-response-queue-full.json').responsePayload,
    ])
    await control('route')
    expect((await create({ taskId: 'another' }, 'key-full')).status).toBe(201)
    await idle()
    expect(webhooks().filter((webhook) => webhook.task.taskId === 'another')).toHaveLength(2)
  })

  const sixteen = smsTask.variables[0]
  const filled = (key: string, length: number) => ({ key, type: 'String', value: 'é'.repeat(length) })
  test.each([
    ['E92: 40 bytes in a call variable', [sixteen, filled('cv_1', 40)], 201, undefined],
    ['E92: 41 bytes in a call variable', [sixteen, filled('cv_1', 41)], 400, 'cv_1 exceeds 40 bytes'],
    ['E93: 210 bytes in an ECC variable', [sixteen, filled('user_x', 210)], 201, undefined],
    ['E93: 211 bytes in an ECC variable', [sixteen, filled('user_x', 211)], 400, 'user_x exceeds 210 bytes'],
    ['a long extension variable', [sixteen, filled('Note', 3000)], 201, undefined],
    ['E95: cv_10', [sixteen, filled('cv_10', 1)], 201, undefined],
    ['E95: cv_0', [sixteen, filled('cv_0', 1)], 400, 'cv_0 is not a call variable: use cv_1 to cv_10'],
    ['E95: cv_11', [sixteen, filled('cv_11', 1)], 400, 'cv_11 is not a call variable: use cv_1 to cv_10'],
    ['E95: eleven of them', [sixteen, ...Array(11).fill(filled('cv_1', 1))], 400, 'more than 10 call variables'],
    ['no conversation', [], 400, 'user_DR_MediaResourceID must have 16 characters'],
    [
      'a conversation of 15',
      [{ ...sixteen, value: 'x'.repeat(15) }],
      400,
      'user_DR_MediaResourceID must have 16 characters',
    ],
  ])('task context: %s', async (_title, variables, status, problem) => {
    const answer = await create({ variables })
    expect(answer.status).toBe(status)
    if (problem) expect(answer.body).toEqual({ errorCode: 400, errorMessage: problem })
    await idle()
    expect(told()).toHaveLength(problem ? 0 : 2)
  })

  test('TR4: a task in transfer that is not created again in 15 s is closed with CD_TASK_TRANSFER_TIMEOUT', async () => {
    await create()
    await control('route')
    await control('transfer', { cause: 'CD_RING_NO_ANSWER' })
    await control('queue', {})
    await advance(14_999)
    expect(told().at(-1)).toBe('QUEUED')
    await advance(1)
    expect(webhooks().at(-1)).toMatchObject({
      eventType: 'CLOSED',
      task: { dispositionCode: 'CD_TASK_TRANSFER_TIMEOUT' },
    })
  })

  test('a transfer that was re-injected in time is not closed', async () => {
    await create()
    await control('route')
    await control('transfer')
    await advance(14_000)
    expect((await create()).status).toBe(200)
    await advance(minute_ms)
    expect(told()).not.toContain('CLOSED')
  })

  test('a close brings its variables into the CLOSED webhook, and a second close is tolerated', async () => {
    await create()
    const cancel = sample('dr-api/task-action-close-cancel-for-callback.json')
    for (const _time of [1, 2])
      expect((await ask('POST', `/drapi/v1/tasks/${taskId}/taskAction`, cancel)).status).toBe(200)
    await idle()
    expect(told().filter((type) => type === 'CLOSED')).toHaveLength(1)
    expect(webhooks().at(-1).task.variables).toContainEqual(cancel.variables[0])
    expect((await ask('POST', '/drapi/v1/tasks/unknown/taskAction', cancel)).status).toBe(404)
  })
})

describe('webhooks', () => {
  test('a webhook that is not taken is sent again after 1, 2, 5 and 10 s with the same eventId, and later ones wait', async () => {
    stand.runtime.answer({ status: 503 })
    await created()
    await idle()
    const attempts = () => stand.runtime.requests.length
    expect(attempts()).toBe(1)
    for (const [ms, count] of [
      [999, 1],
      [1, 2],
      [2_000, 3],
      [5_000, 4],
      [10_000, 5],
      [9_999, 5],
    ] as const) {
      await advance(ms)
      expect(attempts()).toBe(count)
    }
    expect(new Set(webhooks().map((webhook) => webhook.eventId)).size).toBe(1)
    stand.runtime.answer({ status: 200 })
    await advance(1)
    expect(told().slice(5)).toEqual(['CREATED', 'QUEUED'])
  })

  test('a webhook is given up after 30 tries, and one that is refused with 4xx is not sent again', async () => {
    stand.runtime.answer(...Array(30).fill({ status: 500 }), { status: 404 })
    await created()
    await advance(10 * minute_ms)
    expect(told()).toEqual([...Array(30).fill('CREATED'), 'QUEUED'])
  })

  test('held webhooks go out in the order a tester releases them, the rest when the hold ends', async () => {
    await ask('PUT', '/desk/webhooks', { hold: true })
    await created()
    await create({ taskId: 'another' })
    await control('route')
    await control('close')
    await idle()
    expect(told()).toEqual([])
    const held = (await ask('GET', '/desk/webhooks/held')).body.items
    expect(held.map((one: Json) => one.eventType)).toEqual([
      'CREATED',
      'QUEUED',
      'ROUTED',
      'CLOSED',
      'CREATED',
      'QUEUED',
    ])

    const released = await ask('POST', '/desk/webhooks/release', { types: ['CLOSED', 'ROUTED'], task: taskId })
    expect(released.body.items.map((one: Json) => one.eventType)).toEqual(['CLOSED', 'ROUTED'])
    expect(told()).toEqual(['CLOSED', 'ROUTED'])
    await ask('PUT', '/desk/webhooks', { hold: false })
    await idle()
    const own = webhooks().filter((webhook) => webhook.task.taskId === taskId)
    expect(own.map((webhook) => webhook.eventType)).toEqual(['CLOSED', 'ROUTED', 'CREATED', 'QUEUED'])
    expect((await ask('GET', '/desk/webhooks/held')).body.items).toEqual([])
  })

  test('a released webhook that is not taken is tried again, once at a time', async () => {
    await ask('PUT', '/desk/webhooks', { hold: true })
    await created()
    stand.runtime.answer({ status: 500 }, { status: 500 }, { status: 200 })
    await ask('POST', '/desk/webhooks/release', { types: ['QUEUED'] })
    await advance(1000)
    expect(told()).toEqual(['QUEUED', 'QUEUED', 'QUEUED'])
    await advance(minute_ms)
    expect(told()).toHaveLength(3)
  })

  test('E39: duplicates are extra copies with the same eventId', async () => {
    await ask('PUT', '/desk/webhooks', { duplicate: 1 })
    await created()
    await idle()
    expect(told()).toEqual(['CREATED', 'CREATED', 'QUEUED', 'QUEUED'])
    expect(webhooks()[0].eventId).toBe(webhooks()[1].eventId)
  })
})

describe('Trouble on the way, by what is sent:', () => {
  const trouble = (what: string, how: object) => ask('PUT', `/desk/troubles/${what}`, how)

  test('a webhook that is lost never comes, the others do', async () => {
    await trouble('CREATED', { drop: true })
    await create()
    await advance(10 * minute_ms)
    expect(told()).toEqual(['QUEUED'])
    await ask('DELETE', '/desk/troubles')
    await control('route')
    await idle()
    expect(told()).toEqual(['QUEUED', 'ROUTED'])
  })

  test('a webhook that is late comes to the second, and those of its task wait behind it', async () => {
    await trouble('CREATED', { delayMs: 5_000, duplicate: 1 })
    await create()
    await advance(4_999)
    expect(told()).toEqual([])
    await advance(1)
    expect(told()).toEqual(['CREATED', 'CREATED', 'QUEUED'])
  })

  test('a webhook out of order comes right behind the next one, or after 10 s without one', async () => {
    await trouble('CREATED', { behind: true })
    await create()
    await idle()
    expect(told()).toEqual(['QUEUED', 'CREATED'])
    await trouble('ROUTED', { behind: true })
    await control('route')
    await advance(9_999)
    expect(told()).toEqual(['QUEUED', 'CREATED'])
    await advance(1)
    expect(told()).toEqual(['QUEUED', 'CREATED', 'ROUTED'])
  })

  test('what customers send is lost, late, turned round and doubled as well', async () => {
    const text = (words: string) =>
      ask('POST', '/desk/handset/sms/send', { from: '+14155550123', to: '14155550100', text: words })
    const came = () => stand.runtime.requests.map(({ body }) => (body as Json).message)
    await trouble('message', { drop: true })
    expect((await text('lost')).body).toEqual({ trouble: 'lost' })
    await trouble('message', { delayMs: 3_000 })
    expect((await text('late')).body).toEqual({ trouble: 'late' })
    await trouble('message', { behind: true })
    await text('second')
    await text('first')
    expect(came()).toEqual(['first', 'second'])
    await trouble('message', { duplicate: 1 })
    await text('twice')
    await advance(3_000)
    expect(came()).toEqual(['first', 'second', 'twice', 'twice', 'late'])
    expect((await ask('GET', '/desk/troubles')).body.items).toHaveLength(7)
    expect((await trouble('message', { delayMs: -1 })).status).toBe(400)
    expect((await trouble('another', {})).status).toBe(400)
  })
})

describe('idempotency and the journal', () => {
  test('T6: a repeated attempt gets the first answer and does nothing again; another body under its key is refused', async () => {
    const body = { ...sample('engage/create-request-livechat.json') }
    const first = await engage('createConversation', body, 'key-c')
    expect(await engage('createConversation', body, 'key-c')).toEqual(first)
    const other = await ask('POST', '/engage/v1/createConversation', { ...body, text: 'other' }, 'key-c')
    expect(other.status).toBe(422)
    const rows = (await ask('GET', '/desk/ledger?customer=chat-user-97a190')).body.items
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      call: 'createConversation',
      key: 'key-c',
      attempts: 3,
      at: '2026-03-02T14:00:00.000Z',
    })
  })

  test('attempts of one key that come at the same time are one act', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => create({}, 'key-1')))
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201, 201])
    await idle()
    expect(told()).toEqual(['CREATED', 'QUEUED'])
  })

  test('a restart changes nothing: tasks, conversations, texts, first attempts, answers to keys', async () => {
    const conversationId = await openConversation()
    const created = await create(aboutConversation(conversationId), 'key-task')
    await engage('updateConversation', { conversationId, taskId }, 'key-update')
    await engage(
      'appendConversation',
      { ...sample('engage/append-request-inbound-text.json'), conversationId },
      'key-append',
    )
    await ask('POST', '/v2/messages', sample('outbound/sms-v2.json'), 'key-send')
    await control('route')
    await engage('addParticipant', { conversationId, participantId: '5021' }, 'key-add')
    await control('say', { text: 'Hello from the agent' })
    await idle()
    const readings = [
      '/desk/tasks',
      `/desk/conversations/${conversationId}`,
      '/desk/ledger',
      '/desk/handset/sms/inbox?number=14155550123',
    ]
    const read = () => Promise.all(readings.map(async (path) => (await ask('GET', path)).body))
    const before = await read()
    const heard = stand.runtime.requests.length
    await restart()
    await idle()
    // Calls without a key are of one run only.
    before[2].items = before[2].items.filter((row: Json) => row.key !== null)
    expect(await read()).toEqual(before)
    expect(stand.runtime.requests).toHaveLength(heard)
    expect((await create(aboutConversation(conversationId), 'key-task')).body).toEqual(created.body)
  })

  test('an undelivered webhook goes out after a restart, with the eventId of its first try', async () => {
    stand.runtime.answer({ status: 503 })
    await create()
    await idle()
    const firstTry = webhooks()[0].eventId
    await stand.desk.stop()
    stand.runtime.answer({ status: 200 })
    await stand.start()
    await idle()
    expect(told()).toEqual(['CREATED', 'CREATED', 'QUEUED'])
    expect(webhooks()[1].eventId).toBe(firstTry)
  })

  test('the 15 s of a transfer run on while the desk is down', async () => {
    await create()
    await control('route')
    await control('transfer')
    await idle()
    await stand.desk.stop()
    await stand.clock.advance(20_000)
    await stand.start()
    await advance(0)
    expect(webhooks().at(-1).task.dispositionCode).toBe('CD_TASK_TRANSFER_TIMEOUT')
  })

  test('what could not be stored is not done: 503, no webhook, and the same key succeeds later', async () => {
    await stand.desk.stop()
    const lost = await connectNats({ servers: stand.natsUrl })
    await stand.start({}, { nats: lost })
    await lost.close()
    expect((await create({}, 'key-1')).status).toBe(503)
    expect((await ask('GET', '/desk/tasks')).body.items).toEqual([])
    await restart()
    expect((await create({}, 'key-1')).status).toBe(201)
    await idle()
    expect(told()).toEqual(['CREATED', 'QUEUED'])
  })

  test('an entry that is already stored is found, not written again: two desks on one journal agree', async () => {
    const second = await openDesk()
    await create({}, 'key-1')
    const other = await fetch(`${second.url}/drapi/v1/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'key-2' },
      body: JSON.stringify(smsTask),
    })
    expect(await other.json()).toMatchObject({ errorCode: 20200 })
    await second.stop()
  })
})

describe('Engage', () => {
  test('a conversation goes through the outcomes of the samples', async () => {
    const search = () => engage('searchConversation', sample('engage/search-request-sms.json'))
    expect(await search()).toEqual(sample('engage/search-response-noConversationFound.json'))
    const conversationId = await openConversation()
    expect(conversationId).toMatch(/^[0-9A-F]{16}$/)
    const found = (name: string) => ({ ...sample(`engage/search-response-${name}.json`), conversationId })
    const at = { conversationId, participantId: '5021' }
    expect(await search()).toEqual(found('conversationInQueue'))
    expect(await engage('updateConversation', { conversationId, taskId })).toEqual(
      sample('engage/update-response.json'),
    )
    expect(await engage('addParticipant', at)).toEqual(sample('engage/add-participant-response.json'))
    expect(await search()).toEqual(found('conversationActive'))
    expect(await engage('removeParticipant', at)).toEqual(sample('engage/remove-participant-response.json'))
    expect(await engage('removeParticipant', at)).toMatchObject({
      outcome: 'onRemoveParticipantFailure',
      description: '5021 is not a participant',
    })
    expect(await engage('closeConversation', { conversationId })).toEqual(sample('engage/close-response.json'))
    expect(await search()).toEqual(found('conversationClosed'))
    const append = { ...sample('engage/append-request-inbound-text.json'), conversationId }
    expect(await engage('appendConversation', append)).toMatchObject({ outcome: 'onAppendMessageFailure' })
    expect(await engage('addParticipant', at)).toMatchObject({ outcome: 'OnAddParticipantFailure' })
    expect(await engage('reopenConversation', { conversationId })).toEqual(sample('engage/reopen-response.json'))
    expect(await engage('appendConversation', append)).toMatchObject({ outcome: 'onAppendMessageSuccess' })
  })

  test('a node answers onInvalidData when a field is missing, and its failure when the conversation is unknown', async () => {
    const invalid = await ask('POST', '/engage/v1/addParticipant', { conversationId: 'x' })
    expect([invalid.status, invalid.body]).toEqual([
      400,
      { outcome: 'onInvalidData', description: 'wrong or missing: participantId' },
    ])
    const unknown = await engage('closeConversation', { conversationId: '65F2C0A91B7E4D01' })
    expect(unknown).toMatchObject({ outcome: 'onCloseConversationFailure' })
  })

  test('E3: the same customer at two assets has two conversations, and the newest at one asset is found', async () => {
    const old = await openConversation()
    const newest = await openConversation()
    const search = (businessLongcode: string) =>
      engage('searchConversation', { channel: 'SMS', businessLongcode, customerMobileNumber: '+1 415 555 0123' })
    expect((await search('14155550100')).conversationId).toBe(newest)
    expect(newest).not.toBe(old)
    expect((await search('14155550199')).outcome).toBe('noConversationFound')
  })

  test('the transcript keeps texts, announcements, form answers and attachments in order', async () => {
    const conversationId = await openConversation()
    for (const name of [
      'inbound-text',
      'outbound-bot',
      'announcement-customer-left',
      'form-response',
      'inbound-attachments',
    ]) {
      await engage('appendConversation', { ...sample(`engage/append-request-${name}.json`), conversationId })
    }
    const { transcript } = (await ask('GET', `/desk/conversations/${conversationId}`)).body
    expect(transcript.map((line: Json) => line.direction)).toEqual([
      'Inbound',
      'Inbound',
      'Outbound',
      'Announcement',
      'Inbound',
      'Inbound',
    ])
    expect(transcript[4].formResponse.title).toBe('Before we start')
    expect(transcript[5].attachments).toHaveLength(2)
  })
})

describe('handset and Connect', () => {
  test('an outbound text lies in the handset of its number, and the receipts come as the samples say', async () => {
    const message = { ...sample('outbound/sms-v2.json'), notifyUrl: `${stand.runtime.url}/v1/receipts` }
    const { status, body } = await ask('POST', '/v2/messages', message, 'key-s')
    expect(status).toBe(200)
    const { transid } = body.response[0]
    expect(body).toEqual({ response: [{ ...sample('outbound/send-response.json').response[0], transid }] })
    const { text } = message.content
    const { correlationId } = message.to[0]
    const items = [{ at: '2026-03-02T14:00:00.000Z', from: '14155550100', text, transid, correlationId }]
    expect(await inbox('+14155550123')).toEqual(items)
    expect((await ask('POST', '/v2/messages', message, 'key-s')).body).toEqual(body)
    expect(await inbox('14155550123')).toEqual(items)

    await idle()
    const receipts: Json[] = stand.runtime.requests
      .filter((request) => request.path === '/v1/receipts')
      .map((r) => r.body)
    expect(receipts).toHaveLength(2)
    for (const [index, name] of ['submitted', 'delivered'].entries()) {
      const expected = sample(`outbound/receipt-${name}.json`).deliveryInfoNotification
      const found = receipts[index].deliveryInfoNotification
      expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort())
      expect(found).toMatchObject({ transid, callbackData: message.callbackData, correlationid: correlationId })
      const { code, Description, deliveryStatus } = expected.deliveryInfo
      expect(found.deliveryInfo).toMatchObject({ code, Description, deliveryStatus, destination: '14155550123' })
    }
  })

  test('the handset sends what Connect would, and gives back what the door said', async () => {
    stand.runtime.answer({ status: 429, headers: { 'retry-after': '7' }, body: { eventId: 'e1' } })
    const text = { from: '+14155550123', to: '14155550100', text: 'Hi, I need help with my bill', tid: 'tid-1' }
    const answer = await ask('POST', '/desk/handset/sms/send', text)
    expect([answer.status, answer.body, answer.headers.get('retry-after')]).toEqual([429, { eventId: 'e1' }, '7'])
    const [heard] = stand.runtime.requests
    const expected = sample('inbound/sms-mo-first-contact.json')
    expect(heard?.path).toBe('/v1/inbound/sms')
    expect(heard?.headers.authorization).toBe('Bearer runtime-token')
    expect(Object.keys(heard?.body as Json)).toEqual(Object.keys(expected))
    const { oa, da, userId, message, channel } = expected
    expect(heard?.body).toMatchObject({
      oa,
      da,
      userId,
      message,
      channel,
      tid: 'tid-1',
      datetime: '2026-03-02 14:00:00',
    })
  })
})

describe('faults', () => {
  test('a call answers with the fault that was asked for, as often as was asked, and the key may be tried again', async () => {
    await fault('createTask', 'answer', {
      times: 2,
      status: 429,
      body: { errorMessage: 'Too many requests' },
      headers: { 'retry-after': '3' },
    })
    const first = await create({}, 'key-1')
    expect([first.status, first.body, first.headers.get('retry-after')]).toEqual([
      429,
      { errorMessage: 'Too many requests' },
      '3',
    ])
    expect((await create({}, 'key-1')).status).toBe(429)
    expect((await create({}, 'key-1')).status).toBe(201)
    const rows = (await ask('GET', `/desk/ledger?task=${taskId}`)).body.items
    expect(rows).toMatchObject([
      { call: 'createTask', key: 'key-1', attempts: 3, status: 201, customer: '+14155550123' },
    ])
  })

  test('E25: a lost answer means that the work is done, and the next attempt hears so', async () => {
    await fault('createTask', 'lose')
    await expect(create({}, 'key-1')).rejects.toThrow()
    await idle()
    expect(told()).toEqual(['CREATED', 'QUEUED'])
    expect((await create({}, 'key-1')).status).toBe(201)
    expect((await ask('GET', '/desk/ledger')).body.items).toMatchObject([{ attempts: 2 }])
  })

  test('a call that hangs is never answered and does nothing; it ends when the desk stops', async () => {
    await fault('sendMessage', 'hang')
    const hanging = ask('POST', '/v2/messages', sample('outbound/sms-v2.json'), 'key-1')
    await vi.waitFor(async () => {
      expect((await ask('GET', '/desk/ledger')).body.items).toMatchObject([
        { call: 'sendMessage', attempts: 1, status: 0 },
      ])
    })
    const ended = expect(hanging).rejects.toThrow()
    await restart()
    await ended
    expect(await inbox('14155550123')).toEqual([])
  })

  test('a fault can be meant for one customer, and faults can be taken back', async () => {
    await fault('createTask', 'answer', { times: 5, status: 500, onlyFor: '1 (415) 555-0123' })
    expect((await create({ taskId: 'another', origin: '+14155550177' })).status).toBe(201)
    expect((await create()).status).toBe(500)
    await ask('DELETE', '/desk/faults')
    expect((await create()).status).toBe(201)
  })
})

describe('the automatic agent and estimates', () => {
  test('takes a waiting task, answers each message of the customer, and closes after a few', async () => {
    await restart({ automatic: true })
    const conversationId = await openConversation()
    await create(aboutConversation(conversationId))
    await advance(2_999)
    expect(told()).not.toContain('ROUTED')
    await advance(1)
    expect(webhooks().at(-1)).toMatchObject({ eventType: 'ROUTED', task: { ownerId: '5021' } })

    const append = { ...sample('engage/append-request-inbound-text.json'), conversationId }
    for (const count of [1, 2]) {
      await engage('appendConversation', append)
      await advance(1_500)
      expect(await inbox('14155550123')).toHaveLength(count)
    }
    await restart({ automatic: true })
    await engage('appendConversation', append)
    await advance(1_500)
    expect(await inbox('14155550123')).toHaveLength(3)
    expect(told().at(-1)).toBe('ROUTED')
    await advance(1_500)
    expect(webhooks().at(-1)).toMatchObject({ eventType: 'CLOSED', task: { dispositionCode: 'CD_NORMAL_END_TASK' } })
    const { transcript } = (await ask('GET', `/desk/conversations/${conversationId}`)).body
    expect(transcript.filter((line: Json) => line.by === '5021')).toHaveLength(3)
  })

  test('is switched on and off while it runs', async () => {
    await create()
    await advance(minute_ms)
    expect(told()).toEqual(['CREATED', 'QUEUED'])
    const { body } = await ask('PUT', '/desk/agents/automatic', { automatic: true, answerAfterMs: 90_000 })
    expect(body).toMatchObject({ automatic: true, answerAfterMs: 90_000, replyAfterMs: 1_500 })
    await advance(29_999)
    expect(told()).not.toContain('ROUTED')
    await advance(1)
    expect(told()).toContain('ROUTED')
  })

  test('ends a web callback with CD_NORMAL_END_TASK and no ROUTED', async () => {
    await restart({ automatic: true })
    await ask('POST', '/drapi/v1/tasks', sample('dr-api/create-task-request-web-callback.json'))
    await advance(3_000)
    expect(told()).toEqual(['CREATED', 'QUEUED', 'QUEUED', 'CLOSED'])
  })

  test('an estimate comes a second after queueing, and again when it moved by 30 s, once a minute at most', async () => {
    await restart({ estimates: true })
    for (const id of ['first', 'second', 'third']) await create({ taskId: id })
    const estimates = () =>
      webhooks()
        .filter(({ eventType, task }) => eventType === 'QUEUED' && task.taskId === 'third')
        .map(({ task }) => task.estimatedWaitTime)
    await advance(1_000)
    expect(estimates()).toEqual([-1, 120])
    await ask('POST', '/desk/tasks/first/route', {})
    await advance(59_999)
    expect(estimates()).toEqual([-1, 120])
    await advance(1)
    expect(estimates()).toEqual([-1, 120, 60])
    await advance(5 * minute_ms)
    expect(estimates()).toEqual([-1, 120, 60])
  })

  test('E42: a tester may say any estimate, or none, and change the context', async () => {
    await create()
    for (const estimatedWaitTime of [0, '170', 'n/a', null, undefined]) await control('queue', { estimatedWaitTime })
    await control('queue', { variables: [{ key: 'cv_3', value: 'Gold' }] })
    await idle()
    expect(
      webhooks()
        .slice(2)
        .map(({ task }) => task.estimatedWaitTime),
    ).toEqual([0, '170', 'n/a', null, undefined, undefined])
    expect(webhooks().at(-1).task.variables).toEqual([
      ...smsTask.variables,
      { key: 'cv_3', type: 'String', value: 'Gold' },
    ])
  })
})

describe("Parley's own adapters", () => {
  test('agree with the desk in every call', async () => {
    const farSide = farSideAt(stand.desk.url)
    let turn = 0
    const perform = async (adapter: Adapter, effect: Effect): Promise<Json> => {
      turn += 1
      return adapter.perform(effect, callOf(`effect-${turn}`))
    }
    const address: Address = { channel: 'sms', asset: '14155550100', customer: '+14155550123' }
    const at = '2026-03-02T14:00:00.000Z'
    const store = engageAdapter(farSide)
    const nobody = await perform(store, { type: 'searchConversation', payload: { address } })
    expect(nobody.outcome).toBe('noConversationFound')
    const names = { customerName: '', customerEmail: '' }
    const opening: Effect = { type: 'createConversation', payload: { address, text: 'Hi', at, ...names } }
    const { conversationId } = await perform(store, opening)
    const task: Effect<'createTask'> = {
      type: 'createTask',
      payload: {
        taskId,
        address,
        origin: address.customer,
        customerId: address.customer,
        mediaType: 'Social',
        mediaChannel: 'SMS',
        scriptSelector: 'Billing',
        variables: [{ key: 'user_DR_MediaResourceID', value: conversationId }],
      },
    }
    const routing = digitalRouting(farSide)
    expect(await perform(routing, task)).toEqual({ how: 'created' })
    expect(await perform(routing, task)).toEqual({ how: 'existed' })
    await control('route')
    const agent = { conversationId, agentId: '5021' }
    await perform(store, { type: 'updateConversation', payload: { conversationId, taskId } })
    await perform(store, { type: 'addParticipant', payload: agent })
    const line = { address, conversationId, direction: 'Inbound' as const, text: 'Still there?', at }
    await perform(store, { type: 'appendConversation', payload: line })
    await control('transfer')
    await perform(store, { type: 'removeParticipant', payload: agent })
    await perform(store, { type: 'removeParticipant', payload: agent })
    expect(await perform(routing, task)).toEqual({ how: 'reinjected' })
    const end = { taskId, disposition: 'CD_TASK_CUSTOMER_ABANDON', variables: [] }
    await perform(routing, { type: 'endTask', payload: end })
    await perform(store, { type: 'closeConversation', payload: { conversationId } })
    await perform(store, { type: 'reopenConversation', payload: { conversationId } })
    const found = await perform(store, { type: 'searchConversation', payload: { address } })
    expect(found).toMatchObject({ outcome: 'conversationInQueue', conversationId })

    const message = {
      actor: '0123456789abcdef',
      address,
      conversationId,
      purpose: 'created',
      text: 'Hello',
      appId: 'app',
    }
    await perform(connect(farSide, `${stand.runtime.url}/`), { type: 'sendMessage', payload: message })
    await idle()
    for (const webhook of webhooks()) expect(webhookDoor.parse(webhook, at)).toMatchObject({ kind: 'task' })
    const receipts = stand.runtime.requests.filter(({ path }) => path === '/v1/receipts')
    expect(receipts.map(({ body }) => receiptsDoor.parse(body, at))).toMatchObject([
      { kind: 'receipt', actor: message.actor, event: { status: 'Submitted' } },
      { kind: 'receipt', actor: message.actor, event: { status: 'Delivered' } },
    ])
    const rows = (await ask('GET', `/desk/ledger?conversation=${conversationId}`)).body.items
    expect(rows.map((row: Json) => row.call)).toContain('sendMessage')
  })
})

describe('the words of an agent', () => {
  const card = '4111 1111 1111 1111'
  const journal = async () => {
    const manager = await jetstreamManager(stand.nats)
    const { state } = await manager.streams.info('DESK')
    const all = Array.from({ length: state.last_seq }, (_, i) => manager.streams.getMessage('DESK', { seq: i + 1 }))
    return (await Promise.all(all)).map((entry) => entry?.string() ?? '').join('\n')
  }

  test('E111, SM13: card data is masked before the journal, the transcript and the handset have it', async () => {
    const conversationId = await openConversation()
    await create(aboutConversation(conversationId))
    await control('route')
    const said = await control('say', { text: `You gave me ${card}, exp 12/27, cvv 123. Right?` })
    const masked = 'You gave me **** **** **** 1111, exp **/**, cvv ***. Right?'
    expect([said.status, said.body]).toEqual([200, { text: masked }])
    const { transcript } = (await ask('GET', `/desk/conversations/${conversationId}`)).body
    expect(transcript.at(-1)).toMatchObject({ text: masked, by: '5021' })
    expect((await inbox('14155550123')).map(({ text }: Json) => text)).toEqual([masked])
    const stored = await journal()
    expect(stored).toContain(masked)
    expect(stored).not.toMatch(/4111|12\/27|cvv 123/)
  })

  test('E101: other numbers are left as they were written', async () => {
    const conversationId = await openConversation()
    await create(aboutConversation(conversationId))
    await control('route')
    const text = 'Order 5512-0098-1120 of 03/02/2026, $1,249.00. Call +14155550123.'
    expect((await control('say', { text })).body).toEqual({ text })
  })

  test('E111: so it is in a journal entry of every agent, the automatic one included', () => {
    const task = { taskId, conversationId: 'c', mediaChannel: 'SMS', mediaType: 'Social' } as Task
    for (const automatic of [false, true]) {
      const { data } = sayAsAgent(
        emptyFloor(),
        task,
        { written: card, automatic, hasLine: () => false },
        '2026-03-02T14:00:00.000Z',
      )
      expect([data.line.text, ...data.texts.map(({ text }) => text)]).toEqual(Array(2).fill('**** **** **** 1111'))
    }
  })

  test('what the runtime sends is the bot’s own or masked already, and goes out as it is', async () => {
    const message = sample('outbound/sms-v2.json')
    await ask('POST', '/v2/messages', { ...message, content: { ...message.content, text: card } }, 'key-own')
    expect((await inbox('14155550123')).map(({ text }: Json) => text)).toEqual([card])
  })
})

describe('control', () => {
  test('an act that does not fit the state is refused in one sentence', async () => {
    expect((await control('route')).body).toEqual({ error: 'there is no such task' })
    await create()
    const early = await control('transfer')
    expect([early.status, early.body.error]).toEqual([409, 'transfer needs a task in state ROUTED; this one is QUEUED'])
    const wrong = await control('close', { disposition: 'x' })
    expect(wrong.status).toBe(400)
  })

  test('the terminal hears what happens, by names and ids only', async () => {
    await stand.desk.stop()
    const lines: string[] = []
    await stand.start({}, { onEvent: ({ line }) => lines.push(line) })
    const conversationId = await openConversation()
    await create(aboutConversation(conversationId))
    await control('route')
    await control('say', { text: 'a secret' })
    await idle()
    expect(lines).toContain(`task ${taskId} ROUTED (Billing, agent 5021)`)
    expect(lines.join('\n')).not.toContain('secret')
  })
})
