/**
 * Several desks on one journal, as the nodes of a cluster have them: they tell one story, and no act, offer or webhook is
 * doubled or lost. Real desks over HTTP on a real broker; time is virtual.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Desk } from '../adapters/desk/desk.ts'
import { deskStand } from './desk-stand.ts'
import { request } from './node.ts'
import { sample as typedSample } from './samples.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a foreign program would read them
type Json = any

const stand = deskStand()
const sms: Json = typedSample('dr-api/create-task-request-sms.json')
let desks: Desk[]

beforeEach(async () => {
  desks = [stand.desk, await stand.openDesk(), await stand.openDesk()]
})
afterEach(async () => {
  await Promise.all(desks.slice(1).map((desk) => desk.stop()))
})

const at = (index: number, method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  request(desks[index % 3]!.url + path, method, body, headers)
const create = (index: number, taskId: string) => at(index, 'POST', '/drapi/v1/tasks', { ...sms, taskId })
const idle = () =>
  vi.waitFor(() => expect(desks.every((desk) => desk.idle())).toBe(true), { timeout: 10_000, interval: 2 })
const posted = (): Json[] => stand.runtime.requests.filter((r) => r.path.includes('webhooks')).map((r) => r.body)
/** Until each named desk shows it: what another wrote is heard of, not waited for. */
const everyDesk = (path: string, seen: (body: Json) => void) =>
  vi.waitFor(
    async () => {
      for (const index of desks.keys()) seen((await at(index, 'GET', path)).body)
    },
    { timeout: 5_000, interval: 5 },
  )

test('what one desk has done, the others show without being asked to do anything', async () => {
  await create(0, 't1')
  await everyDesk('/desk/tasks', ({ items }) => expect(items.map((task: Json) => task.taskId)).toEqual(['t1']))
  await at(1, 'POST', '/desk/tasks/t1/route', { agentId: '5021' })
  await everyDesk('/desk/tasks/t1', (task) => expect(task).toMatchObject({ state: 'ROUTED', ownerId: '5021' }))
})

test('sixty tasks created at three desks at once: each is there once, and its webhooks go out once and in order', async () => {
  const ids = Array.from({ length: 60 }, (_, index) => `t${index}`)
  const answers = await Promise.all(ids.map((id, index) => create(index, id)))
  expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 201))
  await everyDesk('/desk/tasks', ({ items }) => expect(items).toHaveLength(60))
  await vi.waitFor(() => expect(posted().length).toBeGreaterThanOrEqual(120))
  await idle()
  const types = ids.map((id) => posted().filter(({ task }) => task.taskId === id))
  expect(types.map((one) => one.map(({ eventType }) => eventType))).toEqual(ids.map(() => ['CREATED', 'QUEUED']))
})

test('a key that was used at one desk gets the same answer at another', async () => {
  const key = { 'idempotency-key': 'once' }
  const first = await at(0, 'POST', '/drapi/v1/tasks', { ...sms, taskId: 't1' }, key)
  const again = await at(1, 'POST', '/drapi/v1/tasks', { ...sms, taskId: 't1' }, key)
  expect([first.status, again.status, again.body]).toEqual([201, 201, first.body])
  await idle()
  expect(posted()).toHaveLength(2)
})

test('an agent works at one desk and is offered what came in at another, once', async () => {
  await at(0, 'PUT', '/desk/agents/ana', { capacity: { Social: 1 } })
  const { token } = (await at(0, 'POST', '/desk/agents/ana/token')).body
  const headers = { authorization: `Bearer ${token}` }
  await everyDesk('/desk/agents', ({ items }) => expect(items[0]?.hasToken).toBe(true))
  expect((await at(2, 'PUT', '/desk/agent/state', { state: 'ready' }, headers)).status).toBe(200)
  await everyDesk('/desk/agents', ({ items }) => expect(items[0]?.activity).toBe('ready'))
  for (const [index, id] of ['t1', 't2', 't3'].entries()) await create(index, id)
  await everyDesk('/desk/agents', ({ items }) => expect(items[0]?.tasks).toEqual(['t1']))
  expect((await at(1, 'POST', '/desk/agent/tasks/t1/accept', {}, headers)).status).toBe(200)
  await vi.waitFor(() => expect(posted()).toHaveLength(7))
  await idle()
  expect(posted().filter(({ eventType }) => eventType === 'ROUTED')).toHaveLength(1)
})

test('a duty that falls due at all of them is done once', async () => {
  await create(0, 't1')
  await at(0, 'POST', '/desk/tasks/t1/route', { agentId: '5021' })
  await at(0, 'POST', '/desk/tasks/t1/transfer', {})
  await everyDesk('/desk/tasks/t1', (task) => expect(task.state).toBe('TRANSFERRED'))
  await idle()
  await stand.clock.advance(15_000, idle)
  await vi.waitFor(() => expect(posted().at(-1)?.eventType).toBe('CLOSED'))
  await idle()
  expect(posted().filter(({ eventType }) => eventType === 'CLOSED')).toHaveLength(1)
})

test('webhooks of a desk that is gone are taken over by another after 30 s, with the same ids and in order', async () => {
  stand.runtime.answer({ status: 503 })
  await create(1, 't1')
  await everyDesk('/desk/tasks', ({ items }) => expect(items).toHaveLength(1))
  await vi.waitFor(() => expect(posted().length).toBeGreaterThanOrEqual(1))
  await idle()
  const [id] = posted().map(({ eventId }) => eventId)
  await desks[1]!.stop()
  const before = posted().length
  await stand.clock.advance(29_999, idle)
  expect(posted()).toHaveLength(before)
  stand.runtime.answer({ status: 200 })
  await stand.clock.advance(2, idle)
  await vi.waitFor(() => expect(posted().slice(before).length).toBeGreaterThanOrEqual(2))
  const after = posted().slice(before)
  expect(after[0].eventId).toBe(id)
  expect([...new Set(after.map(({ eventType }) => eventType))]).toEqual(['CREATED', 'QUEUED'])
})
