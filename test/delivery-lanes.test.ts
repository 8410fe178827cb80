/**
 * The lanes of the desk's outgoing queue alone, on a virtual clock: which delivery goes next in each state.
 * What is posted, and when, over real HTTP: `desk.test.ts` and `desk-several.test.ts`.
 */
import { describe, expect, test } from 'vitest'
import { virtualClock } from '../adapters/clock.ts'
import { openLanes } from '../adapters/desk/delivery-lanes.ts'
import type { Delivery } from '../adapters/desk/entries.ts'

const delivery = (id: string, kind: Delivery['kind'] = 'webhook'): Delivery => ({
  id,
  kind,
  lane: 'task 1',
  type: id,
  taskId: 'task 1',
  to: '',
  body: {},
})

function lanesOf(ids: string[], comesBehind: string[] = []) {
  const clock = virtualClock(0)
  const free: string[] = []
  const state = { hold: false, comesBehind }
  const lanes = openLanes({
    clock,
    isHolding: () => state.hold,
    comesBehind: ({ id }) => state.comesBehind.includes(id),
    onFree: (lane) => free.push(lane),
  })
  for (const id of ids) lanes.join(delivery(id))
  const next = () => lanes.next('task 1')
  const take = () => {
    const one = next()!
    lanes.leave(one)
    lanes.overtake('task 1')
    return one.delivery.id
  }
  return { clock, free, state, lanes, nextId: () => next()?.delivery.id, take }
}

describe('A lane of the outgoing queue', () => {
  test('goes out in the order in which things joined it', () => {
    const { take, nextId } = lanesOf(['a', 'b', 'c'])
    expect([take(), take(), take(), nextId()]).toEqual(['a', 'b', 'c', undefined])
  })

  test('is passed by what a hold does not keep: receipts', () => {
    const { state, lanes, nextId } = lanesOf(['a'])
    lanes.join(delivery('receipt', 'receipt'))
    state.hold = true
    expect(nextId()).toBe('receipt')
    expect(lanes.held().map((one) => one.delivery.id)).toEqual(['a'])
  })

  test('lets one that comes behind go when another went, and not behind a second one', () => {
    const { take } = lanesOf(['a', 'b', 'c'], ['a'])
    expect([take(), take(), take()]).toEqual(['b', 'a', 'c'])
  })

  test('lets one that comes behind go after 10 s without another, or once nobody asks for it any more', async () => {
    const { clock, free, nextId } = lanesOf(['a'], ['a'])
    expect(nextId()).toBeUndefined()
    await clock.advance(9_999)
    expect([nextId(), free]).toEqual([undefined, []])
    await clock.advance(1)
    expect([nextId(), free]).toEqual(['a', ['task 1']])

    const cleared = lanesOf(['a'], ['a'])
    expect(cleared.nextId()).toBeUndefined()
    cleared.state.comesBehind = []
    expect(cleared.nextId()).toBe('a')
  })

  test('passes over one that is being released; one whose release failed goes on whatever is held', () => {
    const { state, lanes, nextId } = lanesOf(['a', 'b'], ['a'])
    state.hold = true
    const [one] = lanes.held()
    lanes.release(one!)
    expect([nextId(), lanes.held().map(({ delivery }) => delivery.id)]).toEqual([undefined, ['b']])
    lanes.released(one!)
    expect([nextId(), lanes.held().map(({ delivery }) => delivery.id)]).toEqual(['a', ['b']])
  })

  test('waits for one that another desk posts, until that desk says so or 30 s are over', async () => {
    const { clock, free, lanes, nextId } = lanesOf([])
    lanes.joinElsewhere(delivery('theirs'))
    lanes.join(delivery('own'))
    expect([nextId(), lanes.takenElsewhere('own')]).toEqual([undefined, undefined])
    expect([lanes.takenElsewhere('theirs'), nextId()]).toEqual(['task 1', 'own'])

    lanes.joinElsewhere(delivery('lost'))
    lanes.leave(lanes.next('task 1')!)
    await clock.advance(29_999)
    expect([nextId(), free]).toEqual([undefined, []])
    await clock.advance(1)
    expect([nextId(), free]).toEqual(['lost', ['task 1']])
    expect(lanes.takenElsewhere('lost')).toBeUndefined()
  })

  test('leaves nothing waiting on the clock when it stops', async () => {
    const { clock, free, lanes, nextId } = lanesOf(['a'], ['a'])
    lanes.joinElsewhere(delivery('theirs'))
    nextId()
    lanes.stop()
    await clock.advance(60_000)
    expect(free).toEqual([])
  })
})
