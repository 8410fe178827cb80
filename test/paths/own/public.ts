/**
 * What programs import from `parley/paths`: the paths of a machine of their own, for tests in whatever runner they use.
 * `pathsOf(machine, catalogue)` generates them, plays them, disturbs them, and tells what breaks by the fewest steps.
 */
import type { AnyStateMachine } from 'xstate'
import { type Catalogue, checked } from './catalogue.ts'
import { type OwnReport, ownReport } from './own-report.ts'
import { ownSuite } from './own-suite.ts'

export { type Catalogue, CatalogueError, type Moment, type SentEffect } from './catalogue.ts'
export type { OwnFault, OwnReport } from './own-report.ts'

const usual_seed = 1

/**
 * Pure; takes milliseconds to seconds. The same for the same seed, a whole number from 1. `violations` is empty when every
 * invariant holds. Throws `CatalogueError` when the catalogue has another shape or the machine breaks a rule of the runtime.
 */
export function pathsOf(machine: AnyStateMachine, catalogue: Catalogue, seed = usual_seed): OwnReport {
  return ownReport(ownSuite(checked(machine.id, machine, catalogue), seed))
}
