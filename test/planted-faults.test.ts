/**
 * The tester tested on a real machine: of every kind of fault that can be planted in it, one is found by the rules of the
 * domain alone, and shrunk to steps of which none can be left out. The machine without the fault keeps every rule on them.
 */
import { expect, test } from 'vitest'
import { type Definition, latestDefinition } from '../machines/definitions.ts'
import type { Step } from './drive.ts'
import { happenings } from './paths/catalogue.ts'
import { violations } from './paths/invariants.ts'
import { driveFast, type PolicyName, plays } from './paths/line.ts'
import { everyHappening } from './paths/mutation/every-happening.ts'
import { born, type MutantKind, mutantKinds } from './paths/mutation/mutant.ts'
import { mutantsOf } from './paths/mutation/mutants.ts'
import { concerns, difference, questionsOn } from './paths/mutation/questions.ts'
import { shrunk } from './paths/shrink.ts'

const email = latestDefinition('email')!
const questions = questionsOn(email, everyHappening(email, happenings))
const mutants = mutantsOf(email)

/** Nothing is left in any state of these machines on the way out. */
const kindsWithout: MutantKind[] = ['drop exit']
const kinds = mutantKinds.filter((kind) => !kindsWithout.includes(kind))

function brokenBy(machine: Definition, policy: PolicyName, steps: Step[]): string[] {
  const conversation = driveFast(machine, policy)
  try {
    for (const step of steps) plays(conversation, step)
  } catch {
    return ['it throws']
  }
  return violations(conversation)
}

interface Found {
  policy: PolicyName
  steps: Step[]
  breaks: (steps: Step[]) => boolean
}

/** The first fault of that kind that breaks a rule, and the path on which it does. */
function foundOf(kind: MutantKind): Found | undefined {
  for (const mutant of mutants.filter((mutant) => mutant.kind === kind)) {
    const machine = born(email, mutant)
    if (machine === undefined) continue
    for (const question of questions) {
      const { policy, steps } = question
      if (!concerns(mutant, question) || difference(machine, question) === undefined) continue
      const breaks = (some: Step[]) => brokenBy(machine, policy, some).length > 0
      if (breaks(steps)) return { policy, steps, breaks }
    }
  }
  return undefined
}

test('Every kind of fault but one can be planted in the machine of mails', () => {
  expect(mutantKinds.filter((kind) => !mutants.some((mutant) => mutant.kind === kind))).toEqual(kindsWithout)
})

test.each(kinds)(
  'A fault of the kind "%s" is found by the rules alone, and shrunk until no step can be left out',
  (kind) => {
    const { policy, steps, breaks } = foundOf(kind)!
    const few = shrunk(steps, breaks)
    expect(few.length).toBeGreaterThan(0)
    expect(breaks(few)).toBe(true)
    expect(few.filter((_, index) => breaks(few.filter((_, other) => other !== index)))).toEqual([])
    expect(brokenBy(email, policy, few)).toEqual([])
  },
)
