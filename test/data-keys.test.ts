/**
 * Data keys on a real nats-server: made once, renewed and forgotten over all nodes, wrapped by another master key; and what
 * is sealed under a key that cannot be had, which waits and is never given up.
 */
import { randomBytes } from 'node:crypto'
import { headers } from '@nats-io/transport-node'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { virtualClock } from '../adapters/clock.ts'
import { actorIdOf } from '../adapters/identity.ts'
import { type Broker as Connection, connectBroker } from '../runtime/broker.ts'
import { type DataKeys, dataKeys, KeyMissing } from '../runtime/encryption/data-keys.ts'
import { keySubject, keys_stream, keysConfig } from '../runtime/encryption/keys-stream.ts'
import { masterKeyIn, wrap } from '../runtime/encryption/master-keys.ts'
import { opener } from '../runtime/encryption/opener.ts'
import { seal } from '../runtime/encryption/sealed.ts'
import { sealedStreams } from '../runtime/encryption/sealed-streams.ts'
import { openLog } from '../runtime/log.ts'
import { summaryHeader } from '../runtime/stages/persist.ts'
import { ensureStreams, stream, subject } from '../runtime/streams.ts'
import { type Broker, startBroker } from './broker.ts'

const [old, young] = [masterKeyIn(randomBytes(32).toString('hex'))!, masterKeyIn(randomBytes(32).toString('hex'))!]

let broker: Broker
/** Two nodes. */
let here: Connection
let there: Connection
let names = 0
let name: string

beforeAll(async () => {
  broker = await startBroker()
  here = await connectBroker([broker.url], {}, 'here')
  there = await connectBroker([broker.url], {}, 'there')
  await here.jsm.streams.add(keysConfig(1))
  await ensureStreams(here.jsm, { replicas: 1, partitions: 1 })
})
afterAll(async () => {
  await Promise.all([here?.nc.close(), there?.nc.close()])
  await broker?.stop()
})
beforeEach(() => {
  name = `name-${++names}`
})

const keysOf = (node: Connection, masters: Parameters<typeof dataKeys>[0]['masters'] = [old]) =>
  dataKeys({ ...node, masters })
const current = (keys: DataKeys) => keys.current(name, () => name)
const log = () => openLog('silent', '/dev/null')
const beginsAt = async () => undefined

test('a key that two nodes want in the same moment is made once', async () => {
  const [a, b] = [keysOf(here), keysOf(there)]
  const made = await Promise.all([a, b, a, b].map(current))
  expect(new Set(made.map(({ id }) => id)).size).toBe(1)
  expect(made[0]!.bytes).toEqual(made[1]!.bytes)
  expect(a.held(name)).toEqual(made[0])
})

test('a renewed key is taken up by the other nodes, the one before opens what it sealed until it is forgotten', async () => {
  const [a, b] = [keysOf(here), keysOf(there)]
  const before = await current(a)
  await current(b)
  const renewed = await b.renew(new Set([name]))
  expect(renewed).toMatchObject([{ name }])
  await vi.waitFor(() => expect(a.held(name)).toBeUndefined())
  const after = await current(a)
  expect(after.id).not.toBe(before.id)
  expect((await a.find(before)) as object).toEqual(before)
  expect(await b.forget(renewed)).toBe(1)
  await vi.waitFor(() => expect(a.heldBy(before)).toBeUndefined())
  expect([await a.find(before), await b.find(before)]).toEqual(['forgotten', 'forgotten'])
  expect(await a.find(after)).toEqual(after)
})

test('a key that is not there is missing, not forgotten: also when a new one was made under its name', async () => {
  const keys = keysOf(here)
  const lost = { name, id: '0011223344556677' }
  await expect(keys.find(lost)).rejects.toThrow(KeyMissing)
  await current(keys)
  await expect(keys.find(lost)).rejects.toThrow(/expected .*, found .*; restore/)
})

test('keys of mails are renewed by their customer, though nothing else is left that names them', async () => {
  const customer = { channel: 'email', asset: 'a_1', customer: 'ana@example.test' } as const
  const keys = keysOf(here)
  for (const topic of ['order', 'bill'])
    await keys.current(actorIdOf({ ...customer, topic }), () => actorIdOf(customer))
  const renewed = await keys.renew(new Set([actorIdOf(customer)]))
  expect(renewed.map((one) => one.name).sort()).toEqual(
    ['order', 'bill'].map((topic) => actorIdOf({ ...customer, topic })).sort(),
  )
})

test('the customer whom a new key is about is read off what founds the conversation: an event, a record, a letter', async () => {
  const customer = { channel: 'email', asset: 'a_1', customer: 'ben@example.test' } as const
  const keys = keysOf(here)
  const sealed = sealedStreams(here, keys, opener(keys, here.nc, virtualClock(0), log()), log())
  const founding = [
    { data: {}, ...customer, topic: 't' },
    { address: { ...customer, topic: 't' } },
    { content: customer },
  ]
  const actors = ['aaaa000000000001', 'aaaa000000000002', 'aaaa000000000003']
  for (const [index, value] of founding.entries()) {
    await sealed.js.publish(subject.in(actors[index]!), JSON.stringify(value))
  }
  expect((await keys.renew(new Set([actorIdOf(customer)]))).map((one) => one.name).sort()).toEqual(actors)
})

test('a key is wrapped anew by the first master key, and stays what it is; one whose place was taken meanwhile is left', async () => {
  const made = await current(keysOf(here))
  const halfErased = 'half-erased'
  const before = await keysOf(here).current(halfErased, () => halfErased)
  const renewed = await keysOf(there).renew(new Set([halfErased]))
  const both = keysOf(here, [young, old])
  expect(await both.rewrap()).toBeGreaterThan(0)
  expect(await both.rewrap()).toBe(0)
  expect(await current(keysOf(there, [young]))).toEqual(made)
  await expect(current(keysOf(there))).rejects.toThrow(KeyMissing)
  const entries = await here.jsm.streams.info(keys_stream, { subjects_filter: keySubject(name) })
  expect(entries.state.subjects).toEqual({ [keySubject(name)]: 1 })
  expect(await both.find(before)).toEqual(before)
  expect(await both.forget(renewed)).toBe(1)
  expect(await both.find(before)).toBe('forgotten')
})

test('what is sealed under a key that cannot be had is not handed on, nor anything behind it, until it can', async () => {
  const key = { name, id: '8899aabbccddeeff', bytes: randomBytes(32) }
  const keys = keysOf(here)
  const clock = virtualClock(0)
  const handed: string[] = []
  const { opening } = sealedStreams(here, keys, opener(keys, here.nc, clock, log()), log())
  const owner = opening({
    deliver: ({ data }) => void handed.push(Buffer.from(data).toString()),
    acquired: () => {},
    beginsAt,
  })
  const deliver = (data: Uint8Array) => owner.deliver({ data, subject: 'x', ack: () => handed.push('acked') } as never)
  deliver(Buffer.from('{"a":1}'))
  deliver(seal(key, Buffer.from('{"b":2}')))
  deliver(Buffer.from('{"c":3}'))
  await clock.advance(5_000, () => here.nc.flush())
  expect(handed).toEqual(['{"a":1}'])
  const entry = { id: key.id, of: name, master: old.fingerprint, wrapped: wrap(old, `${name} ${key.id}`, key.bytes) }
  await here.js.publish(keySubject(name), JSON.stringify(entry))
  await vi.waitFor(async () => {
    await clock.advance(1_000, () => here.nc.flush())
    expect(handed).toEqual(['{"a":1}', '{"b":2}', '{"c":3}'])
  })
})

test('what is sealed under a forgotten key is acked and passed over; what is damaged is handed on to be set aside', async () => {
  const keys = keysOf(here)
  const key = await current(keys)
  await keys.forget(await keys.renew(new Set([name])))
  const handed: string[] = []
  const { opening } = sealedStreams(here, keys, opener(keys, here.nc, virtualClock(0), log()), log())
  const owner = opening({
    deliver: ({ data }) => void handed.push(`${data.length} bytes`),
    acquired: () => {},
    beginsAt,
  })
  const damaged = seal(await current(keys), Buffer.from('{}'))
  damaged[damaged.length - 1]! ^= 1
  for (const data of [seal(key, Buffer.from('{}')), damaged]) {
    owner.deliver({ data, subject: 'x', ack: () => void handed.push('acked') } as never)
  }
  await vi.waitFor(() => expect(handed).toEqual(['acked', `${damaged.length} bytes`]))
})

test('a node without a master key reads nothing that is sealed, says so, and hands nothing on', async () => {
  const keys = keysOf(here)
  const actor = 'bbbb000000000001'
  const sealed = sealedStreams(here, keys, opener(keys, here.nc, virtualClock(0), log()), log())
  const head = headers()
  head.set(summaryHeader, 'who it is about')
  await sealed.js.publish(subject.turns(0, actor), '{"words":"Hi"}', { headers: head })
  const said: object[] = []
  const without = opener(undefined, there.nc, virtualClock(0), { error: (facts: object) => said.push(facts) } as never)
  const plain = sealedStreams(there, undefined, without, log())
  const read = (node: Connection) => node.jsm.direct.getMessage(stream.turns, { last_by_subj: subject.turns(0, actor) })
  await expect(read(plain)).rejects.toThrow(/expected masterKeys, found none; set PARLEY_MASTER_KEYS/)
  expect((await read(sealed))?.json()).toEqual({ words: 'Hi' })
  const stored = await read(there)
  expect(stored?.header.get(summaryHeader)).toMatch(/^sealed /)
  const handed: unknown[] = []
  plain
    .opening({ deliver: (one) => handed.push(one), acquired: () => {}, beginsAt })
    .deliver({ data: stored!.data } as never)
  await here.nc.flush()
  expect([handed, said]).toMatchObject([[], [{ code: 'key-missing' }]])
})
