/**
 * Where conversations get to, and everything that can be asked there. While a mutant and its original have answered alike
 * they share one record, so their product is the original's own graph: a mutant that answers every question of it alike is
 * equivalent, and the first question that it answers otherwise ends the shortest way to tell the two apart.
 * Records of one place (`place.ts`) count as one, after some that differ: what is proven is proven up to that.
 */
import type { Definition } from '../../../machines/definitions.ts'
import type { Drive, DriveMemory, Step } from '../../drive.ts'
import { driveFast, type PolicyName } from '../line.ts'
import { placeOf } from '../place.ts'
import { type Graph, wayTo } from '../search.ts'
import { isWithin, type Mutant } from './mutant.ts'
import { type Question, type Reached, stepped } from './questions.ts'

export interface Everywhere {
  /** Those that are reached by fewer steps first. */
  records: WhereIt[]
  /** False where a bound cut the search off: then nothing is proven. */
  exhausted: boolean
  catalogue: Catalogue
}

export interface WhereIt extends Reached {
  policy: PolicyName
}

/** Everything that can happen to a conversation now; `happenings` of `catalogue.ts` is one. */
export type Catalogue = (machine: string, drive: Drive) => { step: Step }[]

/** Records of one place; they differ in what guards do not ask. */
const of_one_place_max = 3

/** Every place that a search found, and other records of the same places that were met on paths. */
export function everywhere(
  definition: Definition,
  graphs: { policy: PolicyName; graph: Graph }[],
  met: Question[],
  catalogue: Catalogue,
): Everywhere {
  const known = new Map<string, Set<string>>()
  const isNew = ({ policy, memory }: WhereIt): boolean => {
    const place = `${policy} ${memory ? placeOf(driveFast(definition, policy, memory)) : ''}`
    const records = known.get(place) ?? new Set()
    known.set(place, records)
    const record = recordKey(memory)
    return records.size < of_one_place_max && !records.has(record) && records.add(record).size > 0
  }
  const found = graphs.flatMap(({ policy, graph }) =>
    graph.places.map((place) =>
      at(
        definition,
        policy,
        wayTo(place).map(({ happening }) => happening.step),
      ),
    ),
  )
  const others = met.map(({ policy, steps, memory }) => ({
    key: '',
    policy,
    steps: steps.slice(0, -1),
    ...(memory && { memory }),
  }))
  const records = [...found, ...others].filter(isNew).sort((one, other) => one.steps.length - other.steps.length)
  return { records, exhausted: graphs.every(({ graph }) => graph.exhausted), catalogue }
}

/** The conversation after these steps. */
export function at(definition: Definition, policy: PolicyName, steps: Step[]): WhereIt {
  if (steps.length === 0) return { key: '', policy, steps }
  const conversation = driveFast(definition, policy)
  conversation.play(...steps)
  return { key: '', policy, steps, memory: conversation.memory() }
}

/** All that can be asked of that record, if it may concern one of these. */
export function questionsAt(
  definition: Definition,
  record: WhereIt,
  catalogue: Catalogue,
  mutants: Mutant[],
): Question[] {
  const { policy, memory } = record
  const state = memory?.loaded?.record.state
  const concerned = mutants.some(({ hears, within }) => !hears || state === undefined || isWithin(within, state))
  if (!concerned) return []
  const questions: Question[] = []
  for (const { step } of catalogue(definition.id, driveFast(definition, policy, memory)))
    stepped(definition, policy, record, step, '', questions)
  return questions
}

/** What is waited for, and which fields are remembered at all: records that differ so are worth asking. */
function recordKey(memory: DriveMemory | undefined): string {
  if (memory?.loaded === undefined) return ''
  const { timers, pending, snapshot } = memory.loaded.record
  const { context } = snapshot as unknown as { context: object }
  const remembered = Object.entries(context).map(([key, value]) => `${key}:${shapeOf(value)}`)
  return [...Object.keys(timers), ...Object.keys(pending), ...remembered].sort().join()
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => Object.keys(item as object).join()).join('|')
  if (typeof value === 'object' && value !== null) return Object.keys(value).sort().join()
  return value === '' || value === null || value === 0 ? 'none' : typeof value === 'boolean' ? String(value) : 'some'
}
