/**
 * `parley paths --repeats N`: suites by N seeds one after the other, whether one of them alarms. Fails on an alarm, and where
 * something that can be reached is not covered.
 */
import type { Repeat } from '../../test/paths/repeat.ts'
import { type Repeats, repeatsOf } from '../../test/paths/repeats.ts'
import { VerbError } from '../cli.ts'

/** From `seed` on. Prints a line a machine, or one JSON object. */
export async function repeatedPaths(
  machines: readonly string[],
  seed: number,
  count: number,
  { json = false }: { json?: boolean | undefined },
): Promise<void> {
  const isWatched = !json || process.stderr.isTTY
  const seeds = Array.from({ length: count }, (_, index) => seed + index)
  let done = 0
  const tells = (machine: string, { seed, paths, violations }: Repeat) => {
    const found = violations.length === 0 ? '' : `, ${violations.length} invariants broken`
    const line = `${++done} of ${machines.length * count}: ${machine}, seed ${seed}, ${paths} paths${found}\n`
    if (isWatched) process.stderr.write(line)
  }
  const all = await repeatsOf(machines, seeds, tells)
  const short = all.flatMap(shortfalls)
  const told = { ok: short.length === 0, seed, repeats: count, machines: all }
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : `${all.map(inWords).join('\n')}\n`)
  if (short.length > 0) throw new VerbError(short.join('; '))
}

function inWords({ machine, repeats }: Repeats): string {
  const sum = (of: (one: Repeat) => number) => repeats.reduce((total, one) => total + of(one), 0).toLocaleString('en')
  const counts = repeats.map(({ paths }) => paths)
  const broken = repeats.filter(({ violations }) => violations.length > 0).length
  return [
    `${machine}: ${repeats.length} suites of ${Math.min(...counts)} to ${Math.max(...counts)} paths`,
    `${sum(({ steps }) => steps)} steps, ${sum(({ disturbed }) => disturbed)} disturbed paths`,
    broken === 0 ? 'no alarm' : `${broken} of them alarm`,
  ].join(', ')
}

function shortfalls({ machine, repeats }: Repeats): string[] {
  return repeats.flatMap(({ seed, uncovered, violations }) => [
    ...(uncovered.length > 0 ? [`${machine}, seed ${seed}: not all ${uncovered.join(', ')} covered`] : []),
    ...violations.map(({ id, found }) => `${found} (parley paths --seed ${seed} --replay ${id})`),
  ])
}
