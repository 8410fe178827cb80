/**
 * Paths generated from the two smaller machines cover everything that can be reached. The verb `parley paths` does it for
 * all four, holds the invariants on every path, and disturbs some of them besides.
 */
import { describe, expect, test } from 'vitest'
import type { Step } from './drive.ts'
import { strengthOf } from './paths/mutation/strength.ts'
import { coverageOf } from './paths/report.ts'
import { shrunk } from './paths/shrink.ts'
import { suiteOf, usual_seed } from './paths/suite.ts'
import { sequence } from './paths/table.ts'

const paths_max = 400
/** Survivors of a sample are not proven equivalent, so it is below 1. */
const strength_min = 0.7
const generation_ms_max = 120_000

describe.each(['sms', 'email'])('Paths of %s', (machine) => {
  test(
    'reach every state, transition, pair of transitions and event in every state that can be reached',
    () => {
      const suite = suiteOf(machine, usual_seed)
      const ratios = Object.values(coverageOf(suite)).map(({ ratio }) => ratio)
      expect(ratios).toEqual(ratios.map(() => 1))
      expect(suite.paths.length).toBeLessThan(paths_max)
      if (machine !== 'email') return
      const { strength } = strengthOf(machine, suite.paths, { seed: usual_seed, one_in: 100 })
      expect(strength.live).toBeGreaterThan(5)
      expect(strength.score, JSON.stringify(strength.survivors)).toBeGreaterThan(strength_min)
      expect(strength.invariantScore).toBeLessThan(strength.score)
    },
    generation_ms_max,
  )
})

describe('What is wrong with a path', () => {
  const breaks = (steps: Step[]) => steps.some((step) => 'says' in step && step.says === 'b')

  test('is shrunk to the steps that show it', () => {
    const steps = ['a', 'a', 'b', 'c', 'd'].map((says) => ({ says }))
    expect(shrunk(steps, breaks)).toEqual([{ says: 'b' }])
  })

  test('is drawn, one arrow a step', () => {
    expect(sequence([{ says: 'Hi' }, { task: 'routed' }, { timer: 'menuTimeout' }])).toEqual([
      'sequenceDiagram',
      '  Customer->>Conversation: says Hi',
      '  Routing->>Conversation: task routed',
      '  Clock->>Conversation: timer menuTimeout',
    ])
  })
})
