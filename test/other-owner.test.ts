/**
 * What a node remembers of a conversation may be behind: another owner, who has lost the partition since, may have committed
 * a turn after it was read. Nothing that is valid by the record as it is stored may be let go for that (T9, T10).
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { latestDefinition } from '../machines/definitions.ts'
import { lastOf } from '../runtime/actor-cache.ts'
import { loadConfig } from '../runtime/config.ts'
import { partitionOf } from '../runtime/partition.ts'
import type { TurnRecord } from '../runtime/record.ts'
import { decide } from '../runtime/stages/decide.ts'
import { stream, subject } from '../runtime/streams.ts'
import { sayFor } from '../runtime/texts.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { startTestNode, type TestNode } from './node.ts'

let broker: Broker
let far: FarSides
let node: TestNode

beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  node = await startTestNode(broker, far.env)
})
afterAll(async () => {
  await node.stop()
  await far.close()
  await broker.stop()
})

test('T9, T10: an answer to what another owner asked is heard by a node that remembers the turn before', async () => {
  for (const text of ['Hi', '1']) {
    await node.text(text)
    await node.advance(0)
  }
  const { id, state, taskId } = await node.conversation()
  expect(state).toBe('inQueue.created')

  await commitElsewhere(id, { type: 'task.routed', taskId, variables: {}, agentId: '5021' })
  await node.advance(0)
  expect(far.asked('addParticipant')).toHaveLength(1)
  expect((await node.conversation()).state).toBe('active.talking')
})

/** The next turn of the conversation as another node would have decided and stored it; this one is told nothing. */
async function commitElsewhere(actor: string, said: { type: string } & Record<string, unknown>): Promise<void> {
  const { js, jsm } = node.node.broker
  const at = subject.turns(partitionOf(actor, 4), actor)
  const stored = (await lastOf(jsm, stream.turns, at))!
  const record = stored.json<TurnRecord>()
  const [asset] = loadConfig({ env: {}, cwd: broker.dir }).assets
  const now = new Date().toISOString()
  const event = { ...said, id: 'elsewhere', at: now }
  const made = decide(
    latestDefinition('sms')!,
    actor,
    record.address,
    { record, revision: stored.seq },
    { kind: 'event', event, address: record.address },
    { at_ms: Date.parse(now), asset: asset!, say: sayFor(asset!) },
  )
  const next = { ...record, ...made, turn: record.turn + 1, at: now, before: record.state }
  await js.publish(at, JSON.stringify(next), { expect: { lastSubjectSequence: stored.seq } })
}
