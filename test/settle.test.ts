/** What follows a commit: which timers are armed and which are put away. Pure; the broker's part is in `reconcile.test.ts`. */
import { expect, test } from 'vitest'
import type { Delivery } from '../runtime/owned-consumer.ts'
import type { TurnRecord } from '../runtime/record.ts'
import { settle } from '../runtime/stages/settle.ts'

test('T10: what is armed again has its earlier timer put away, unless that is what has fired', async () => {
  const [timer, armed] = ['idle.active', { due_ms: 5, generation: 3 }]
  const acts: unknown[] = []
  const timers = {
    arm: async (...act: unknown[]) => void acts.push(['arm', ...act]),
    putOff: async () => {},
    disarm: async (...act: unknown[]) => void acts.push(['disarm', ...act]),
  }
  const cause = { type: 'parley.message.received', data: {} }
  const record = (turn: number, generation: number) =>
    ({ actor: 'a', turn, cause, timers: { [timer]: { ...armed, generation } } }) as unknown as TurnRecord
  await settle(timers, { ack: () => {} } as Delivery, record(4, 4), record(3, 3))
  expect(acts).toEqual([
    ['arm', 'a', timer, { ...armed, generation: 4 }],
    ['disarm', 'a', timer, armed],
  ])
  acts.length = 0
  await settle(timers, { ack: () => {} } as Delivery, record(5, 4), record(4, 4))
  expect(acts).toEqual([])
  const fired = { type: 'parley.timer.due', data: { timer, generation: 4 } }
  await settle(timers, { ack: () => {} } as Delivery, { ...record(6, 6), cause: fired } as TurnRecord, record(5, 4))
  expect(acts).toEqual([['arm', 'a', timer, { ...armed, generation: 6 }]])
})
