/**
 * The strength of a machine's suite, as `parley paths` tells it: two scores, both always. One goes by the traces, which come
 * from the machine itself; the other by the invariants alone, which know nothing of it. Survivors with their place in the
 * chart.
 */
import { latestDefinition } from '../../../machines/definitions.ts'
import { random } from '../../../runtime/random.ts'
import { happenings } from '../catalogue.ts'
import { Judge } from '../invariants.ts'
import type { Suite } from '../suite.ts'
import { faultIn } from '../trial.ts'
import { everywhere } from './everywhere.ts'
import { mutantsOf } from './mutants.ts'
import type { Question } from './questions.ts'
import { type Score, scoreOf } from './score.ts'
import { type Judged, judged, type Means, verdictsOn } from './verdict.ts'

/** One of so many mutants, drawn by the seed. */
export interface Sample {
  seed: number
  one_in: number
}

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

/** What is judged: one of so many, drawn by a seed, or one part of all, in turns with the others. */
export type Part = Sample | { turn: number; of: number }

/** Of the mutants of a machine one in so many is judged, unless all are asked for. */
export const mutants_one_in = 100
/** Told after so many. */
const mutants_a_line = 100

/** What becomes of that part of the mutants. Seconds for a sample; minutes for all. */
export function judgedBy(
  { machine, paths, graphs }: Suite,
  part: Part,
  tells: (stage: string) => void = () => {},
): Judged[] {
  const definition = latestDefinition(machine)!
  const which = 'of' in part ? `part ${part.turn + 1} of ${part.of}` : `one in ${part.one_in}`
  tells(`judges its mutants, ${which}`)
  const means: Means = {
    paths,
    everywhere: (met) => everywhere(definition, graphs, met, happenings),
    judge: judgeOnce(),
    progress: (done, all) => done % mutants_a_line === 0 && tells(`judged ${done} of ${all} mutants, ${which}`),
  }
  return verdictsOn(definition, partOf(mutantsOf(definition), part), means).map(judged)
}

/** That part of a list, in its order. */
export function partOf<One>(list: One[], part: Part): One[] {
  if ('of' in part) return list.filter((_, index) => index % part.of === part.turn)
  const { int } = random(part.seed)
  return list.filter(() => int(1, part.one_in) === 1)
}

/** The parts of a whole that was shared out in turns, in its order again. */
export function inTurns<One>(parts: One[][]): One[] {
  const count = parts.reduce((sum, { length }) => sum + length, 0)
  return Array.from({ length: count }, (_, index) => parts[index % parts.length]![Math.floor(index / parts.length)]!)
}

/** Both scores of what was judged. */
export function strengthBy(machine: string, verdicts: Judged[], which: Strength['judged']): Strength {
  const { traces, invariants, mutants, live, equivalent, stillborn, survivors } = scoreOf(machine, verdicts)
  return {
    score: traces.score,
    invariantScore: invariants?.score ?? 0,
    ...{ mutants, live, equivalent, stillborn, survivors },
    judged: which,
  }
}

/** What came before a question is judged once, however many mutants answer it. */
function judgeOnce(): NonNullable<Means['judge']> {
  const before = new WeakMap<Question, Judge>()
  return (conversation, question) => {
    const known = before.get(question) ?? new Judge(conversation).hear(conversation.history)
    before.set(question, known)
    const judge = known.copy()
    return {
      soFar: () => judge.hear(conversation.history).violations()[0],
      inTheEnd: () => faultIn(conversation, judge),
    }
  }
}
