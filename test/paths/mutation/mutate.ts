/**
 * The mutation score of a machine: its mutants, or a sample of them, judged by a suite.
 */
import type { Definition } from '../../../machines/definitions.ts'
import { random } from '../../../runtime/random.ts'
import type { Mutant } from './mutant.ts'
import { mutantsOf } from './mutants.ts'
import { type Score, scoreOf } from './score.ts'
import { type Means, type Verdict, verdictsOn } from './verdict.ts'

/** One of so many mutants, drawn by the seed. */
export interface Sample {
  seed: number
  one_in: number
}

export function mutate(definition: Definition, means: Means, sample?: Sample): { score: Score; verdicts: Verdict[] } {
  const verdicts = verdictsOn(definition, sampled(mutantsOf(definition), sample), means)
  return { score: scoreOf(definition.id, verdicts), verdicts }
}

function sampled(mutants: Mutant[], sample?: Sample): Mutant[] {
  if (sample === undefined) return mutants
  const { int } = random(sample.seed)
  return mutants.filter(() => int(1, sample.one_in) === 1)
}
