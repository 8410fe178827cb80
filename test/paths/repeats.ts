/** Suite after suite of several machines, each by a seed of its own (`repeat.ts`), shared out among threads. */
import { inThreads } from './in-threads.ts'
import type { Repeat } from './repeat.ts'

export interface Repeats {
  machine: string
  /** In the order of their seeds. */
  repeats: Repeat[]
}

/** Of every machine a suite for each of the seeds. `tells` hears of each that is done. */
export function repeatsOf(
  machines: readonly string[],
  seeds: readonly number[],
  tells: (machine: string, repeat: Repeat) => void,
): Promise<Repeats[]> {
  return inThreads((ask) =>
    Promise.all(
      machines.map(async (machine) => {
        const repeat = async (seed: number) => {
          const done = await ask('repeat', { machine, seed })
          tells(machine, done)
          return done
        }
        return { machine, repeats: await Promise.all(seeds.map(repeat)) }
      }),
    ),
  )
}
