/**
 * What every adapter promises, whatever its far side (adapter.ts; CONTRACTS section 5): one suite, run over each of them
 * against a real HTTP server.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Adapter, type Call, EffectError } from '../adapters/adapter.ts'
import { virtualClock } from '../adapters/clock.ts'
import { type FarSide, staticToken } from '../adapters/http.ts'
import { answer_bytes_max } from '../adapters/http-exchange.ts'
import type { Effect } from '../machines/effects.ts'
import { type Reply, type StandIn, standIn } from './far-side.ts'

/** Words that stand for the customer's own: they may be in bodies, never in errors. */
export const customer_words = 'my card is 4111 1111 1111 1111'

export interface ContractOf {
  adapter: (farSide: FarSide) => Adapter
  /** One effect of each type that the adapter performs, with `customer_words` where text goes. */
  effects: Effect[]
  /** What the far side says when it agrees to the effect. */
  agrees: (effect: Effect) => Reply
  /** How its bodies are written; JSON unless said. */
  contentType?: string
  /** How a token travels; `Bearer` unless said. */
  scheme?: string
}

const now_ms = Date.UTC(2026, 2, 2, 14, 0, 0)

/** One attempt's call; the same key, tracking id and trace for every attempt of one effect. */
export function callOf(key = 'effect-1', signal = new AbortController().signal): Call {
  return {
    idempotencyKey: key,
    trackingId: 'WebexConnect_44fba68a-d9cb-4301-8fd4-96d654f8e809',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    signal,
  }
}

export function farSideAt(url: string, token?: string): FarSide {
  return { url, authorization: staticToken(token), now: virtualClock(now_ms).now }
}

/** The error of a promise that must fail with an `EffectError`. */
export async function effectErrorOf(promise: Promise<unknown>): Promise<EffectError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(EffectError)
  return error as EffectError
}

interface Refusal {
  title: string
  reply: Reply
  expected: { family: string; code: string; retryAfterMs?: number }
}

const retryable = (code: string, retryAfterMs?: number) => ({
  family: 'retryable',
  code,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
})
const terminal = (code: string) => ({ family: 'terminal', code })
const huge = `{"words":"${'x'.repeat(answer_bytes_max)}"}`
const http_date = new Date(now_ms + 90_000).toUTCString()

const refusals: Refusal[] = [
  ...[408, 425, 500, 502, 504].map((status) => ({
    title: `status ${status}`,
    reply: { status },
    expected: retryable('failed'),
  })),
  { title: 'status 429', reply: { status: 429 }, expected: retryable('tooManyRequests') },
  { title: 'status 503', reply: { status: 503, body: '<html>' }, expected: retryable('serviceUnavailable') },
  ...[400, 401, 403, 405, 409, 413, 422].map((status) => ({
    title: `${[401, 403].includes(status) ? 'G3: ' : ''}status ${status}`,
    reply: { status, body: { errorMessage: customer_words } },
    expected: terminal('refused'),
  })),
  { title: 'status 404', reply: { status: 404 }, expected: terminal('notFound') },
  {
    title: '429 with Retry-After in seconds',
    reply: { status: 429, headers: { 'retry-after': '7' } },
    expected: retryable('tooManyRequests', 7_000),
  },
  {
    title: '503 with Retry-After as a date, against the clock it is given',
    reply: { status: 503, headers: { 'retry-after': http_date } },
    expected: retryable('serviceUnavailable', 90_000),
  },
  {
    title: 'a redirect, which is not followed',
    reply: { status: 307, headers: { location: '/elsewhere' } },
    expected: terminal('refused'),
  },
  { title: 'a reset', reply: { status: 200, breaks: 'reset' }, expected: retryable('failed') },
  {
    title: 'an answer whose connection was lost half-way',
    reply: { status: 200, body: { words: customer_words }, breaks: 'truncate' },
    expected: retryable('failed'),
  },
  {
    title: 'JSON that ends half-way',
    reply: { status: 200, body: `{"words":"${customer_words}` },
    expected: retryable('failed'),
  },
  {
    title: 'a page that some proxy wrote, though with 200',
    reply: { status: 200, headers: { 'content-type': 'text/html' }, body: `<html>${customer_words}</html>` },
    expected: retryable('failed'),
  },
  { title: 'an answer of more than 1 MiB', reply: { status: 200, body: huge }, expected: retryable('failed') },
]

export function adapterContract(name: string, { adapter, effects, agrees, contentType, scheme }: ContractOf): void {
  describe(`${name}, as every adapter`, () => {
    let far: StandIn
    beforeEach(async () => {
      far = await standIn()
    })
    afterEach(() => far.close())
    const [first] = effects as [Effect]

    test('names one effect of the suite for each type it performs', () => {
      const performed = adapter(farSideAt(far.url)).performs
      expect(effects.map(({ type }) => type).sort()).toEqual([...performed].sort())
    })

    test.each(effects.map((effect) => ({ type: effect.type, effect })))(
      'T6: $type carries the same key and the same bytes on every attempt',
      async ({ effect }) => {
        far.answer({ status: 500 }, { status: 200, breaks: 'reset' }, agrees(effect))
        const it = adapter(farSideAt(far.url))
        await effectErrorOf(it.perform(effect, callOf()))
        await effectErrorOf(it.perform(structuredClone(effect), callOf()))
        await it.perform(effect, callOf())
        expect(far.requests).toHaveLength(3)
        expect(new Set(far.requests.map(({ text }) => text)).size).toBe(1)
        for (const { method, headers } of far.requests) {
          expect(method).toBe(effect.type === 'checkTask' ? 'GET' : 'POST')
          expect(headers).toMatchObject({
            'idempotency-key': 'effect-1',
            'x-tracking-id': callOf().trackingId,
            traceparent: callOf().traceparent,
            'content-type': contentType ?? 'application/json',
          })
          expect(headers).not.toHaveProperty('authorization')
        }
      },
    )

    test(`G3: a token travels as ${scheme ?? 'Bearer'}, and the address may have a path and a trailing slash`, async () => {
      far.answer(agrees(first))
      await adapter(farSideAt(`${far.url}/proxy/`, 'secret-1')).perform(first, callOf())
      expect(far.requests[0]?.headers.authorization).toBe(`${scheme ?? 'Bearer'} secret-1`)
      expect(far.requests[0]?.path).toMatch(/^\/proxy\/[a-z0-9]/)
    })

    test.each(refusals)('$title is $expected.family $expected.code', async ({ reply, expected }) => {
      far.answer(reply)
      const error = await effectErrorOf(adapter(farSideAt(far.url, 'secret-1')).perform(first, callOf()))
      expect(error).toMatchObject(expected)
      expect(error.retryAfterMs).toBe(expected.retryAfterMs)
      expect(`${error.message} ${String(error.cause ?? '')}`).not.toMatch(/4111|secret-1/)
      expect(far.requests).toHaveLength(1)
    })

    test('nobody listening is retryable failed', async () => {
      await far.close()
      const error = await effectErrorOf(adapter(farSideAt(far.url)).perform(first, callOf()))
      expect(error).toMatchObject(retryable('failed'))
    })

    test.each<{ title: string; how: Partial<Reply> }>([
      { title: 'before the answer', how: { after: new Promise(() => {}) } },
      { title: 'in the middle of the answer', how: { body: { words: customer_words }, breaks: 'stall' } },
    ])('an attempt whose time is up $title ends at once, as retryable failed', async ({ how }) => {
      const time = new AbortController()
      far.answer({ ...agrees(first), ...how })
      const attempt = effectErrorOf(adapter(farSideAt(far.url)).perform(first, callOf('effect-1', time.signal)))
      await far.heard(1)
      time.abort()
      expect(await attempt).toMatchObject(retryable('failed'))
    })

    test('an effect of another adapter is refused for good, and no call goes out', async () => {
      const alert: Effect = { type: 'raiseAlert', payload: { code: 'x', detail: {} } }
      expect(await effectErrorOf(adapter(farSideAt(far.url)).perform(alert, callOf()))).toMatchObject(
        terminal('refused'),
      )
      expect(far.requests).toHaveLength(0)
    })
  })
}
