/**
 * The charts in the repository are drawn from the machines that run (`UPDATE_EXPECT=1` draws them again).
 */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type AnyStateMachine, createMachine } from 'xstate'
import { definitions, latestDefinition } from '../machines/definitions.ts'
import { mermaidOf } from '../machines/mermaid.ts'
import { expectApproved } from './approved.ts'

const ids = [...new Set(definitions.map(({ id }) => id))]
test.each(ids)('machines/%s.mmd is the chart of the newest version', (id) => {
  const path = join(import.meta.dirname, `../machines/${id}.mmd`)
  expectApproved(path, mermaidOf(latestDefinition(id)!.machine), `the chart of ${id}`)
})

const drawn = (config: object): string[] =>
  mermaidOf(createMachine(config as never) as unknown as AnyStateMachine)
    .split('\n')
    .map((line) => line.trim())

describe('A drawn line', () => {
  const nested = {
    id: 'm',
    initial: 'a',
    states: {
      a: {
        initial: 'one',
        on: { jump: { target: '.two', guard: 'may' } },
        states: {
          one: { id: 'one', on: { go: 'two', run: 'two', cross: '#four', stay: {} } },
          two: { id: 'two', after: { patience: 'one' } },
        },
      },
      b: {
        initial: 'three',
        states: { three: { on: { back: '#m.a' } }, four: { id: 'four', always: { target: 'three', guard: 'sure' } } },
      },
    },
  }
  const lines: [says: string, line: string][] = [
    ['stands between siblings, once for all its events', 'a_one --> a_two : go<br/>run'],
    ['carries its guard', 'a_any --> a_two : jump [may]'],
    ['between children of different states says both ends', 'a --> b : one · cross → four'],
    ['to a whole state says no child', 'b --> a : three · back'],
    ['of a time-out names the delay', 'a_two --> a_one : after patience'],
    ['without an event has its guard', 'b_four --> b_three : [sure]'],
  ]
  test.each(lines)('%s', (_, line) => expect(drawn(nested)).toContain(line))

  test('is missing for what stays in its state', () => {
    expect(drawn(nested).join('\n')).not.toContain('stay')
  })

  test('begins at the initial state of every level', () => {
    expect(drawn(nested).filter((line) => line.startsWith('[*]'))).toEqual([
      '[*] --> a',
      '[*] --> a_one',
      '[*] --> b_three',
    ])
  })
})
