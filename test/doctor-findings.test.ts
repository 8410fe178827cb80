/** What the doctor says of streams and nodes that are as they should be, though they look as if they were not. Pure. */
import type { StreamConfig } from '@nats-io/jetstream'
import { expect, test } from 'vitest'
import { checkEncryption, checkStream } from '../runtime/doctor/broker.ts'
import { ownedBy } from '../runtime/doctor/nodes.ts'
import { stream, streamConfigs } from '../runtime/streams.ts'

const wantedWith = (replicas: number) =>
  streamConfigs({ partitions: 4, replicas }).find(({ name }) => name === stream.turns)!
const found = { retention: 'limits', ...wantedWith(3) } as StreamConfig

test('three copies are as wanted while one of three brokers is away; one copy is not when there are three', () => {
  expect(checkStream(wantedWith(1), found)).toMatchObject({ ok: 'ok' })
  expect(checkStream(wantedWith(3), { ...found, num_replicas: 1 })).toMatchObject({
    ok: 'warn',
    found: 'num_replicas: expected 3, found 1',
  })
})

test('a partition without a message yet is said to be waiting for one, not to lack its owner', () => {
  const share = { has: [0], wants: [1, 2] }
  const node = { id: 'a', host: 'h', pid: 1, url: '', since: '', shares: { turning: share, transmitting: share } }
  expect(ownedBy(node)).toContain('turning 0 (will own, with the first message: 1 2)')
})

test('a machine without the master key is told so where something is encrypted, and nothing is said where nothing is', () => {
  expect(checkEncryption(false, false)).toEqual([])
  expect(checkEncryption(true, false)).toMatchObject([{ ok: 'ok', found: 'on from the next start of a node' }])
  expect(checkEncryption(true, true)).toMatchObject([{ ok: 'ok', found: 'on' }])
  expect(checkEncryption(false, true)).toMatchObject([
    { ok: 'wrong', mend: expect.stringMatching(/PARLEY_MASTER_KEYS/) },
  ])
})
