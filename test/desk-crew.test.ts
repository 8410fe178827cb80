/**
 * The desk as a small contact centre: people with skills and states, lines of waiting tasks, offers, wrap-up, limits and
 * calls. A real desk over HTTP on a real broker; time is virtual. Whoever created a task that comes back creates it again, as
 * the runtime does.
 */
import { get } from 'node:http'
import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import type { Agent } from '../adapters/desk/entries.ts'
import { openDeskDoor } from '../runtime/desk-door.ts'
import { deskStand } from './desk-stand.ts'
import { sample as typedSample } from './samples.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a foreign program would read them
type Json = any

const stand = deskStand()
const { ask, advance, idle, restart } = stand
const sms: Json = typedSample('dr-api/create-task-request-sms.json')
const callback: Json = typedSample('dr-api/create-task-request-web-callback.json')
const second_ms = 1_000
const minute_ms = 60_000

const create = async (taskId: string, change: object = {}) => {
  const { status } = await ask('POST', '/drapi/v1/tasks', { ...sms, taskId, ...change })
  await idle()
  return status
}
const chat = { mediaType: 'Chat', mediaChannel: 'Live Chat/In App Messaging' }
const told = (taskId: string): Json[] =>
  stand.runtime.requests
    .filter((r) => r.path.includes('webhooks'))
    .map((r): Json => r.body)
    .filter(({ task }) => task.taskId === taskId)
const types = (taskId: string) => told(taskId).map(({ eventType }) => eventType)
const task = async (taskId: string) => (await ask('GET', `/desk/tasks/${taskId}`)).body
const ownerOf = async (taskId: string) => {
  const { state, ownerId } = await task(taskId)
  return state === 'ROUTED' ? ownerId : undefined
}

interface Person {
  own(method: string, path: string, body?: object): Promise<{ status: number; body: Json }>
  on(taskId: string, act: string, body?: object): Promise<{ status: number; body: Json }>
  says(state: Agent['state'], reason?: string): Promise<void>
  activity(): Promise<string>
}

const asAgent = async (token: string, method: string, path: string, body?: object) => {
  const answer = await fetch(`${stand.desk.url}/desk/agent/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const result = { status: answer.status, body: (await answer.json()) as Json }
  await idle()
  return result
}

/** An agent who has a token; ready, unless told otherwise. */
async function person(id: string, fields: object = {}, state: Agent['state'] = 'ready'): Promise<Person> {
  await ask('PUT', `/desk/agents/${id}`, { capacity: { Social: 1 }, ...fields })
  const { token } = (await ask('POST', `/desk/agents/${id}/token`)).body
  const own: Person['own'] = (method, path, body) => asAgent(token, method, path, body)
  const says: Person['says'] = async (now, reason) => {
    expect((await own('PUT', 'state', { state: now, ...(reason && { reason }) })).status).toBe(200)
  }
  if (state !== 'loggedOut') await says(state)
  return {
    own,
    says,
    on: (taskId, act, body = {}) => own('POST', `tasks/${taskId}/${act}`, body),
    activity: async () => (await own('GET', 'me')).body.activity,
  }
}
/** Sends a path as it is: `fetch` would tidy it. */
const rawStatus = (url: string, path: string, token: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const { hostname: host, port } = new URL(url)
    const headers = { authorization: `Bearer ${token}` }
    get({ host, port, path, headers }, (answer) => resolve(answer.resume().statusCode)).on('error', reject)
  })
const queue = (selector: string, fields: object) => ask('PUT', `/desk/queues/${selector}`, fields)

describe('who gets a task', () => {
  test('an agent goes through reserved, talking and wrap-up, and what is outside hears what Digital Routing tells', async () => {
    const ana = await person('ana')
    expect(await ana.activity()).toBe('ready')
    await create('t1')
    expect(await ana.activity()).toBe('reserved')
    expect(told('t1').at(-1)).toMatchObject({ eventType: 'ROUTED', task: { ownerId: 'ana' } })
    expect(Object.keys(told('t1').at(-1).task).sort()).toEqual(
      Object.keys((typedSample('dr-webhooks/routed-sms.json') as Json).task).sort(),
    )
    expect((await ana.on('t1', 'say', { text: 'Hi' })).body.error).toBe('accept this task first')
    await ana.on('t1', 'accept')
    expect(await ana.activity()).toBe('talking')
    await ana.on('t1', 'close', { dispositionCode: 'CD_NORMAL_END_TASK' })
    expect(told('t1').at(-1)).toMatchObject({ eventType: 'CLOSED', task: { dispositionCode: 'CD_NORMAL_END_TASK' } })
    expect(await ana.activity()).toBe('wrapUp')
    await create('t2')
    await advance(30 * second_ms - 1)
    expect(await ownerOf('t2')).toBeUndefined()
    await advance(1)
    expect(await ownerOf('t2')).toBe('ana')
  })

  test('wrap-up ends when the agent says so', async () => {
    const ana = await person('ana')
    await create('t1')
    await ana.on('t1', 'accept')
    await create('t2')
    await ana.on('t1', 'close')
    expect(await ownerOf('t2')).toBeUndefined()
    await ana.own('POST', 'wrapped', {})
    expect(await ownerOf('t2')).toBe('ana')
  })

  test('the agent idle the longest is offered the next task', async () => {
    for (const id of ['ana', 'ben', 'cem']) {
      await person(id, { capacity: { Social: 2 } })
      await advance(second_ms)
    }
    for (const id of ['t1', 't2', 't3', 't4']) {
      await create(id)
      await advance(second_ms)
    }
    const owners = await Promise.all(['t1', 't2', 't3', 't4'].map(ownerOf))
    expect(owners).toEqual(['ana', 'ben', 'cem', 'ana'])
  })

  test('a task goes to an agent with the skill of its queue, and waits while there is none', async () => {
    await person('ana', { skills: ['money'] })
    await person('ben', { skills: ['Support'] })
    await queue('Billing', { skill: 'money' })
    await create('t1')
    await create('t2', { scriptSelector: 'Support' })
    await create('t3', { scriptSelector: 'Sales' })
    expect([await ownerOf('t1'), await ownerOf('t2'), await ownerOf('t3')]).toEqual(['ana', 'ben', undefined])
    await ask('PUT', '/desk/agents/cem', { skills: ['Sales'] })
    expect(await ownerOf('t3')).toBeUndefined()
  })

  test('an agent has as many tasks of a media type at once as its capacity says, and no more', async () => {
    await person('ana', { capacity: { Social: 1, Chat: 2, Email: 0 } })
    await create('s1')
    await create('s2')
    for (const id of ['c1', 'c2', 'c3']) await create(id, chat)
    await create('m1', { mediaType: 'Email', mediaChannel: 'Email' })
    const owned = await Promise.all(['s1', 's2', 'c1', 'c2', 'c3', 'm1'].map(ownerOf))
    expect(owned).toEqual(['ana', undefined, 'ana', 'ana', undefined, undefined])
  })

  test('tasks leave the line by priority of queue and task, then by age', async () => {
    const ana = await person('ana', { capacity: { Social: 1 } }, 'notReady')
    await queue('Vip', { priority: 1, wrapUpMs: 0 })
    await queue('Billing', { wrapUpMs: 0 })
    for (const [id, scriptSelector] of [
      ['old', 'Billing'],
      ['young', 'Billing'],
      ['vip', 'Vip'],
      ['raised', 'Billing'],
    ] as const) {
      await create(id, { scriptSelector })
      await advance(second_ms)
    }
    await ask('POST', '/desk/tasks/raised/priority', { priority: 2 })
    await ana.says('ready')
    const served: string[] = []
    for (let turn = 0; turn < 4; turn += 1) {
      const [current] = (await ana.own('GET', 'me')).body.tasks
      served.push(current.taskId)
      await ana.on(current.taskId, 'accept')
      await ana.on(current.taskId, 'close')
    }
    expect(served).toEqual(['vip', 'raised', 'old', 'young'])
  })

  test('nobody is offered anything on a break, and the reason is seen', async () => {
    const ana = await person('ana')
    await ana.says('notReady', 'lunch')
    await create('t1')
    const [agent] = (await ask('GET', '/desk/agents')).body.items
    expect(agent).toMatchObject({ agentId: 'ana', state: 'notReady', reason: 'lunch', activity: 'notReady', tasks: [] })
    expect(agent).not.toHaveProperty('tokenHash')
    await ana.says('ready')
    expect(await ownerOf('t1')).toBe('ana')
    expect((await ask('GET', '/desk/agents')).body.items[0]).not.toHaveProperty('reason')
  })

  test('all of it survives a restart: people, tokens, queues, what rings', async () => {
    const ana = await person('ana')
    await queue('Billing', { ringMs: 20_000 })
    await create('t1')
    await advance(5 * second_ms)
    await restart()
    expect(await ana.activity()).toBe('reserved')
    await advance(15 * second_ms - 1)
    expect(types('t1').at(-1)).toBe('ROUTED')
    await advance(1)
    expect(types('t1').at(-1)).toBe('TRANSFERRED')
  })

  test('the automatic agent leaves alone what a person has in hand', async () => {
    await restart({ automatic: true, closeAfterMessages: 1 })
    const ana = await person('ana')
    await create('t1')
    await ana.on('t1', 'accept')
    await advance(minute_ms)
    expect(await ownerOf('t1')).toBe('ana')
  })
})

describe('tasks that come back', () => {
  test('RONA: an offer rings out, its agent is not ready, and the task is the next of its queue', async () => {
    const ana = await person('ana', { capacity: { Social: 1 } })
    await create('t1')
    await advance(second_ms)
    await create('t2')
    await advance(14 * second_ms - 1)
    expect(types('t1').at(-1)).toBe('ROUTED')
    await advance(1)
    expect(told('t1').at(-1)).toMatchObject({
      eventType: 'TRANSFERRED',
      task: { ownerId: 'ana', dispositionCode: 'CD_RING_NO_ANSWER', scriptSelector: 'Billing' },
    })
    expect((await ana.own('GET', 'me')).body).toMatchObject({ state: 'notReady', reason: 'RONA', tasks: [] })
    expect((await ana.on('t1', 'accept')).status).toBe(404)
    expect(await create('t1')).toBe(200)
    await person('ben')
    expect([await ownerOf('t1'), await ownerOf('t2')]).toEqual(['ben', undefined])
  })

  test('an agent who declines is not ready, and the task goes back as if it rang out', async () => {
    const ana = await person('ana')
    await create('t1')
    await ana.on('t1', 'decline')
    expect(told('t1').at(-1).task.dispositionCode).toBe('CD_RING_NO_ANSWER')
    expect(await ana.activity()).toBe('notReady')
  })

  test('a transfer to a queue names the new selector and reaches an agent of that queue', async () => {
    const ana = await person('ana', { skills: ['Billing'] })
    await person('ben', { skills: ['Tier2'] })
    await create('t1')
    await ana.on('t1', 'accept')
    await ana.on('t1', 'transfer', { scriptSelector: 'Tier2' })
    expect(told('t1').at(-1)).toMatchObject({
      eventType: 'TRANSFERRED',
      task: { scriptSelector: 'Tier2', dispositionCode: 'CD_TASK_TRANSFER', ownerId: 'ana' },
    })
    await create('t1', { scriptSelector: 'Tier2' })
    expect(await ownerOf('t1')).toBe('ben')
  })

  test('a transfer to an agent waits for that agent while they are logged in, and goes to another when they leave', async () => {
    const ana = await person('ana')
    await person('ben')
    const cem = await person('cem', {}, 'notReady')
    await create('t1')
    await ana.on('t1', 'accept')
    expect((await ana.on('t1', 'transfer', { agentId: 'nobody' })).status).toBe(404)
    expect((await ana.on('t1', 'transfer', {})).body.error).toContain('name a scriptSelector or an agentId')
    await ana.on('t1', 'transfer', { agentId: 'cem' })
    await create('t1')
    await advance(minute_ms)
    expect(await ownerOf('t1')).toBeUndefined()
    await cem.says('ready')
    expect(await ownerOf('t1')).toBe('cem')
    await cem.on('t1', 'accept')
    await ana.says('notReady')
    await cem.on('t1', 'transfer', { agentId: 'ana' })
    await create('t1')
    await ana.says('loggedOut')
    expect(await ownerOf('t1')).toBe('ben')
  })

  test('who logs out with open work loses none of it: each task is told TRANSFERRED and goes to the head of its line', async () => {
    const ana = await person('ana', { capacity: { Social: 1, Chat: 2 } })
    await create('s1')
    await create('c1', chat)
    await create('c2', chat)
    await ana.on('c1', 'accept')
    await advance(second_ms)
    await create('s2')
    await ana.says('loggedOut')
    for (const id of ['s1', 'c1', 'c2']) {
      expect(told(id).at(-1)).toMatchObject({
        eventType: 'TRANSFERRED',
        task: { dispositionCode: 'CD_TASK_TRANSFERRED_ON_AGENT_LOGOUT', scriptSelector: 'Billing', ownerId: 'ana' },
      })
    }
    expect(await ana.activity()).toBe('loggedOut')
    await create('s1')
    await person('ben')
    expect([await ownerOf('s1'), await ownerOf('s2')]).toEqual(['ben', undefined])
  })

  test('a customer who leaves while it rings abandoned while offered', async () => {
    await person('ana')
    await create('t1')
    await ask('POST', '/drapi/v1/tasks/t1/taskAction', { taskId: 't1', operation: 'Close', variables: [] })
    await idle()
    expect(told('t1').at(-1).task.dispositionCode).toBe('CD_TASK_ABANDONED_WHILE_OFFERED')
  })
})

describe('estimated wait', () => {
  const handling_s = 240
  /** Three tasks that keep an agent for `handling_s` each, so that the desk has something to go by. */
  const measure = async (one: Person) => {
    await queue('Billing', { wrapUpMs: 40 * second_ms })
    for (const id of ['m1', 'm2', 'm3']) {
      await create(id)
      await one.on(id, 'accept')
      await advance((handling_s - 40) * second_ms)
      await one.on(id, 'close')
      await advance(40 * second_ms)
    }
  }
  const estimateFor = (taskId: string) => told(taskId).at(-1).task.estimatedWaitTime

  test('is told in seconds by QUEUED from what handling took so far: place in line by agents at work', async () => {
    const ana = await person('ana')
    await create('early')
    await create('unknown')
    await advance(second_ms)
    expect(told('unknown').map(({ task }) => task.estimatedWaitTime)).toEqual([undefined, -1])
    for (const id of ['early', 'unknown']) await ask('POST', `/desk/tasks/${id}/close`, {})
    await ana.says('ready')
    await measure(ana)
    const [line] = (await ask('GET', '/desk/queues')).body.items
    expect(line).toMatchObject({
      waiting: 0,
      agentsAtWork: 1,
      agentsReady: 1,
      handlingSeconds: 240,
      estimatedWaitTime: 0,
    })
    for (const id of ['t1', 't2', 't3']) await create(id)
    await advance(second_ms)
    expect([estimateFor('t2'), estimateFor('t3')]).toEqual([240, 480])
    expect(types('t2')).toEqual(['CREATED', 'QUEUED', 'QUEUED'])
    await ana.on('t1', 'accept')
    const ben = await person('ben')
    await ben.on('t2', 'accept')
    await advance(minute_ms)
    expect(estimateFor('t3')).toBe(120)
    await ana.says('loggedOut')
    await ben.says('notReady', 'lunch')
    await advance(minute_ms)
    expect(estimateFor('t3')).toBe(-1)
  })

  test('counts only tasks that are ahead for the same agents', async () => {
    const ana = await person('ana', { skills: ['Billing'] })
    await measure(ana)
    await person('ben', { skills: ['Sales'] })
    for (const id of ['x1', 'x2', 'x3']) await create(id, { scriptSelector: 'Sales' })
    await create('t1')
    await create('t2')
    await advance(second_ms)
    expect(estimateFor('t2')).toBe(240)
  })

  /** Erlang C by way of Erlang B: the share of arrivals that find all of c agents busy, under an offered load of a erlangs. */
  const erlangC = (c: number, a: number) => {
    let b = 1
    for (let n = 1; n <= c; n += 1) b = (a * b) / (n + a * b)
    return (c * b) / (c - a * (1 - b))
  }
  test.each([
    [1, 0.5, 1 / 2],
    [2, 1, 1 / 3],
    [3, 2, 4 / 9],
  ])(
    'over the states of a queue with %i agents and %d erlangs it averages to the mean wait of Erlang C',
    async (c, a, p) => {
      expect(erlangC(c, a)).toBeCloseTo(p, 12)
      const people = [await person('p1')]
      await measure(people[0]!)
      for (let more = 2; more <= c; more += 1) people.push(await person(`p${more}`))
      const states = 24
      for (let n = 1; n <= states; n += 1) await create(`t${n}`)
      await advance(second_ms)
      for (let n = 1; n <= c; n += 1) expect(types(`t${n}`).at(-1)).toBe('ROUTED')

      // An arrival that finds n in the system, with the probability of that state: load^n / n! up to c, then geometric.
      const weight = (n: number) => {
        let product = 1
        for (let k = 1; k <= n; k += 1) product *= a / Math.min(k, c)
        return product
      }
      const far = Array.from({ length: 200 }, (_, n) => weight(n)).reduce((sum, w) => sum + w, 0)
      const told_s = (n: number): number => (n < c ? 0 : estimateFor(`t${n + 1}`))
      let mean_s = 0
      for (let n = 0; n < states; n += 1) mean_s += (weight(n) / far) * told_s(n)
      // Wq = C(c, a) · h / (c − a)
      const expected_s = (erlangC(c, a) * handling_s) / (c - a)
      expect(Math.abs(mean_s - expected_s) / expected_s).toBeLessThan(0.01)
    },
  )
})

describe('limits', () => {
  test.each([
    ['Chat', 2 * 60],
    ['Web Callback', 2 * 60],
    ['Social', 3 * 24 * 60],
    ['Email', 3 * 24 * 60],
  ])('%s: a task that nobody takes is closed as timed out after %i minutes', async (mediaType, minutes) => {
    await create('t1', { mediaType })
    await advance(minutes * minute_ms - 1)
    expect(types('t1').at(-1)).toBe('QUEUED')
    await advance(1)
    expect(told('t1').at(-1)).toMatchObject({
      eventType: 'CLOSED',
      task: { dispositionCode: 'CD_MAX_DIALOG_LIFETIME_EXCEEDED' },
    })
  })

  test('a media type has its own limit of waiting tasks and its own longest wait, changed while tasks wait', async () => {
    await ask('PUT', '/desk/media/Chat', { limit: 1, waitMaxMs: minute_ms })
    expect([await create('c1', chat), await create('c2', chat), await create('s1')]).toEqual([201, 503, 201])
    expect((await ask('POST', '/drapi/v1/tasks', { ...sms, ...chat, taskId: 'c3' })).body.errorCode).toBe(20286)
    await advance(minute_ms)
    expect([types('c1').at(-1), types('s1').at(-1)]).toEqual(['CLOSED', 'QUEUED'])
  })

  test('E93: the ECC variables of a task hold 2,000 bytes together, and not one more', async () => {
    const of = (bytes: number) => [
      sms.variables[0],
      ...Array.from({ length: 9 }, (_, i) => ({ key: `user_${i}`, type: 'String', value: 'é'.repeat(200) })),
      { key: 'user_last', type: 'String', value: 'x'.repeat(bytes) },
    ]
    expect(await create('fits', { variables: of(2_000 - 9 * 200 - 16) })).toBe(201)
    const { status, body } = await ask('POST', '/drapi/v1/tasks', {
      ...sms,
      taskId: 'over',
      variables: of(2_000 - 9 * 200 - 15),
    })
    expect([status, body.errorMessage]).toEqual([400, 'the user_ variables exceed 2000 bytes together'])
  })
})

describe('web callback', () => {
  const place = async () => {
    await ask('POST', '/drapi/v1/tasks', callback)
    await idle()
  }
  const { taskId } = callback
  const call = async (outcome: string) => ask('POST', `/desk/calls/${taskId}`, { outcome })

  test('the phone of a free agent dials, which closes the task without ROUTED; the call goes on until somebody hangs up', async () => {
    const ana = await person('ana')
    await place()
    expect(types(taskId)).toEqual(['CREATED', 'QUEUED', 'CLOSED'])
    expect(told(taskId).at(-1).task.dispositionCode).toBe('CD_NORMAL_END_TASK')
    expect((await ask('GET', '/desk/calls')).body.items).toMatchObject([
      { taskId, agentId: 'ana', number: callback.origin, state: 'dialling' },
    ])
    expect(await ana.activity()).toBe('talking')
    expect((await call('answered')).body.state).toBe('answered')
    expect((await call('busy')).body.error).toBe('busy needs a call that is dialling; this one is answered')
    await ana.on(taskId, 'hang-up')
    expect((await task(taskId)).dial.state).toBe('ended')
    expect(await ana.activity()).toBe('wrapUp')
    expect(types(taskId)).toHaveLength(3)
  })

  test.each(['busy', 'noAnswer'])(
    'a customer who is %s ends the call, and the next one is dialled',
    async (outcome) => {
      await person('ana')
      await queue(callback.scriptSelector, { wrapUpMs: 0 })
      await place()
      await ask('POST', '/drapi/v1/tasks', { ...callback, taskId: 'next' })
      expect((await task('next')).state).toBe('QUEUED')
      await call(outcome)
      await idle()
      expect((await task(taskId)).dial.state).toBe(outcome)
      expect((await task('next')).dial.state).toBe('dialling')
    },
  )

  test('an agent who puts down before an answer cancels the call; who logs out ends it', async () => {
    const ana = await person('ana')
    await place()
    await ana.on(taskId, 'hang-up')
    expect((await task(taskId)).dial.state).toBe('cancelled')
    await ana.own('POST', 'wrapped', {})
    await create('next', callback)
    await ask('POST', '/drapi/v1/tasks', { ...callback, taskId: 'second' })
    await ana.says('loggedOut')
    expect((await task('second')).dial.state).toBe('ended')
  })
})

describe('tokens', () => {
  test('an agent needs the newest token that was issued, and sees and touches only what is in their own hand', async () => {
    const ana = await person('ana')
    const ben = await person('ben', {}, 'notReady')
    await create('t1')
    expect((await ben.on('t1', 'accept')).status).toBe(404)
    expect((await ben.own('GET', 'tasks/t1')).status).toBe(404)
    expect((await ana.own('GET', 'tasks/t1')).body.task.taskId).toBe('t1')
    await ask('POST', '/desk/agents/ana/token')
    expect((await ana.own('GET', 'me')).status).toBe(401)
    expect((await asAgent('nobody', 'PUT', 'state', { state: 'ready' })).status).toBe(401)
    expect((await ask('GET', '/desk/agent/me')).status).toBe(401)
  })

  test('through the gateway an agent comes with their own token, and with it to no other door', async () => {
    const ana = await person('ana')
    const { token } = (await ask('POST', '/desk/agents/ana/token')).body
    expect((await ana.own('GET', 'me')).status).toBe(401)
    const gateway = fastify()
    gateway.removeAllContentTypeParsers()
    gateway.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    openDeskDoor(
      gateway,
      () => stand.desk.url,
      async (_request, reply) => reply.code(403).send({}),
    )
    const url = await gateway.listen({ host: '127.0.0.1', port: 0 })
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const at = async (path: string, more: RequestInit = {}) => (await fetch(url + path, { headers, ...more })).status
    expect(await at('/desk/agent/me')).toBe(200)
    const notReady = { method: 'PUT', body: JSON.stringify({ state: 'notReady', reason: 'tea' }) }
    expect(await at('/desk/agent/state', notReady)).toBe(200)
    expect((await ask('GET', '/desk/agents')).body.items[0]).toMatchObject({ state: 'notReady', reason: 'tea' })
    expect(await at('/desk/agent/me', { headers: {} })).toBe(401)
    for (const path of ['/desk/tasks', '/desk/agents', '/desk/agents/ana/token']) expect(await at(path)).toBe(403)
    for (const dots of ['..', '%2e%2e', '..%2f', '%2e%2e%2f']) {
      expect([403, 404]).toContain(await rawStatus(url, `/desk/agent/${dots}/tasks`, token))
    }
    await gateway.close()
  })

  test('a code of one’s own is passed on, words are not', async () => {
    const ana = await person('ana')
    await create('t1')
    await ana.on('t1', 'accept')
    expect((await ana.on('t1', 'close', { dispositionCode: 'all fine' })).status).toBe(400)
    await ana.on('t1', 'close', { dispositionCode: 'REFUND_AGREED' })
    expect(told('t1').at(-1).task.dispositionCode).toBe('REFUND_AGREED')
  })

  test('an agent is removed only when logged out', async () => {
    const ana = await person('ana')
    expect((await ask('DELETE', '/desk/agents/ana')).status).toBe(409)
    await ana.says('loggedOut')
    expect((await ask('DELETE', '/desk/agents/ana')).status).toBe(200)
    expect((await ask('GET', '/desk/agents')).body.items).toEqual([])
  })
})
