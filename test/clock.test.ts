/**
 * Virtual time: it stands still until it is moved, then everything due happens in order, each with its consequences.
 */
import { describe, expect, test } from 'vitest'
import { virtualClock } from '../adapters/clock.ts'

const start_ms = Date.UTC(2026, 2, 2, 14)

describe('virtual time', () => {
  test('stands still until it is moved', async () => {
    const clock = virtualClock(start_ms)
    expect(clock.now()).toBe(start_ms)
    await clock.advance(1_500)
    expect(clock.now()).toBe(start_ms + 1_500)
    await clock.advance(0)
    expect(clock.now()).toBe(start_ms + 1_500)
  })

  test('fires what is due in the order of its moments, and at one moment in the order it was asked for', async () => {
    const clock = virtualClock(start_ms)
    const fired: [string, number][] = []
    const at = (ms: number, name: string) => clock.after(ms, () => fired.push([name, clock.now() - start_ms]))
    at(300, 'c')
    at(100, 'a')
    at(300, 'd')
    at(200, 'b')
    at(301, 'later')
    await clock.advance(300)
    expect(fired).toEqual([
      ['a', 100],
      ['b', 200],
      ['c', 300],
      ['d', 300],
    ])
    await clock.advance(1)
    expect(fired.at(-1)).toEqual(['later', 301])
  })

  test('what a moment causes happens before the next moment, and may ask for more within the same move', async () => {
    const clock = virtualClock(start_ms)
    const story: string[] = []
    const again = (left: number) => {
      story.push(`tick ${clock.now() - start_ms}`)
      if (left > 0) clock.after(100, () => again(left - 1))
    }
    clock.after(100, () => again(3))
    clock.after(250, () => story.push('between'))
    await clock.advance(1_000, async () => {
      await Promise.resolve()
      story.push('settled')
    })
    expect(story.filter((word) => word !== 'settled')).toEqual([
      'tick 100',
      'tick 200',
      'between',
      'tick 300',
      'tick 400',
    ])
    expect(story.filter((word, index) => word !== 'settled' && story[index + 1] !== 'settled')).toEqual([])
    expect(clock.now()).toBe(start_ms + 1_000)
  })

  test('what was cancelled does not happen, cancelled twice or after it fired is harmless', async () => {
    const clock = virtualClock(start_ms)
    const fired: string[] = []
    const cancel = clock.after(100, () => fired.push('cancelled'))
    const late = clock.after(100, () => fired.push('kept'))
    cancel()
    cancel()
    await clock.advance(200)
    late()
    expect(fired).toEqual(['kept'])
  })

  test('what was due in the past fires at once, and time never goes back', async () => {
    const clock = virtualClock(start_ms)
    const fired: number[] = []
    clock.after(-5_000, () => fired.push(clock.now()))
    await clock.advance(0)
    expect(fired).toEqual([start_ms])
  })

  test('a sleep ends when its time has come, or when it is aborted', async () => {
    const clock = virtualClock(start_ms)
    const woken: string[] = []
    const abort = new AbortController()
    const sleeps = [
      clock.sleep(100).then(() => woken.push('100')),
      clock.sleep(1_000_000, abort.signal).then(() => woken.push('aborted')),
      clock.sleep(1_000_000, AbortSignal.abort()).then(() => woken.push('was aborted')),
    ]
    await clock.advance(100, () => new Promise((resolve) => setImmediate(resolve)))
    expect(woken).toEqual(['was aborted', '100'])
    abort.abort()
    await Promise.all(sleeps)
    expect(woken).toEqual(['was aborted', '100', 'aborted'])
  })
})
