/**
 * Traces from door to effect on a real node and broker, with far sides that keep their requests and a collector that reads
 * OTLP as JSON over HTTP.
 */

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { headers } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openLog } from '../runtime/log.ts'
import { traceIn } from '../runtime/trace-context.ts'
import { type Broker, startBroker } from './broker.ts'
import { type FarSides, farSides } from './far-sides.ts'
import { customer, type Json, smsBody, startTestNode, type TestNode } from './node.ts'

let broker: Broker
let far: FarSides
let collector: Server
let node: TestNode
const spans: Json[] = []

beforeAll(async () => {
  broker = await startBroker()
  far = await farSides()
  collector = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
      for (const scope of scopeSpans) {
        for (const span of scope.spans) spans.push({ ...span, resource, path: request.url })
      }
    }
    response.setHeader('content-type', 'application/json').end('{}')
  }).listen(0, '127.0.0.1')
  await once(collector, 'listening')
  const { port } = collector.address() as AddressInfo
  node = await startTestNode(broker, {
    ...far.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/`,
    PARLEY_LOG_LEVEL: 'debug',
  })
})
afterAll(async () => {
  await node.stop()
  collector.close()
  await far.close()
  await broker.stop()
})

const trace = '0af7651916cd43dd8448eb211c80319c'
const sender = 'b7ad6b7169203331'
const traceparent = `00-${trace}-${sender}-01`
const collected = (traceId: string, name: string) =>
  vi.waitFor(
    () => {
      const found = spans.find((span) => span.traceId === traceId && span.name === name)
      expect(found, `${name} among ${spans.map((span) => span.name)}`).toBeDefined()
      return found
    },
    { timeout: 10_000 },
  )
const attribute = (span: Json, key: string) => {
  const value = span.attributes.find((one: Json) => one.key === key)?.value
  return value?.stringValue ?? value?.intValue
}

describe('A trace', () => {
  test('goes from the sender through door, turn and effect to the far side, and on with its answer', async () => {
    await node.ask('POST', '/v1/inbound/sms', smsBody('secret words'), { traceparent })
    await node.advance(0)
    const door = await collected(trace, 'accept sms')
    const turn = await collected(trace, 'turn sms')
    const effect = await collected(trace, 'effect searchConversation')
    expect(door.parentSpanId).toBe(sender)
    expect(turn.parentSpanId).toBe(door.spanId)
    expect(effect.parentSpanId).toBe(turn.spanId)
    const search = far.requests.find(({ headers }) => headers.traceparent?.includes(trace))
    expect(search!.headers.traceparent).toBe(`00-${trace}-${effect.spanId}-01`)
    expect(search!.headers['idempotency-key']).toBe(attribute(effect, 'parley.effect.key'))
    const create = await collected(trace, 'effect createConversation')
    const answered = spans.find(({ spanId }) => spanId === create.parentSpanId)
    expect(answered).toMatchObject({ name: 'turn sms', parentSpanId: effect.spanId })
    expect(new Set(spans.map(({ path }) => path))).toEqual(new Set(['/v1/traces']))
    expect(door.kind).toBe(2)
    expect(Number(effect.endTimeUnixNano)).toBeGreaterThanOrEqual(Number(effect.startTimeUnixNano))
  })

  test('is of ids, states and codes: neither words nor the customer are in it', () => {
    expect(spans.length).toBeGreaterThan(5)
    expect(JSON.stringify(spans)).not.toMatch(new RegExp(`secret words|${customer.slice(1)}`))
    expect(
      attribute(
        spans.find(({ name }) => name === 'turn sms'),
        'parley.actor',
      ),
    ).toMatch(/^[0-9a-f]{16}$/)
  })

  test('comes with the headers of a NATS request, too', async () => {
    const own = trace.replace('0af', '1af')
    const head = headers()
    head.set('traceparent', `00-${own}-${sender}-01`)
    const body = JSON.stringify(smsBody('Hi', { from: '+14155550701' }))
    await node.node.broker.nc.request('parley.accept.sms', body, { headers: head, timeout: 5_000 })
    expect((await collected(own, 'accept sms')).parentSpanId).toBe(sender)
    await collected(own, 'turn sms')
  })

  test('begins at the door when the sender has none, or one that is none', async () => {
    const before = spans.length
    await node.ask('POST', '/v1/inbound/sms', smsBody('Hi', { from: '+14155550702' }), { traceparent: 'none' })
    const door = await vi.waitFor(
      () => {
        const found = spans.slice(before).find(({ name }) => name === 'accept sms')
        expect(found).toBeDefined()
        return found
      },
      { timeout: 10_000 },
    )
    expect(door.parentSpanId ?? '').toBe('')
    await collected(door.traceId, 'effect searchConversation')
  })

  test('whose sender does not want it recorded is passed on, and not recorded', async () => {
    const own = trace.replace('0af', '2af')
    await node.ask('POST', '/v1/inbound/sms', smsBody('Hi', { from: '+14155550703' }), {
      traceparent: `00-${own}-${sender}-00`,
    })
    await vi.waitFor(() => expect(far.requests.some(({ headers }) => headers.traceparent?.includes(own))).toBe(true))
    expect(far.requests.find(({ headers }) => headers.traceparent?.includes(own))!.headers.traceparent).toMatch(/-00$/)
    expect(spans.some(({ traceId }) => traceId === own)).toBe(false)
  })

  test('is named in the log of its turns', async () => {
    const lines = (await readFile(node.logFile, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'turn', trace }))
  })
})

test('without a collector the trace of a sender is still passed on to the far side', async () => {
  const plain = await startTestNode(broker, far.env)
  const own = trace.replace('0af', '3af')
  await plain.ask('POST', '/v1/inbound/sms', smsBody('Hi', { from: '+14155550704' }), {
    traceparent: `00-${own}-${sender}-01`,
  })
  await vi.waitFor(() => expect(far.requests.some(({ headers }) => headers.traceparent?.includes(own))).toBe(true), {
    timeout: 10_000,
  })
  await plain.stop()
})

test('a collector that is away costs spans, not turns, and the log says so', async () => {
  const lonely = await startTestNode(broker, { ...far.env, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  await lonely.text('Hi', { from: '+14155550705' })
  await vi.waitFor(async () => expect((await lonely.conversation('+14155550705'))?.state).toBeDefined())
  await lonely.stop()
  expect(await readFile(lonely.logFile, 'utf8')).toContain('traces-not-exported')
})

test.each([
  '',
  'x',
  '00-0-0-01',
  `00-${'0'.repeat(32)}-${sender}-01`,
  `00-${trace}-${'0'.repeat(16)}-01`,
  `ff-${trace}-${sender}-01`,
  `00-${trace.toUpperCase()}-${sender}-01`,
  undefined,
])('%s is no traceparent', (text) => expect(traceIn(text)).toBeUndefined())

test('what bears the name of a secret is starred out in the log', async () => {
  const file = join(broker.dir, 'redacted.log')
  openLog('info', file).info(
    { token: 'a-secret', request: { headers: { authorization: 'Bearer a-secret' } }, tokens: { password: 'a-secret' } },
    'x',
  )
  const line = await vi.waitFor(async () => {
    const text = await readFile(file, 'utf8')
    expect(text).not.toBe('')
    return text
  })
  expect(line).toContain('***')
  expect(line).not.toContain('a-secret')
})
