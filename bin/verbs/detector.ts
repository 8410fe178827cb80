/**
 * `parley detector`: how well card data is told from other numbers, on the project's own corpus. Fails below the floor.
 * The corpus is invented and was written beside the detector: its figures say that nothing was broken.
 */
import { maskAsSaid } from '../../test/corpus/as-said.ts'
import { usual_seed } from '../../test/corpus/card-data.ts'
import { floor, qualityOf, shortfalls, table } from '../../test/corpus/quality.ts'
import { VerbError } from '../cli.ts'

export async function detector({ json, seed = String(usual_seed) }: { json?: boolean; seed?: string }): Promise<void> {
  const quality = qualityOf(maskAsSaid, seedOf(seed))
  const short = shortfalls(quality)
  process.stdout.write(
    json ? `${JSON.stringify({ ok: short.length === 0, floor, ...quality })}\n` : `${table(quality)}\n`,
  )
  if (short.length > 0) throw new VerbError(`below the floor with seed ${quality.seed}; ${short.join('; ')}`)
}

const seed_max = 2 ** 32 - 1

function seedOf(text: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(seed <= seed_max)) throw new VerbError(`--seed: expected a whole number from 0 to ${seed_max}, found ${text}`)
  return seed
}
