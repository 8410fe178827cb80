/**
 * A seeded source of numbers, for generated data and for everything that is to be as random again tomorrow: the same seed
 * gives the same numbers on every machine. Pure but for the state it keeps.
 */

export interface Random {
  /** An integer in [low, high], both included. */
  int(low: number, high: number): number
  pick<T>(choices: readonly T[]): T
  digits(count: number): string
  /** Another source, for something that takes its numbers at times of its own. */
  fork(): Random
}

/** The mulberry32 generator. `seed` is any 32-bit integer. */
export function random(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    int,
    pick: (choices) => choices[int(0, choices.length - 1)]!,
    digits: (count) => Array.from({ length: count }, () => int(0, 9)).join(''),
    fork: () => random(int(0, 2 ** 32 - 1)),
  }
}
