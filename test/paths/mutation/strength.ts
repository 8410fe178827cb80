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
import type { Suite } from '../suite.ts'
import { everywhere } from './everywhere.ts'
import { mutate, type Sample } from './mutate.ts'
import type { Score } from './score.ts'
import type { Means, Verdict } from './verdict.ts'

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

/** All mutants, or the share of them that the sample draws. Seconds for a sample; minutes for all. */
export function strengthOf(
  { machine, paths, graphs }: Suite,
  sample?: Sample,
  progress: (done: number, all: number) => void = () => {},
): { strength: Strength; verdicts: Verdict[] } {
  const definition = latestDefinition(machine)!
  const means: Means = {
    paths,
    everywhere: (met) => everywhere(definition, graphs, met, happenings),
    violations: faults,
    progress,
  }
  const { score, verdicts } = mutate(definition, means, sample)
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

/** What is wrong with a conversation: an invariant, or, when its far side brings it to an end, that it finds none. */
function faults(conversation: Drive, when: 'so far' | 'in the end'): string[] {
  const stuck = when === 'in the end' ? drained(conversation) : undefined
  return [...violations(conversation), ...(stuck ? [`an end is always reached: ${stuck}`] : [])]
}
