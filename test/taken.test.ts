/** Which transitions a recorded turn is shown to have taken, on a small chart and on what really was recorded. */
import { describe, expect, test } from 'vitest'
import { type AnyStateMachine, createMachine } from 'xstate'
import { chartOf } from '../machines/chart.ts'
import { takenBy } from '../runtime/chart/taken.ts'

const chart = chartOf(
  createMachine({
    id: 'm',
    initial: 'a',
    on: { stop: '.c' },
    states: {
      a: {
        initial: 'one',
        on: { go: 'b', stay: {} },
        states: {
          one: { on: { go: 'two' }, after: { patience: 'two' } },
          two: { invoke: { src: 'ask', id: 'ask', onDone: '#m.b' } },
        },
      },
      b: {
        initial: 'deciding',
        states: { deciding: { always: [{ guard: 'sure', target: 'x' }, { target: 'y' }] }, x: {}, y: {} },
      },
      c: {},
    },
  } as never) as unknown as AnyStateMachine,
)

const turn = (type: string, stateBefore: string, stateAfter: string, data: object = {}) => ({
  event: { id: '1', type: `parley.${type}`, time: '', data },
  heard: 'turned' as const,
  stateBefore,
  stateAfter,
})

describe('A turn took', () => {
  const cases: [what: string, turn: Parameters<typeof takenBy>[1], ids: string[]][] = [
    ['the transition of the innermost state', turn('go', 'a.one', 'a.two'), ['a.one go 0']],
    ['that of its parent where the inner one leads elsewhere', turn('go', 'a.two', 'b.x'), ['a go 0']],
    [
      'a time-out',
      turn('timer.due', 'a.one', 'a.two', { timer: 'xstate.after.patience.m.a.one' }),
      ['a.one xstate.after.patience.m.a.one 0'],
    ],
    ['an answer', turn('ask.answered', 'a.two', 'b.y', { ask: 'ask', type: 'ask' }), ['a.two xstate.done.actor.ask 0']],
    ['one from anywhere', turn('stop', 'b.x', 'c'), [' stop 0']],
    ['none when it stayed', turn('stay', 'a.one', 'a.one'), []],
    ['none when it was late', { ...turn('go', 'a.one', 'a.two'), heard: 'stale' }, []],
  ]
  test.each(cases)('%s', (_, moved, ids) => expect(takenBy(chart, moved)).toEqual(ids))

  test('the way by transitions without an event, when it ends elsewhere than it leads', () => {
    const silent = chartOf(
      createMachine({
        id: 's',
        initial: 'a',
        states: { a: { on: { go: 'b' } }, b: { always: 'c' }, c: {} },
      } as never) as unknown as AnyStateMachine,
    )
    expect(takenBy(silent, turn('go', 'a', 'c'))).toEqual(['a go 0', 'b  0'])
  })
})
