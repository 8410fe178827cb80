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
import { pacing, promised_max } from '../runtime/pacing.ts'
import { partitionOf } from '../runtime/partition.ts'
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

describe('the pace at which conversations ask how their tasks stand', () => {
  const check = [{ type: 'checkTask', payload: {} }]
  const due = { timer: 'reconcileAfter.queued', generation: 3 }
  const crowdOf = (count: number) => Array.from({ length: count }, (_, index) => index.toString(16).padStart(16, '0'))
  const pacingAt = (partitions: number, perSecond: number) => {
    const clock = virtualClock(start_ms)
    const paces = pacing(clock, partitions, perSecond)
    const asked: { actor: string; at_ms: number }[] = []
    const comes = (actor: string) => {
      const later_ms = paces.putOffUntil(actor, due, check)
      if (later_ms === undefined) asked.push({ actor, at_ms: clock.now() })
      else clock.after(later_ms - clock.now(), () => comes(actor))
    }
    return { clock, paces, asked, comes }
  }
  /** The most that asked in one second, whenever it begins. */
  const inOneSecond = (asked: { at_ms: number }[]) =>
    Math.max(...asked.map(({ at_ms }) => asked.filter((one) => one.at_ms >= at_ms && one.at_ms < at_ms + 1_000).length))

  test.each([
    { partitions: 1, perSecond: 1, atFirst: 1 },
    { partitions: 1, perSecond: 10, atFirst: 10 },
    { partitions: 4, perSecond: 10, atFirst: 10 },
    { partitions: 3, perSecond: 7, atFirst: 7 },
    { partitions: 16, perSecond: 50, atFirst: 50 },
    { partitions: 32, perSecond: 10, atFirst: 32 },
    { partitions: 64, perSecond: 1, atFirst: 64 },
  ])(
    'E41: of 400 that come at once over $partitions partitions, $perSecond ask in a second and $atFirst in the first, until all have',
    async ({ partitions, perSecond, atFirst }) => {
      const { clock, asked, comes } = pacingAt(partitions, perSecond)
      const crowd = crowdOf(400)
      for (const actor of crowd) comes(actor)
      await clock.advance(3_600_000)
      expect(asked.map(({ actor }) => actor).sort()).toEqual(crowd)
      expect(inOneSecond(asked)).toBeLessThanOrEqual(atFirst)
      const cycle_ms = (1_000 * partitions) / perSecond
      expect(inOneSecond(asked.filter(({ at_ms }) => at_ms >= start_ms + cycle_ms))).toBeLessThanOrEqual(perSecond)
      const fullest = Math.max(
        ...Array.from(
          { length: partitions },
          (_, one) => crowd.filter((a) => partitionOf(a, partitions) === one).length,
        ),
      )
      expect(asked.at(-1)!.at_ms - start_ms).toBeLessThanOrEqual((fullest + 1) * Math.ceil(cycle_ms))
    },
  )

  test('E41: whenever they come, a partition asks once a cycle at most, and who finds it quiet asks at once', async () => {
    const arrivals = fc.array(fc.nat(20_000), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(arrivals, async (moments) => {
        const { clock, asked, comes } = pacingAt(1, 2)
        for (const [index, ms] of moments.entries()) clock.after(ms, () => comes(`${index}`))
        await clock.advance(60_000)
        expect(asked).toHaveLength(moments.length)
        expect(asked[0]?.at_ms).toBe(start_ms + Math.min(...moments))
        const gaps = asked.slice(1).map(({ at_ms }, index) => at_ms - asked[index]!.at_ms)
        expect(Math.min(500, ...gaps)).toBe(500)
      }),
      { numRuns: 100, seed: 20260302 },
    )
  })

  test('E41: those that wait ask in the order in which they came, and each keeps its moment however often it comes early', () => {
    const { clock, paces } = pacingAt(1, 1)
    const comes = (actor: string) => paces.putOffUntil(actor, due, check)
    expect(comes('first')).toBeUndefined()
    const [second, third] = [comes('second'), comes('third')]
    expect(third! - second!).toBe(1_000)
    expect([comes('third'), comes('second')]).toEqual([third, second])
    expect(second).toBeLessThan(clock.now() + 2_000)
  })

  test('E41: a moment is for the wait it was promised to, not for a later one of the same conversation', async () => {
    const { clock, paces } = pacingAt(1, 1)
    paces.putOffUntil('first', due, check)
    const promised = paces.putOffUntil('second', due, check)!
    await clock.advance(promised - clock.now())
    expect(paces.putOffUntil('second', { ...due, generation: 9 }, check)).toBeGreaterThan(promised)
    expect(paces.putOffUntil('second', due, check)).toBeUndefined()
  })

  test('E41: a new owner keeps the rate whatever the last one promised', async () => {
    const { clock, paces, asked, comes } = pacingAt(1, 1)
    for (const actor of crowdOf(20)) comes(actor)
    await clock.advance(5_500)
    paces.dropPartition(0)
    const before = asked.length
    await clock.advance(3_600_000)
    expect(asked).toHaveLength(20)
    expect(inOneSecond(asked.slice(before))).toBe(1)
  })

  test('E41: more than are promised a moment come back after the last of them, and are promised one then', async () => {
    const { clock, paces, asked, comes } = pacingAt(1, 1_000)
    const crowd = crowdOf(promised_max + 3)
    for (const actor of crowd.slice(0, promised_max + 1)) comes(actor)
    const moments = crowd.slice(promised_max + 1).map((actor) => paces.putOffUntil(actor, due, check))
    expect(moments).toEqual([clock.now() + promised_max + 1, clock.now() + promised_max + 1])
    for (const actor of crowd.slice(promised_max + 1)) comes(actor)
    await clock.advance(promised_max + 5)
    expect(asked).toHaveLength(crowd.length)
  }, 30_000)

  test.each([
    { what: 'other effects', perSecond: 1, effects: [{ type: 'sendMessage', payload: {} }] },
    { what: 'a turn without effects', perSecond: 1, effects: [] },
    { what: 'checks when there is no limit', perSecond: 0, effects: check },
  ])('$what: never put off', ({ perSecond, effects }) => {
    const { paces } = pacingAt(4, perSecond)
    for (const actor of crowdOf(100)) expect(paces.putOffUntil(actor, due, effects)).toBeUndefined()
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
