/**
 * The strength of a machine's suite, as `parley paths` tells it: two scores, both always. One goes by the traces, which come
 * from the machine itself; the other by the invariants alone, which know nothing of it. Survivors with their place in the
 * chart.
 */
import { latestDefinition } from '../../../machines/definitions.ts'
import type { Drive } from '../../drive.ts'
import { happenings } from '../catalogue.ts'
import { drained } from '../drain.ts'
import { violations } from '../invariants.ts'
import type { Path } from '../line.ts'
import { placeOf } from '../place.ts'
import { mutate, type Sample } from './mutate.ts'
import type { Score } from './score.ts'
import type { Verdict } from './verdict.ts'

export interface Strength {
  /** Of the live mutants, the share that a trace tells from the original, from 0 to 1. */
  score: number
  /** Of the live mutants, the share that breaks an invariant. */
  invariantScore: number
  mutants: number
  live: number
  /** Proven to answer everything alike; not counted as live. */
  equivalent: number
  /** Refused by XState at creation; not counted as live. */
  stillborn: number
  /** What was judged: all mutants, or the share that the seed drew. */
  judged: 'all' | Sample
  survivors: Score['survivors']
}

/** Records of the product that are gone on from before equivalence counts as not proven. */
const records_max = 4_000

/** All mutants with proofs of equivalence, which takes many minutes; or a sample of them, without. */
export function strengthOf(
  machine: string,
  paths: Path[],
  sample?: Sample,
): { strength: Strength; verdicts: Verdict[] } {
  const bound = { records_max: sample ? 0 : records_max, of_one_place_max: 3, placeOf }
  const definition = latestDefinition(machine)!
  const { score, verdicts } = mutate(definition, { paths, catalogue: happenings, bound, violations: faults }, sample)
  const { mutants, live, equivalent, stillborn, survivors } = score
  return {
    strength: {
      score: score.traces.score,
      invariantScore: score.invariants?.score ?? 0,
      ...{ mutants, live, equivalent, stillborn, survivors },
      judged: sample ?? 'all',
    },
    verdicts,
  }
}

/** What is wrong with a conversation that its far side brings to an end: an invariant, or that it finds none. */
function faults(conversation: Drive): string[] {
  const stuck = drained(conversation)
  return [...violations(conversation), ...(stuck ? [`an end is always reached: ${stuck}`] : [])]
}
