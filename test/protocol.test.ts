/**
 * The promises of the runtime in a model of it, over the real decide: two nodes, a broker and a far side in memory, and
 * schedules of crashes, redeliveries, owners who linger and answers that are lost, each drawn from a printed seed. As it
 * should be, nothing goes wrong; with one promise broken, the checker sees it.
 */
import { describe, expect, test } from 'vitest'
import { inThreads } from './paths/in-threads.ts'
import { original } from './paths/protocol/protocol.ts'
import { protocolMutants } from './paths/protocol/protocol-mutants.ts'
import { firstWrong, joined, runsOf } from './paths/protocol/runs.ts'
import { simulate } from './paths/protocol/simulation.ts'

const runs = 500
/** A broken promise may need a rare schedule; most show within a few. */
const runs_until_caught_max = 3_000

test(`E113, E114: as it should be, nothing is lost, doubled, or waits for ever, in ${runs} schedules`, () => {
  expect(firstWrong(original, { seed: 1, runs })).toBeUndefined()
})

test('the same seed gives the same run', () => {
  for (let seed = 1; seed <= 20; seed++) {
    expect(JSON.stringify(simulate(original, seed).world.turns)).toBe(
      JSON.stringify(simulate(original, seed).world.turns),
    )
  }
})

test('runs that threads share are the runs of one', async () => {
  const runs_a_thread = 40
  const pieces = [1, 1 + runs_a_thread, 1 + 2 * runs_a_thread].map((seed) => ({ seed, runs: runs_a_thread }))
  const shared = await inThreads((ask) => Promise.all(pieces.map((piece) => ask('runs', piece))))
  expect(joined(shared)).toEqual(runsOf(original, { seed: 1, runs: pieces.length * runs_a_thread }))
})

test('schedules reach what they are for: repeated attempts, late answers, conversations of different lengths', () => {
  const worlds = Array.from({ length: 300 }, (_, seed) => simulate(original, seed).world)
  const attempts = worlds.flatMap((world) => world.attempts)
  expect(attempts.filter(({ applied }) => !applied).length).toBeGreaterThan(50)
  expect(attempts.filter(({ effect }) => effect.type === 'hangUp').length).toBeGreaterThan(50)
  expect(new Set(worlds.map(({ turns }) => turns.length)).size).toBeGreaterThan(5)
})

describe('A promise broken is seen', () => {
  test.each(protocolMutants)('$name', ({ protocol }) => {
    expect(
      firstWrong(protocol, { seed: 1, runs: runs_until_caught_max }),
      `within seeds 1 to ${runs_until_caught_max}`,
    ).toBeDefined()
  })
})
