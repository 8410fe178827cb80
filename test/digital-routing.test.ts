/**
 * The Digital Routing adapter against its samples: bodies field by field, and what each of its answers means.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { digitalRouting } from '../adapters/digital-routing/digital-routing.ts'
import type { Effect, PayloadOf, TaskRequest } from '../machines/effects.ts'
import type { Channel } from '../machines/events.ts'
import { adapterContract, callOf, customer_words, effectErrorOf, farSideAt } from './adapter-contract.ts'
import { type Reply, type StandIn, standIn } from './far-side.ts'
import { sample, samplesIn } from './samples.ts'

const channelOf: Record<string, Channel> = { SMS: 'sms', Email: 'email' }

/** The effect that should make this sample. */
function createTaskOf(path: string): Effect<'createTask'> {
  const { destination, ...task } = sample<TaskRequest & { destination: string }>(path)
  const { taskId, origin, customerId, mediaType, mediaChannel, scriptSelector, variables } = task
  return {
    type: 'createTask',
    payload: {
      taskId,
      address: { channel: channelOf[mediaChannel] ?? 'live-chat', asset: destination, customer: origin },
      origin,
      customerId,
      mediaType,
      mediaChannel,
      scriptSelector,
      variables: variables.map(({ key, value }) => ({ key, value })),
    },
  }
}

function endTaskOf(path: string): Effect<'endTask'> {
  const { taskId, dispositionCode, variables } = sample<{ dispositionCode: string } & PayloadOf<'endTask'>>(path)
  const payload: PayloadOf<'endTask'> = {
    taskId,
    disposition: dispositionCode,
    variables: variables.map(({ key, value }) => ({ key, value })),
  }
  return { type: 'endTask', payload }
}

const checkTask: Effect<'checkTask'> = { type: 'checkTask', payload: { taskId: 'task-1' } }
const createTask = createTaskOf('dr-api/create-task-request-sms.json')
const endTask = endTaskOf('dr-api/task-action-close-normal.json')

adapterContract('Digital Routing', {
  adapter: digitalRouting,
  effects: [
    { ...createTask, payload: { ...createTask.payload, variables: [{ key: 'cv_1', value: customer_words }] } },
    endTask,
    checkTask,
  ],
  agrees: () => ({ status: 200, body: {} }),
})

describe('the Digital Routing adapter', () => {
  let far: StandIn
  beforeAll(async () => {
    far = await standIn()
  })
  afterEach(() => {
    far.requests.length = 0
  })
  afterAll(() => far.close())
  const perform = (effect: Effect, reply: Reply, call = callOf()) => {
    far.answer(reply)
    return digitalRouting(farSideAt(far.url)).perform(effect, call)
  }

  test.each(samplesIn('dr-api', 'create-task-request-').map((path) => ({ path })))(
    'TR3, A2, DE5: the body of create task equals $path',
    async ({ path }) => {
      const expected = sample<{ trackingId: string }>(path)
      await perform(createTaskOf(path), { status: 201, body: {} }, { ...callOf(), trackingId: expected.trackingId })
      expect(far.requests[0]?.path).toBe('/drapi/v1/tasks')
      expect(far.requests[0]?.text).toBe(JSON.stringify(expected))
    },
  )

  test.each(samplesIn('dr-api', 'task-action-close-').map((path) => ({ path })))(
    'SM11: the body of end task equals $path',
    async ({ path }) => {
      await perform(endTaskOf(path), { status: 200, body: {} })
      expect(far.requests[0]?.path).toBe(`/drapi/v1/tasks/${sample(path).taskId}/taskAction`)
      expect(far.requests[0]?.text).toBe(JSON.stringify(sample(path)))
    },
  )

  test('a tracking id without a UUID becomes one, the same every time and another for another', async () => {
    for (const trackingId of ['actor-1:turn-4', 'actor-1:turn-4', 'actor-1:turn-5']) {
      await perform(createTask, { status: 201 }, { ...callOf(), trackingId })
    }
    const ids = far.requests.map(({ body }) => (body as { trackingId: string }).trackingId)
    expect(ids[0]).toMatch(/^WebexConnect_[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(ids[1]).toBe(ids[0])
    expect(ids[2]).not.toBe(ids[0])
  })

  /** The samples wrap what goes over the wire as status and payload. */
  const replyOf = (name: string): Reply => {
    const { httpStatus, responsePayload } = sample<{ httpStatus: number; responsePayload: object }>(
      `dr-api/${name}.json`,
    )
    return { status: httpStatus, body: responsePayload }
  }

  test.each([
    { title: 'a new task is created', reply: replyOf('create-task-response-201'), how: 'created' },
    { title: 'TR3: 200 means re-injected', reply: replyOf('create-task-response-200-reinjected'), how: 'reinjected' },
    { title: 'E25: 20200 means existed', reply: replyOf('create-task-response-already-exists'), how: 'existed' },
    { title: '20200 as a string, at 409, too', reply: { status: 409, body: { errorCode: '20200' } }, how: 'existed' },
    { title: '201 without a body is created', reply: { status: 201 }, how: 'created' },
    {
      title: '200 in plain text is re-injected',
      reply: { status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK' },
      how: 'reinjected',
    },
  ])('create task: $title', async ({ reply, how }) => {
    expect(await perform(createTask, reply)).toEqual({ how })
  })

  test.each([
    {
      title: 'E26: 20286 at 503 is queue full, for good',
      reply: replyOf('create-task-response-queue-full'),
      family: 'terminal',
      code: 'queueFull',
    },
    {
      title: '20286 at 200 is queue full as well',
      reply: { status: 200, body: { errorCode: 20286 } },
      family: 'terminal',
      code: 'queueFull',
    },
    {
      title: 'another error code at 200 is no agreement',
      reply: { status: 200, body: { errorCode: 20299 } },
      family: 'terminal',
      code: 'refused',
    },
    { title: 'E28: a limit exceeded', reply: replyOf('response-400'), family: 'terminal', code: 'refused' },
    { title: 'E30: not found', reply: replyOf('response-404'), family: 'terminal', code: 'notFound' },
    { title: 'E27: too many requests', reply: replyOf('response-429'), family: 'retryable', code: 'tooManyRequests' },
    { title: 'E30: unavailable', reply: replyOf('response-503'), family: 'retryable', code: 'serviceUnavailable' },
  ])('create task: $title', async ({ reply, family, code }) => {
    expect(await effectErrorOf(perform(createTask, reply))).toMatchObject({ family, code })
  })

  test('end task: 200 is an acknowledgement, and 404 says that the task is gone', async () => {
    expect(await perform(endTask, replyOf('task-action-response-200'))).toEqual({})
    expect(await effectErrorOf(perform(endTask, replyOf('response-404')))).toMatchObject({ code: 'notFound' })
  })

  test('E41: a task that is asked for is heard as the webhook of its state', async () => {
    const reply: Reply = { status: 200, body: sample('dr-api/get-task-response.json') }
    expect(await perform(checkTask, reply)).toMatchObject({
      heard: { type: 'task.queued', taskId: 'task-1', estimatedWaitSeconds: 180, at: '2026-03-02T14:06:31.000Z' },
    })
    expect(far.requests[0]).toMatchObject({ method: 'GET', path: '/drapi/v1/tasks/task-1' })
  })

  test.each([
    ['E41: an unknown task is closed: it is forgotten 15 minutes after', { status: 404 }, { type: 'task.closed' }],
    ['a state that no webhook speaks of says nothing', { status: 200, body: { state: 'DREAMING' } }, undefined],
    ['an answer without a state says nothing', { status: 200, body: {} }, undefined],
  ] as [string, Reply, object | undefined][])('%s', async (_title, reply, heard) => {
    const { heard: found } = (await perform(checkTask, reply)) as { heard?: object }
    if (heard) expect(found).toMatchObject(heard)
    else expect(found).toBeUndefined()
  })
})
