/**
 * The promises of the runtime in a model of it, over the real decide: two nodes, a broker and a far side in memory, and
 * schedules of crashes, redeliveries, owners who linger and answers that are lost, each drawn from a printed seed. As it
 * should be, nothing goes wrong; with one promise broken, the checker sees it.
 */
import { describe, expect, test } from 'vitest'
import { faultsOf } from './paths/protocol/checker.ts'
import { original, type Protocol } from './paths/protocol/protocol.ts'
import { protocolMutants } from './paths/protocol/protocol-mutants.ts'
import { simulate } from './paths/protocol/simulation.ts'

const runs = 500
/** A broken promise may need a rare schedule; most show within a few. */
const runs_until_caught_max = 3_000

/** What is wrong in the run of that seed; a machine that throws is wrong, too. */
function wrongWith(protocol: Protocol, seed: number): string[] {
  try {
    return faultsOf(simulate(protocol, seed))
  } catch (error) {
    return [`threw ${(error as Error).message}`]
  }
}

/** The first seed at which something is wrong, and what. */
function firstWrong(protocol: Protocol, seeds: number): { seed: number; wrong: string[] } | undefined {
  for (let seed = 1; seed <= seeds; seed++) {
    const wrong = wrongWith(protocol, seed)
    if (wrong.length > 0) return { seed, wrong }
  }
  return undefined
}

test(`E113, E114: as it should be, nothing is lost, doubled, or waits for ever, in ${runs} schedules`, () => {
  expect(firstWrong(original, runs)).toBeUndefined()
})

test('the same seed gives the same run', () => {
  for (let seed = 1; seed <= 20; seed++) {
    expect(JSON.stringify(simulate(original, seed).world.turns)).toBe(
      JSON.stringify(simulate(original, seed).world.turns),
    )
  }
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
    expect(firstWrong(protocol, runs_until_caught_max), `within seeds 1 to ${runs_until_caught_max}`).toBeDefined()
  })
})
