/**
 * `parley inspect`, through the client of Stately's own package, which Parley does not use: the chart's definition and every
 * step come, also to who comes late. `parley watch` beside it: the same life as lines.
 */
import { createWebSocketReceiver } from '@statelyai/inspect'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createMachine } from 'xstate'
import { latestDefinition } from '../machines/definitions.ts'
import { type Broker, startBroker } from './broker.ts'
import { type Going, parley, startParley } from './command-line.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let broker: Broker
let far: FarSides
let node: TestNode
const going: Going[] = []
const from = '+14155553201'

beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  node = await startTestNode(broker, { ...far.env, PARLEY_ADMIN_TOKEN: 'of-the-inspector' })
})
afterAll(async () => {
  for (const one of going) await one.stop()
  await node.stop()
  await far.close()
  await broker.stop()
})

const env = () => ({ PARLEY_URL: node.url, PARLEY_ADMIN_TOKEN: 'of-the-inspector', NO_COLOR: '1' })
function start(...args: string[]): Going {
  const one = startParley(args, env())
  going.push(one)
  return one
}

/** What Stately's client is told from now on. */
function received(url: string): Json[] {
  const frames: Json[] = []
  createWebSocketReceiver({ server: url }).subscribe((frame) => void frames.push(frame))
  return frames
}

test('an independent client of the inspector’s protocol sees the definition of the chart, and each step as it is made', async () => {
  await node.text('My card is 4111 1111 1111 1111', { from })
  await node.advance(0)
  const { id } = await node.conversation(from)
  const [, url = ''] = await start('inspect', id, '--port', '0').line(/^WebSocket +(ws:\S+)$/)
  const frames = received(url)
  const snapshots = () => frames.filter(({ type, sessionId }) => type === '@xstate.snapshot' && sessionId === id)
  await expect.poll(() => snapshots().at(-1)?.snapshot.value, { timeout: 60_000 }).toEqual({ noConversation: 'menu' })

  const [first] = frames
  expect(first).toMatchObject({ type: '@xstate.actor', sessionId: id, name: 'sms' })
  const rebuilt = createMachine(JSON.parse(first.definition))
  expect(rebuilt.config).toEqual(JSON.parse(JSON.stringify(latestDefinition('sms')!.machine.config)))

  await node.text('1', { from })
  await node.advance(0)
  await expect.poll(() => snapshots().at(-1)?.snapshot.value, { timeout: 60_000 }).toEqual({ inQueue: 'created' })
  const turns = await node.turns(from)
  expect(snapshots().map(({ snapshot }) => JSON.stringify(snapshot.value))).toHaveLength(turns.length)
  const events = frames.filter(({ type, sessionId }) => type === '@xstate.event' && sessionId === id)
  expect(events.map(({ event }) => event.type)).toContain('xstate.done.actor.createTask')
  const child = frames.find(
    ({ type, parentId, name }) => type === '@xstate.actor' && parentId === id && name === 'createTask',
  )
  const isDone = () =>
    frames.some(({ sessionId, snapshot }) => sessionId === child?.sessionId && snapshot?.status === 'done')
  await expect.poll(isDone, { timeout: 60_000 }).toBe(true)
  expect(JSON.stringify(frames)).not.toMatch(/4111 ?1111/)

  const late = received(url)
  await expect.poll(() => late.length, { timeout: 60_000 }).toBe(frames.length)
  expect(late).toEqual(frames)

  const stranger = new WebSocket(url, { origin: 'https://elsewhere.example' })
  const refused = new Promise((resolve) => stranger.once('error', ({ message }) => resolve(message)))
  expect(await refused).toContain('401')
})

test('parley watch tells the life of a conversation in lines, from its first turn and as it goes on', async () => {
  const { id } = await node.conversation(from)
  const watching = start('watch', id)
  await watching.line(/message\.received: My card is \*/)
  await watching.line(/→ noConversation\.menu/)
  await watching.line(/→ inQueue\.created/)
  await node.text('still\u001b[31m here', { from })
  await node.advance(0)
  await watching.line(/message\.received: still \[31m here/)
  await watching.line(/appendConversation done/)
})

test('parley watch --json gives one object a line, and without an id every conversation that moves', async () => {
  const { id } = await node.conversation(from)
  const one = start('watch', id, '--json')
  const all = start('watch', '--json')
  const { input: turn } = await one.line(/"turn":1\b/)
  expect(JSON.parse(turn)).toMatchObject({ kind: 'turn', stateAfter: 'noConversation.searching' })
  const moves = setInterval(() => void node.text('more', { from: '+14155553202' }), 500)
  const { input: moved } = await all.line(/3202/).finally(() => clearInterval(moves))
  expect(JSON.parse(moved)).toMatchObject({ customer: '+14155553202', channel: 'sms' })
  expect(await one.stop()).toBe(0)
})

test.each<[args: string[], says: RegExp]>([
  [['inspect', '0000'], /no conversation has this id/],
  [['inspect', 'x', '--port', 'y'], /--port: expected a port number, found y/],
  [['watch', '0000'], /no conversation has this id/],
])('parley %s fails in one sentence', async (args, says) => {
  const { code, stderr } = await parley(args, env())
  expect([code, stderr]).toEqual([1, expect.stringMatching(says)])
})
