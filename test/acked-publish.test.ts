/** Publishing with one inbox for all acks: every publish settles, and as the client's own would. */
import { JetStreamApiError } from '@nats-io/jetstream'
import { headers, TimeoutError } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker as Connection, connectBroker } from '../runtime/broker.ts'
import { type Broker, startBroker } from './broker.ts'

let broker: Broker
let connection: Connection

beforeAll(async () => {
  broker = await startBroker()
  connection = await connectBroker([broker.url], {}, 'test')
  await connection.jsm.streams.add({ name: 'KEPT', subjects: ['kept.>'], allow_direct: true })
})
afterAll(async () => {
  await connection.nc.close()
  await broker.stop()
})

const expecting = (revision: number) => {
  const head = headers()
  head.set('Nats-Expected-Last-Subject-Sequence', String(revision))
  return { headers: head }
}

test('an append is acked with its sequence, and many at once each with their own', async () => {
  const acks = await Promise.all(Array.from({ length: 500 }, (_, n) => connection.js.publish(`kept.many.${n}`, `${n}`)))
  const stored = await connection.jsm.direct.getMessage('KEPT', { seq: acks[321]!.seq })
  expect(stored?.string()).toBe('321')
  expect(acks.every(({ duplicate }) => duplicate === false)).toBe(true)
})

test('the same message id within the window is told to be a duplicate', async () => {
  const first = await connection.js.publish('kept.once', 'a', { msgID: 'one' })
  expect(await connection.js.publish('kept.once', 'a', { msgID: 'one' })).toMatchObject({
    seq: first.seq,
    duplicate: true,
  })
})

test('T3: an append whose condition does not hold is refused with the code of the server', async () => {
  await connection.js.publish('kept.actor', 'first', expecting(0))
  const refused = await connection.js.publish('kept.actor', 'second', expecting(0)).catch((error) => error)
  expect(refused).toBeInstanceOf(JetStreamApiError)
  expect(refused.code).toBe(10071)
})

test('a message that the server would not take is refused at once, wherever it stands among many, and the others are stored', async () => {
  const { max_payload } = connection.nc.info!
  const refused = 11 // the last of those that leave together before the loop has turned
  const all = Array.from({ length: 14 }, (_, n) =>
    connection.js.publish(`kept.beside.${n}`, n === refused ? new Uint8Array(max_payload + 1) : 'a', {
      timeout: 60_000,
    }),
  )
  const ended = await Promise.allSettled(all)
  const statuses = Array.from({ length: all.length }, (_, n) => (n === refused ? 'rejected' : 'fulfilled'))
  expect(ended.map(({ status }) => status)).toEqual(statuses)
  expect(ended[refused]).toMatchObject({ reason: { message: expect.stringContaining('max_payload') } })
  await expect(connection.js.publish('kept.large', new Uint8Array(max_payload + 1))).rejects.toThrow()
})

test('a subject of no stream is refused, not waited for', async () => {
  await expect(connection.js.publish('nobody.takes.it', 'a', { timeout: 60_000 })).rejects.toThrow(/no stream takes/)
})

test('options it does not know go to the client as before', async () => {
  const { seq } = await connection.js.publish('kept.client', 'a', { expect: { streamName: 'KEPT' } })
  expect(seq).toBeGreaterThan(0)
})

test('a publish that nobody answers ends at its deadline', async () => {
  const silent = connection.nc.subscribe('silent')
  await expect(connection.js.publish('silent', 'a', { timeout: 200 })).rejects.toBeInstanceOf(TimeoutError)
  silent.unsubscribe()
})

test('a publish is refused as soon as the broker is away, and goes through as soon as it is back', async () => {
  await broker.pause()
  const waiting = connection.js.publish('kept.away', 'a', { timeout: 60_000 })
  await expect(waiting).rejects.toThrow(/connection to NATS is lost/)
  await broker.resume()
  const back = () => connection.js.publish('kept.back', 'a').then(({ seq }) => seq)
  await expect.poll(back, { timeout: 10_000 }).toBeGreaterThan(0)
})

test('what waits when the connection is closed for good is refused', async () => {
  const other = await connectBroker([broker.url], {}, 'closing')
  const silent = connection.nc.subscribe('silent')
  await connection.nc.flush()
  const waiting = other.js.publish('silent', 'a', { timeout: 60_000 })
  await Promise.all([
    expect(waiting).rejects.toThrow(/connection to NATS is lost/),
    other.nc.flush().then(() => other.nc.close()),
  ])
  silent.unsubscribe()
})
