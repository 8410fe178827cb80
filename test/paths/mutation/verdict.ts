/**
 * What became of each mutant of a machine. Killed by traces: on some path of the suite it goes elsewhere, sends, waits or
 * remembers otherwise, or throws. Killed by invariants: on some path it breaks a rule that is known without the original.
 * What no path kills is asked everything that can be asked anywhere: equivalent, or told apart by steps that the suite
 * lacks, or not proven.
 */
import type { Definition } from '../../../machines/definitions.ts'
import { type Drive, ImpossibleStep, type Step } from '../../drive.ts'
import { driveFast, type Path, type PolicyName } from '../line.ts'
import { type Everywhere, questionsAt } from './everywhere.ts'
import { born, type Mutant } from './mutant.ts'
import { concerns, difference, type Facet, type Question, questionsOn } from './questions.ts'

export type Status = 'killed' | 'stillborn' | 'equivalent' | 'survived' | 'not proven'

export interface Verdict {
  mutant: Mutant
  status: Status
  /** How a killed or surviving mutant is told from its original, and in what. */
  told?: { policy: PolicyName; steps: Step[]; facet: Facet }
  /** The first rule that it breaks; absent where it breaks none, or none were given. */
  broken?: string
}

/** A verdict without the machine that it is of. */
export type Judged = Omit<Verdict, 'mutant'> & { mutant: Pick<Mutant, 'id' | 'kind' | 'at' | 'change'> }

export const judged = ({ mutant: { id, kind, at, change }, ...verdict }: Verdict): Judged => ({
  mutant: { id, kind, at, change },
  ...verdict,
})

export interface Means {
  paths: Path[]
  /** Where conversations get to, for what no path kills; asked for when there is such a mutant, with all that was met. */
  everywhere: (met: Question[]) => Everywhere
  /** Who judges a mutant's conversation by itself, told of it where the question stands and nothing has differed yet. */
  judge?: (conversation: Drive, question: Question) => Judging
  /** Told after every mutant. */
  progress?: (done: number, all: number) => void
}

/** What is wrong with a conversation first, as a sentence, once its mutant has answered. */
export interface Judging {
  soFar(): string | undefined
  /** When its far side has brought it to an end. */
  inTheEnd(): string | undefined
}

/** One verdict a mutant, in their order. */
export function verdictsOn(definition: Definition, mutants: Mutant[], means: Means): Verdict[] {
  const questions = questionsOn(definition, means.paths)
  const concerning = byWhom(questions)
  const survivors = new Map<Mutant, Definition>()
  const verdicts = mutants.map((mutant, index): Verdict => {
    const machine = born(definition, mutant)
    means.progress?.(index + 1, mutants.length)
    if (machine === undefined) return { mutant, status: 'stillborn' }
    const { told, broken } = tried(mutant, machine, concerning(mutant), means.judge)
    if (told === undefined) survivors.set(mutant, machine)
    return { mutant, status: told ? 'killed' : 'survived', ...(told && { told }), ...(broken && { broken }) }
  })
  if (survivors.size === 0) return verdicts
  const proofs = proofsOf(definition, survivors, means.everywhere(questions))
  return verdicts.map((verdict) => proofs.get(verdict.mutant) ?? verdict)
}

/** Of these questions those that may concern a mutant, by what it hears. */
function byWhom(questions: Question[]): (mutant: Mutant) => Question[] {
  const byType = new Map<string, Question[]>()
  for (const question of questions) {
    const alike = byType.get(question.hears) ?? []
    alike.push(question)
    byType.set(question.hears, alike)
  }
  return ({ hears }) => (hears ? hears.flatMap((type) => byType.get(type) ?? []) : questions)
}

/** Paths that are tried for one mutant; on a path where it answers as its original does it breaks nothing. */
const tries_max = 12

function tried(
  mutant: Mutant,
  machine: Definition,
  questions: Question[],
  judge: Means['judge'],
): Pick<Verdict, 'told' | 'broken'> {
  let told: Verdict['told']
  const paths = new Set<Path>()
  for (const question of questions) {
    if (paths.has(question.path!) || !concerns(mutant, question)) continue
    const facet = difference(machine, question)
    if (facet === undefined) continue
    told ??= { policy: question.policy, steps: question.steps, facet }
    if (judge === undefined) return { told }
    if (facet === 'threw') return { told, broken: 'it throws' }
    const broken = firstBroken(machine, question, judge)
    if (broken) return { told, broken }
    if (paths.add(question.path!).size >= tries_max) break
  }
  return told ? { told } : {}
}

/** Mostly it shows in the very turn; else on the rest of the path, or in the end. */
function firstBroken(machine: Definition, question: Question, judge: NonNullable<Means['judge']>): string | undefined {
  const { policy, path, at, memory } = question
  const conversation = driveFast(machine, policy, memory)
  const judging = judge(conversation, question)
  const [first, ...rest] = path!.steps.slice(at)
  try {
    goesOn(conversation, [first!])
    const atOnce = judging.soFar()
    if (atOnce) return atOnce
    goesOn(conversation, rest)
    return judging.inTheEnd()
  } catch {
    return 'it throws'
  }
}

/** What cannot happen to a mutant does not happen. */
function goesOn(conversation: Drive, steps: Step[]): void {
  for (const step of steps) {
    try {
      conversation.play(step)
    } catch (error) {
      if (!(error instanceof ImpossibleStep)) throw error
    }
  }
}

/** Everything that can happen anywhere is put to all that are left; each leaves where it is told apart. */
function proofsOf(
  definition: Definition,
  machines: Map<Mutant, Definition>,
  { records, exhausted, catalogue }: Everywhere,
): Map<Mutant, Verdict> {
  const proofs = new Map<Mutant, Verdict>()
  const open = new Map(machines)
  for (const record of records) {
    for (const question of questionsAt(definition, record, catalogue, [...open.keys()])) {
      for (const [mutant, machine] of open) {
        const facet = concerns(mutant, question) && difference(machine, question)
        if (!facet) continue
        proofs.set(mutant, {
          mutant,
          status: 'survived',
          told: { policy: record.policy, steps: question.steps, facet },
        })
        open.delete(mutant)
      }
    }
  }
  for (const mutant of open.keys()) proofs.set(mutant, { mutant, status: exhausted ? 'equivalent' : 'not proven' })
  return proofs
}
