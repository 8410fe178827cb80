/**
 * A node that ends in the middle of a transfer, on a real broker: another one carries the transfer to its end. The stages
 * of a turn are cut one by one in `crash.test.ts`; here it is the moment between removing the agent and putting the task
 * back in.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Broker, startBroker } from './broker.ts'
import type { Reply } from './far-side.ts'
import { type CallName, type FarSides, farSides } from './far-sides.ts'
import { type Json, startTestNode, type TestNode } from './node.ts'

let broker: Broker
let far: FarSides
let node: TestNode
let from: string
let customers = 0

const start = async () => {
  node = await startTestNode(broker, far.env)
}
beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  await start()
})
afterAll(async () => {
  await node.stop()
  await far.close()
  await broker.stop()
})
beforeEach(() => {
  from = `+1415557${String(++customers).padStart(4, '0')}`
})

/** Not before a while: long enough for the node to end meanwhile, short enough for the 14 s of a transfer. */
const busy: Reply = { status: 503, headers: { 'retry-after': '5' } }
const bodies = async (call: CallName): Promise<Json[]> => {
  const { id } = await node.conversation(from)
  const mine = far.asked(call).filter(({ headers }) => headers['idempotency-key']?.startsWith(`${id}.`))
  return mine.map(({ headers, body }) => ({ ...(body as Json), key: headers['idempotency-key'] }))
}
const hears = async (eventType: string, task: Json): Promise<void> => {
  const [{ taskId, destination, mediaChannel, variables }] = await bodies('createTask')
  const body = { eventId: randomUUID(), eventType, task: { taskId, destination, mediaChannel, variables, ...task } }
  expect((await node.ask('POST', '/v1/webhooks/digital-routing', body)).body).not.toHaveProperty('unhandled')
  await node.advance(0)
}

describe('a node that ends during a transfer', () => {
  const cuts: [where: string, call: CallName, asked: number][] = [
    ['while the agent is being removed', 'removeParticipant', 1],
    ['after the agent was removed, before the task is back in', 'createTask', 2],
  ]
  test.each(cuts)(
    'E66: %s: the next node goes on under the same keys, and the customer is told once',
    async (_, call, asked) => {
      for (const text of ['Hi', '1']) {
        await node.text(text, { from })
        await node.advance(0)
      }
      await hears('ROUTED', { ownerId: '5021' })
      far.next(call, busy)
      await hears('TRANSFERRED', { ownerId: '5021', dispositionCode: 'CD_TASK_TRANSFER', scriptSelector: 'Support' })
      expect(await bodies(call)).toHaveLength(asked)
      expect((await node.conversation(from)).state).toMatch(/^inQueue\.transferring\./)

      await node.stop()
      await start()
      await vi.waitFor(async () => expect(await bodies(call)).toHaveLength(asked + 1), { timeout: 5_000 })
      await node.advance(0)

      expect((await node.conversation(from)).state).toBe('inQueue.created')
      const [first, ...again] = await bodies('createTask')
      expect(new Set(again.map(({ taskId }) => taskId))).toEqual(new Set([first.taskId]))
      expect(again.at(-1)).toMatchObject({ scriptSelector: 'Support' })
      expect(new Set(again.map(({ key }) => key)).size).toBe(1)
      expect(new Set((await bodies('removeParticipant')).map(({ key }) => key)).size).toBe(1)
      const told = (await node.turns(from)).flatMap(({ effects }) => effects as Json[])
      expect(told.filter(({ payload }) => payload?.purpose === 'transferred')).toHaveLength(1)
      expect(await node.deadLetters()).toEqual([])
    },
  )
})
