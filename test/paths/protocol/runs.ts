/**
 * Many runs of the model, one a seed, and what is wrong in them. Each is a run of its own, so they may be shared out and
 * joined again: what is told depends on the seeds alone.
 */
import { faultsOf } from './checker.ts'
import type { Protocol } from './protocol.ts'
import { simulate } from './simulation.ts'

/** So many seeds, from that one on. */
export interface Seeds {
  seed: number
  runs: number
}

export interface Wrong {
  seed: number
  found: string[]
}

export interface Runs {
  runs: number
  turns: number
  /** The first of them, by seed. */
  wrong: Wrong[]
}

const wrong_max = 5

export function runsOf(protocol: Protocol, { seed, runs }: Seeds): Runs {
  let turns = 0
  const wrong: Wrong[] = []
  for (let one = seed; one < seed + runs; one++) {
    const run = ran(protocol, one)
    turns += run.turns
    if (run.found.length > 0 && wrong.length < wrong_max) wrong.push({ seed: one, found: run.found })
  }
  return { runs, turns, wrong }
}

/** Runs of following seeds as one. */
export const joined = (some: Runs[]): Runs => ({
  runs: some.reduce((sum, { runs }) => sum + runs, 0),
  turns: some.reduce((sum, { turns }) => sum + turns, 0),
  wrong: some.flatMap(({ wrong }) => wrong).slice(0, wrong_max),
})

/** The first seed at which something is wrong, and what; undefined when nothing is at any. */
export function firstWrong(protocol: Protocol, { seed, runs }: Seeds): Wrong | undefined {
  for (let one = seed; one < seed + runs; one++) {
    const { found } = ran(protocol, one)
    if (found.length > 0) return { seed: one, found }
  }
  return undefined
}

/** A machine that throws is wrong, too. */
function ran(protocol: Protocol, seed: number): { turns: number; found: string[] } {
  try {
    const run = simulate(protocol, seed)
    return { turns: run.world.turns.length, found: faultsOf(run) }
  } catch (error) {
    return { turns: 0, found: [`threw ${(error as Error).message}`] }
  }
}
