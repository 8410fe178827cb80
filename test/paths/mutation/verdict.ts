/**
 * What became of each mutant of a machine. Killed by traces: on some path of the suite it goes elsewhere, sends, waits or
 * remembers otherwise, or throws. Killed by invariants: on some path it breaks a rule that is known without the original.
 * What no path kills is put to the product: equivalent, or told apart by steps that the suite lacks, or not proven.
 */
import type { Definition } from '../../../machines/definitions.ts'
import { type Drive, ImpossibleStep, type Step } from '../../drive.ts'
import { driveFast, type Path, type PolicyName, policies } from '../line.ts'
import { born, type Mutant } from './mutant.ts'
import { type Bound, type Catalogue, productOf } from './product.ts'
import { concerns, difference, type Facet, firstDifference, type Question, questionsOn } from './questions.ts'

export type Status = 'killed' | 'stillborn' | 'equivalent' | 'survived' | 'not proven'

export interface Verdict {
  mutant: Mutant
  status: Status
  /** How a killed or surviving mutant is told from its original, and in what. */
  told?: { policy: PolicyName; steps: Step[]; facet: Facet }
  /** The first rule that it breaks; absent where it breaks none, or none were given. */
  broken?: string
}

export interface Means {
  paths: Path[]
  catalogue: Catalogue
  bound: Bound
  /** What is wrong with a conversation by itself, as sentences. */
  violations?: (drive: Drive) => string[]
}

/** One verdict a mutant, in their order. */
export function verdictsOn(definition: Definition, mutants: Mutant[], means: Means): Verdict[] {
  const questions = questionsOn(definition, means.paths)
  const machines = new Map<Mutant, Definition>()
  const verdicts = mutants.map((mutant): Verdict => {
    const machine = born(definition, mutant)
    if (machine === undefined) return { mutant, status: 'stillborn' }
    const broken = means.violations && firstBroken(mutant, machine, questions, means.violations)
    const found = firstDifference(mutant, machine, questions)
    if (found === undefined) machines.set(mutant, machine)
    const told = found && { policy: found.question.policy, steps: found.question.steps, facet: found.facet }
    return { mutant, status: told ? 'killed' : 'survived', ...(told && { told }), ...(broken && { broken }) }
  })
  const proofs = machines.size > 0 ? proofsOf(definition, machines, means) : new Map<Mutant, Verdict>()
  return verdicts.map((verdict) => proofs.get(verdict.mutant) ?? verdict)
}

/** The product is walked once for all of them; each leaves it where it is told apart. */
function proofsOf(definition: Definition, machines: Map<Mutant, Definition>, means: Means): Map<Mutant, Verdict> {
  const proofs = new Map<Mutant, Verdict>()
  const open = new Map(machines)
  let complete = true
  for (const policy of Object.keys(policies) as PolicyName[]) {
    const product = productOf(definition, policy, means.catalogue, means.bound)
    for (let next = product.next(); ; next = product.next()) {
      if (next.done) {
        complete &&= next.value
        break
      }
      for (const [mutant, machine] of open) {
        const facet = concerns(mutant, next.value) && difference(machine, next.value)
        if (!facet) continue
        proofs.set(mutant, { mutant, status: 'survived', told: { policy, steps: next.value.steps, facet } })
        open.delete(mutant)
      }
    }
  }
  for (const mutant of open.keys()) proofs.set(mutant, { mutant, status: complete ? 'equivalent' : 'not proven' })
  return proofs
}

/** Paths that are tried for one mutant; on a path where it answers as its original does it breaks nothing. */
const tries_max = 12

function firstBroken(
  mutant: Mutant,
  machine: Definition,
  questions: Question[],
  violations: (drive: Drive) => string[],
): string | undefined {
  const tried = new Set<Path>()
  for (const question of questions) {
    if (!question.path || tried.has(question.path) || !concerns(mutant, question)) continue
    const facet = difference(machine, question)
    if (facet === undefined) continue
    if (facet === 'threw') return 'it throws'
    const [broken] = violations(drivenOn(machine, question))
    if (broken) return broken
    if (tried.add(question.path).size >= tries_max) return undefined
  }
  return undefined
}

/**
 * A conversation with the mutant along the path of that question, up to which it went as with its original: what cannot
 * happen to it does not happen, and where it throws it ends.
 */
function drivenOn(machine: Definition, { policy, path, at, memory }: Question): Drive {
  const conversation = driveFast(machine, policy, memory)
  for (const step of path!.steps.slice(at)) {
    try {
      conversation.play(step)
    } catch (error) {
      if (!(error instanceof ImpossibleStep)) return conversation
    }
  }
  return conversation
}
