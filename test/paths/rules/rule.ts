/**
 * A rule of the domain: what happens, in which phases, under which condition, and what has to follow. Rules stand in
 * tables in the order in which they count; of those that fit, the first one does. Where none fits, nothing may happen.
 */
import type { Case } from './case.ts'
import type { Heard, On, When } from './heard.ts'
import type { Phase } from './phases.ts'

export interface Rule {
  /** The item of flows.md that it is from. */
  id: string
  on: On[]
  in: readonly Phase[]
  when: When
  then: (c: Case, heard: Heard) => void
}

const always: When = () => true

export function rule(
  id: string,
  on: On | On[],
  phases: Phase | readonly Phase[],
  ...rest: [then: Rule['then']] | [when: When, then: Rule['then']]
): Rule {
  const [when, then] = rest.length === 2 ? rest : [always, rest[0]]
  return { id, on: [on].flat(), in: [phases].flat() as Phase[], when, then }
}

/** Heard, and nothing follows. */
export const nothing = (): void => {}
