/**
 * The product of a machine and its mutants, breadth first within a bound. While both have answered alike they share one
 * record, so the product is the original's own graph, and a mutant that answers every question of it alike is equivalent;
 * the first question answered otherwise ends the shortest way to tell the two apart.
 * Records of one place (`place.ts`) count as one, after some that differ were gone on from: what is proven is proven up to
 * that.
 */
import type { Definition } from '../../../machines/definitions.ts'
import type { Drive, DriveMemory, Step } from '../../drive.ts'
import { driveFast, type PolicyName } from '../line.ts'
import { type Question, type Reached, stepped } from './questions.ts'

/** Everything that can happen to a conversation now; `happenings` of `catalogue.ts` is one. */
export type Catalogue = (machine: string, drive: Drive) => { step: Step }[]

export interface Bound {
  /** Records that are gone on from, under one policy. */
  records_max: number
  /** Records of one place that are gone on from; they differ in what guards do not ask. */
  of_one_place_max: number
  /** Where a conversation is; equal for two that guards cannot tell apart. `placeOf` of `place.ts` is one. */
  placeOf: (drive: Drive) => string
}

/** Every question of the graph, shortest ways first. Returns false where the bound cut it off: then nothing is proven. */
export function* productOf(
  definition: Definition,
  policy: PolicyName,
  catalogue: Catalogue,
  { records_max, of_one_place_max, placeOf }: Bound,
): Generator<Question, boolean> {
  const known = new Map<string, Set<string>>()
  const open: Reached[] = [{ key: '', steps: [] }]
  for (let records = 0; records < records_max; records++) {
    const here = open.shift()
    if (here === undefined) return true
    for (const { step } of catalogue(definition.id, driveFast(definition, policy, here.memory))) {
      const asked: Question[] = []
      const next = stepped(definition, policy, here, step, '', asked)
      yield* asked
      if (next !== 'impossible' && isNew(next.memory!)) open.push(next)
    }
  }
  return open.length === 0

  function isNew(memory: DriveMemory): boolean {
    const place = placeOf(driveFast(definition, policy, memory))
    const records = known.get(place) ?? new Set()
    known.set(place, records)
    const record = recordKey(memory)
    if (records.size >= of_one_place_max || records.has(record)) return false
    records.add(record)
    return true
  }
}

/** What is waited for, and which fields are remembered at all: records that differ so are worth going on from. */
function recordKey({ loaded }: DriveMemory): string {
  const { timers, pending, snapshot } = loaded!.record
  const { context } = snapshot as unknown as { context: object }
  const remembered = Object.entries(context).map(([key, value]) => `${key}:${shapeOf(value)}`)
  return [...Object.keys(timers), ...Object.keys(pending), ...remembered].sort().join()
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => Object.keys(item as object).join()).join('|')
  if (typeof value === 'object' && value !== null) return Object.keys(value).sort().join()
  return value === '' || value === null || value === 0 ? 'none' : typeof value === 'boolean' ? String(value) : 'some'
}
