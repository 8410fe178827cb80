/**
 * Everything this repository has to prove, and what is put off. `CHECKLIST.md` is made from it, and `checklist.test.ts`
 * holds it against the titles of tests and stories.
 */
import { choices } from './checklist/choices.ts'
import { edgeCases } from './checklist/edge-cases.ts'
import { flowDemands, type Section } from './checklist/flow-demands.ts'

export const checklist: Section[] = [...flowDemands, choices, ...edgeCases]

/** Every id, in the order of the sections. */
export const ids: string[] = checklist.flatMap(({ demands }) => Object.keys(demands))

/** Why nothing proves these yet, by id. */
export const waits: Record<string, string> = {}
