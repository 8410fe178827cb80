/**
 * What `GET /metrics` tells: counts that follow from what was done, and nothing about anybody.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { asset, customer, smsBody, startTestNode, type TestNode } from './node.ts'

let broker: Broker
let far: FarSides
let node: TestNode
let lines: string[]

beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  node = await startTestNode(broker, far.env)
  far.next('createConversation', { status: 503, body: {} })
  const hello = smsBody('hello from somebody', { tid: 'once' })
  for (const body of [hello, hello, { ...hello, da: '19995550100' }, { da: asset }]) {
    await node.ask('POST', '/v1/inbound/sms', body)
    await node.advance(1_000)
  }
  await node.advance(60_000)
  const { status, headers, body } = await node.ask('GET', '/metrics')
  expect([status, headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain/)])
  lines = String(body).split('\n')
})
afterAll(async () => {
  await node.stop()
  await far.close()
  await broker.stop()
})

/** The value of a series; undefined where there is none. */
const seriesValue = (series: string): number | undefined => {
  const line = lines.find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

test.each([
  ['parley_accept_seconds_count{door="sms",answer="stored"}', 1],
  ['parley_accept_seconds_count{door="sms",answer="duplicate"}', 1],
  ['parley_accept_seconds_count{door="sms",answer="unhandled"}', 1],
  ['parley_accept_seconds_count{door="sms",answer="400"}', 1],
  ['parley_effect_attempt_seconds_count{destination="engage",effect="searchConversation",outcome="done"}', 1],
  ['parley_effect_attempt_seconds_count{destination="engage",effect="createConversation",outcome="retryable"}', 1],
  ['parley_effect_attempt_seconds_count{destination="engage",effect="createConversation",outcome="done"}', 1],
  ['parley_effect_attempt_seconds_count{destination="connect",effect="sendMessage",outcome="done"}', 1],
  ['parley_dead_letters_total{kind="unhandled"}', 1],
  ['parley_conversations{channel="sms",state="noConversation"}', 1],
  ['parley_stream_messages{stream="INBOX"}', 0],
  ['parley_stream_messages{stream="DEAD"}', 1],
])('%s is %i', (series, value) => {
  expect(seriesValue(series)).toBe(value)
})

test('the age of the outbox is that of the oldest turn whose effects have not all ended', async () => {
  const age = async () => {
    lines = String((await node.ask('GET', '/metrics')).body).split('\n')
    return seriesValue('parley_outbox_oldest_seconds')
  }
  expect(await age()).toBe(0)
  far.next('searchConversation', { status: 503, body: {} })
  await node.ask('POST', '/v1/inbound/sms', smsBody('hello', { from: '+14155550177' }))
  await node.advance(0)
  expect(await age()).toBeGreaterThan(0)
  await node.advance(60_000)
  expect(await age()).toBe(0)
})

test('the process tells of itself, too', () => {
  expect(seriesValue('process_resident_memory_bytes')).toBeGreaterThan(0)
})

test('no customer, no words and no id stands in any of it', () => {
  const id = far.requests[0]!.headers['idempotency-key']!.split('.')[0]!
  for (const secret of [customer, customer.slice(1), 'hello', 'once', id])
    expect(lines.join('\n')).not.toContain(secret)
})
