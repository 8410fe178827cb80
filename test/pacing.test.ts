/**
 * What makes things wait: pauses between attempts, the breaker of a destination, the rate of a customer, the lane of an
 * actor. All on virtual time.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { virtualClock } from '../adapters/clock.ts'
import { presets } from '../machines/policy.ts'
import {
  type Breaker,
  breaker,
  breaker_failures_max,
  breaker_open_ms,
  breaker_open_ms_max,
} from '../runtime/breaker.ts'
import { lanes } from '../runtime/lanes.ts'
import { rateLimit } from '../runtime/rate-limit.ts'
import { pauseMs } from '../runtime/retry.ts'

const start_ms = Date.UTC(2026, 2, 2, 14)
const everythingElse = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the pause before the next attempt', () => {
  const { retry } = presets.representative
  const least = () => 0
  const most = () => 1 - Number.EPSILON

  test('doubles from back-off to its maximum, half of it by chance', () => {
    const ceilings = [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]
    expect(ceilings.map((_, index) => pauseMs(retry, index + 1, undefined, most))).toEqual(ceilings)
    expect(ceilings.map((_, index) => pauseMs(retry, index + 1, undefined, least))).toEqual(
      ceilings.map((ms) => ms / 2),
    )
    expect(pauseMs(retry, 2_000, undefined, most)).toBe(30_000)
  })

  test('is never shorter than the Retry-After of the far side, however long', () => {
    expect(pauseMs(retry, 1, 120_000, least)).toBe(120_000)
    expect(pauseMs(retry, 10, 1, least)).toBe(15_000)
    expect(pauseMs(retry, 1, 0, least)).toBe(100)
  })
})

describe('the breaker of a destination', () => {
  const failing = (one: Breaker, times: number) => {
    for (let i = 0; i < times; i++) one.failed()
  }
  const passes = async (one: Breaker) => {
    let passed = false
    void one.pass().then(() => {
      passed = true
    })
    await everythingElse()
    return passed
  }

  test('opens after so many failures in a row, and a success in between starts the count anew', async () => {
    const one = breaker(virtualClock(start_ms))
    failing(one, breaker_failures_max - 1)
    one.succeeded()
    failing(one, breaker_failures_max - 1)
    expect(one.isOpen()).toBe(false)
    expect(await passes(one)).toBe(true)
    one.failed()
    expect(one.isOpen()).toBe(true)
    expect(await passes(one)).toBe(false)
  })

  test('after its time lets one attempt try the ground; a success lets the others follow at once', async () => {
    const clock = virtualClock(start_ms)
    const one = breaker(clock)
    failing(one, breaker_failures_max)
    const passed: string[] = []
    for (const name of ['first', 'second', 'third']) void one.pass().then(() => passed.push(name))
    await clock.advance(breaker_open_ms - 1, everythingElse)
    expect(passed).toEqual([])
    await clock.advance(1, everythingElse)
    expect(passed).toEqual(['first'])
    one.succeeded()
    await everythingElse()
    expect(passed).toEqual(['first', 'second', 'third'])
    expect(one.isOpen()).toBe(false)
  })

  test('stays open for twice as long after each attempt that fails, up to its maximum', async () => {
    const clock = virtualClock(start_ms)
    const one = breaker(clock)
    failing(one, breaker_failures_max)
    for (const wait_ms of [2_000, 4_000, 8_000, 16_000, 30_000, breaker_open_ms_max]) {
      let passed = false
      void one.pass().then(() => {
        passed = true
      })
      await clock.advance(wait_ms - 1, everythingElse)
      expect(passed).toBe(false)
      await clock.advance(1, everythingElse)
      expect(passed).toBe(true)
      one.failed()
    }
  })

  test('failures of attempts that went out before it opened do not keep it open longer; a late success closes it', async () => {
    const clock = virtualClock(start_ms)
    const one = breaker(clock)
    failing(one, breaker_failures_max + 20)
    await clock.advance(breaker_open_ms, everythingElse)
    expect(await passes(one)).toBe(true)
    one.failed()
    one.succeeded()
    expect(one.isOpen()).toBe(false)
  })
})

describe('the rate of a customer', () => {
  test.each([1, 2, 3, 7, 60, 61, 100, 600])(
    '%i a minute: that many at once, then one whenever it says so',
    async (perMinute) => {
      const clock = virtualClock(start_ms)
      const limit = rateLimit(clock, perMinute)
      for (let i = 0; i < perMinute; i++) expect(limit('a')).toBe(0)
      for (let i = 0; i < 5; i++) {
        const wait_ms = limit('a')
        expect(wait_ms).toBe(Math.floor(60_000 / perMinute))
        await clock.advance(wait_ms - 1)
        expect(limit('a')).toBe(1)
        await clock.advance(1)
        expect(limit('a')).toBe(0)
      }
      expect(limit('b')).toBe(0)
    },
  )

  test('a refused message does not count, and a minute of silence makes the allowance whole again', async () => {
    const clock = virtualClock(start_ms)
    const limit = rateLimit(clock, 2)
    for (let i = 0; i < 100; i++) limit('a')
    await clock.advance(60_000)
    expect([limit('a'), limit('a'), limit('a')]).toEqual([0, 0, 30_000])
  })

  test('0 is no limit', () => {
    const limit = rateLimit(virtualClock(start_ms), 0)
    for (let i = 0; i < 1_000; i++) expect(limit('a')).toBe(0)
  })
})

describe('the lane of an actor', () => {
  test('T1: whatever takes how long, work of one actor runs in order and alone, and no other actor waits for it', async () => {
    const work = fc.array(fc.record({ actor: fc.constantFrom('a', 'b', 'c'), ticks: fc.nat(5) }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(work, async (all) => {
        const { run, size } = lanes()
        const running = new Set<string>()
        const done: Record<string, number[]> = { a: [], b: [], c: [] }
        const given: Record<string, number[]> = { a: [], b: [], c: [] }
        await Promise.all(
          all.map(({ actor, ticks }, index) => {
            given[actor]?.push(index)
            return run(actor, async () => {
              expect(running.has(actor)).toBe(false)
              running.add(actor)
              for (let i = 0; i < ticks; i++) await Promise.resolve()
              running.delete(actor)
              done[actor]?.push(index)
            })
          }),
        )
        expect(done).toEqual(given)
        expect(size()).toBe(0)
      }),
      { numRuns: 200, seed: 20260302 },
    )
  })

  test('an actor whose work never ends holds nobody else up', async () => {
    const { run, size } = lanes()
    void run('stuck', () => new Promise(() => {}))
    let behind = false
    void run('stuck', async () => {
      behind = true
    })
    await run('free', async () => {})
    expect(behind).toBe(false)
    expect(size()).toBe(1)
  })
})
