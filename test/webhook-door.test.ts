/**
 * The door of Digital Routing's webhooks over the samples: what each becomes, what is tolerated, and what is refused.
 */
import { describe, expect, test } from 'vitest'
import { webhookDoor } from '../adapters/digital-routing/webhook-door.ts'
import { type Body, errorsOf, eventOf, heard, malformed, receivedAt } from './heard.ts'
import { sample, samplesIn } from './samples.ts'

describe('the Digital Routing door', () => {
  interface Webhook extends Body {
    eventId: string
    eventType: string
    eventTime: string
    task: Body & { taskId: string; destination: string; origin: string; variables: { key: string; value: string }[] }
  }
  const webhook = (name: string) => sample<Webhook>(`dr-webhooks/${name}.json`)
  const withTask = (name: string, change: Body, envelope: Body = {}) => {
    const body = webhook(name)
    return { ...body, ...envelope, task: { ...body.task, ...change } }
  }
  const typeNames: Record<string, string> = {
    CREATED: 'task.created',
    QUEUED: 'task.queued',
    ROUTED: 'task.routed',
    TRANSFERRED: 'task.transferred',
    CLOSED: 'task.closed',
  }

  test.each(samplesIn('dr-webhooks').map((path) => ({ path })))('reads $path', ({ path }) => {
    const body = sample<Webhook>(path)
    const { task } = body
    const variables = Object.fromEntries(task.variables.map(({ key, value }) => [key, value]))
    const mediaResourceId = variables.user_DR_MediaResourceID
    expect(heard(webhookDoor, body)).toMatchObject({
      kind: 'task',
      task: { actor: undefined, taskId: task.taskId, destination: task.destination, origin: task.origin },
      event: {
        type: typeNames[body.eventType],
        id: body.eventId,
        at: body.eventTime,
        taskId: task.taskId,
        scriptSelector: task.scriptSelector,
        variables,
        ...(mediaResourceId === undefined ? {} : { mediaResourceId }),
      },
    })
  })

  test.each([
    { name: 'routed-sms', expected: { agentId: '5021' } },
    { name: 'routed-sms-second-agent', expected: { agentId: '5044' } },
    { name: 'transferred-agent', expected: { agentId: '5021', cause: 'CD_TASK_TRANSFER' } },
    { name: 'transferred-rona', expected: { agentId: '5021', cause: 'CD_RING_NO_ANSWER' } },
    { name: 'closed-sms-normal', expected: { disposition: 'CD_NORMAL_END_TASK' } },
    { name: 'closed-unknown-code', expected: { disposition: 'CD_SOMETHING_NEW' } },
    { name: 'queued-sms-first-no-ewt', expected: { estimatedWaitSeconds: null } },
    { name: 'queued-sms-first-minus-one', expected: { estimatedWaitSeconds: null } },
    { name: 'queued-sms-ewt-zero', expected: { estimatedWaitSeconds: 0 } },
    { name: 'queued-sms-ewt-180', expected: { estimatedWaitSeconds: 180 } },
    { name: 'queued-sms-ewt-string', expected: { estimatedWaitSeconds: 170 } },
    { name: 'queued-sms-ewt-garbage', expected: { estimatedWaitSeconds: null } },
    { name: 'queued-sms-context-update-no-ewt', expected: { estimatedWaitSeconds: null } },
  ])('$name says $expected', ({ name, expected }) => {
    expect(eventOf(webhookDoor, webhook(name))).toMatchObject(expected)
  })

  test('A40: a missing media resource id is left out', () => {
    expect(eventOf(webhookDoor, webhook('routed-missing-media-resource'))).not.toHaveProperty('mediaResourceId')
  })

  test.each<[unknown, number | null]>([
    [90.5, 90.5],
    [' 170.25 ', 170.25],
    ['', null],
    ['-1', null],
    [-7, null],
    ['NaN', null],
    [null, null],
    [true, null],
    [[180], null],
    [{ seconds: 180 }, null],
  ])('A15: an estimated wait of %o is %o', (estimatedWaitTime, estimatedWaitSeconds) => {
    const body = withTask('queued-sms-ewt-180', { estimatedWaitTime })
    expect(eventOf(webhookDoor, body)).toMatchObject({ estimatedWaitSeconds })
  })

  test.each<[Body, string | undefined]>([
    [{ mediaChannel: 'SMS', mediaType: 'Social' }, 'sms'],
    [{ mediaChannel: 'sms', mediaType: undefined }, 'sms'],
    [{ mediaChannel: 'Live Chat/In App Messaging' }, 'live-chat'],
    [{ mediaChannel: 'Web Callback', mediaType: 'Web Callback' }, 'live-chat'],
    [{ mediaChannel: 'Email' }, 'email'],
    [{ mediaChannel: undefined, mediaType: 'Social' }, 'sms'],
    [{ mediaChannel: '', mediaType: 'Chat' }, 'live-chat'],
    [{ mediaChannel: 'Facebook Messenger', mediaType: 'Social' }, undefined],
    [{ mediaChannel: 'constructor', mediaType: 'Social' }, undefined],
  ])('DE5: media %o is the channel %s', (media, channel) => {
    expect(heard(webhookDoor, withTask('created-sms', media))).toMatchObject({ task: { channel } })
  })

  test('names are matched whatever their case, in the task and among its variables', () => {
    const { ownerId: _, variables: __, ...task } = webhook('routed-sms').task
    const body = {
      EventID: 'e-1',
      EventType: 'routed',
      Task: {
        ...task,
        OwnerID: 5021,
        Variables: [
          { Key: 'USER_DR_MEDIARESOURCEID', Value: '65F2C0A91B7E4D01' },
          { key: 'parleyactor', value: '00112233aabbccdd' },
        ],
      },
    }
    expect(heard(webhookDoor, body)).toMatchObject({
      task: { actor: '00112233aabbccdd' },
      event: { id: 'e-1', type: 'task.routed', agentId: '5021', mediaResourceId: '65F2C0A91B7E4D01' },
    })
  })

  test('values of variables are strings, whatever they were; entries without a name are passed over', () => {
    const variables = [
      { key: 'n', value: 7 },
      { key: 'nothing', value: null },
      { key: 'absent' },
      { key: 'list', value: ['a'] },
      { key: '__proto__', value: 'x' },
      { value: 'nameless' },
      null,
      'text',
    ]
    const event = eventOf(webhookDoor, withTask('created-sms', { variables }))
    const expected = new Map([
      ['n', '7'],
      ['nothing', ''],
      ['absent', ''],
      ['list', '["a"]'],
    ])
    expect('variables' in event && new Map(Object.entries(event.variables))).toEqual(expected)
    for (const unusual of [undefined, null, 'NA', {}]) {
      expect(eventOf(webhookDoor, withTask('created-sms', { variables: unusual }))).toMatchObject({ variables: {} })
    }
  })

  test('E40: the time of the task counts, then that of the webhook, then that of its arrival', () => {
    const times = { lastUpdatedTime: '2026-03-02T14:01:00Z' }
    const at = (change: Body, envelope: Body) => eventOf(webhookDoor, withTask('created-sms', change, envelope))
    expect(at(times, {})).toMatchObject({ at: '2026-03-02T14:01:00.000Z' })
    expect(at({ lastUpdatedTime: undefined }, {})).toMatchObject({ at: '2026-03-02T14:06:30.000Z' })
    expect(at({ lastUpdatedTime: null }, { eventTime: 'NA' })).toMatchObject({ at: receivedAt })
  })

  test('E39: without an event id the same webhook gets the same id', () => {
    const body = { ...webhook('queued-sms-ewt-180'), eventId: undefined }
    const { id } = eventOf(webhookDoor, body)
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    const reversed = { ...body, task: { ...body.task, variables: [...body.task.variables].reverse() } }
    expect(eventOf(webhookDoor, { ...reversed, eventTime: '2026-03-02T20:00:00Z' }).id).toBe(id)
  })

  test.each<{ title: string; change: Body; envelope?: Body }>([
    { title: 'another task', change: { taskId: '1a2b3c4d-0001-4ca9-8260-d0283bfb5fa4' } },
    { title: 'another type', change: {}, envelope: { eventType: 'CREATED' } },
    { title: 'another agent', change: { ownerId: '5044' } },
    { title: 'another disposition', change: { dispositionCode: 'CD_TASK_TRANSFER' } },
    { title: 'another selector', change: { scriptSelector: 'Billing_Tier2' } },
    { title: 'another wait', change: { estimatedWaitTime: 120 } },
    { title: 'another time', change: { lastUpdatedTime: '2026-03-02T15:00:00Z' } },
    { title: 'another context', change: { variables: [{ key: 'cv_1', value: 'Gold' }] } },
  ])('without an event id $title makes another id', ({ change, envelope }) => {
    const anonymous = { eventId: '' }
    const base = eventOf(webhookDoor, withTask('queued-sms-ewt-180', {}, anonymous))
    expect(eventOf(webhookDoor, withTask('queued-sms-ewt-180', change, { ...anonymous, ...envelope })).id).not.toBe(
      base.id,
    )
  })

  test.each<{ title: string; body: unknown; reason: RegExp }>([
    {
      title: 'E8: an unknown event type',
      body: withTask('created-sms', {}, { eventType: 'PAUSED' }),
      reason: /eventType/,
    },
    { title: 'a ROUTED without its agent', body: withTask('routed-sms', { ownerId: null }), reason: /ownerId/ },
  ])('$title is set aside, not refused', ({ body, reason }) => {
    expect(heard(webhookDoor, body)).toEqual({
      kind: 'unhandled',
      eventId: (body as Webhook).eventId,
      reason: expect.stringMatching(reason),
    })
  })

  test('a TRANSFERRED that names nobody has no agent to remove', () => {
    const body = withTask('transferred-rona', { ownerId: undefined })
    expect(eventOf(webhookDoor, body)).toMatchObject({ agentId: '', cause: 'CD_RING_NO_ANSWER' })
  })

  test.each<{ title: string; body: unknown; errors: object[] }>([
    { title: 'a list', body: [], errors: malformed('', 'an array', 'a JSON object') },
    { title: 'no task', body: { eventType: 'CREATED' }, errors: malformed('task', 'nothing', 'a JSON object') },
    {
      title: 'no task id',
      body: withTask('created-sms', { taskId: '' }),
      errors: malformed('task.taskId', 'an empty string'),
    },
    {
      title: 'no event type',
      body: withTask('created-sms', {}, { eventType: undefined }),
      errors: malformed('eventType', 'nothing'),
    },
  ])('refuses $title', ({ body, errors }) => {
    expect(errorsOf(webhookDoor, body)).toEqual(errors)
  })
})
