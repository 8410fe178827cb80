/**
 * Tries every path of a machine that is not one of ours, as it is and disturbed at every step, and tells what breaks: one of
 * each kind, by the fewest steps. Speaks to its catalogue's invariants only.
 */
import { isDeepStrictEqual } from 'node:util'
import { plain } from '../../drive.ts'
import { kindOf, oneOfAKind } from '../one-of-a-kind.ts'
import { faultId } from '../replayed.ts'
import { coverageOf, type Report } from '../report.ts'
import { shrunk } from '../shrink.ts'
import { begun, type OwnMemory, type OwnStep, ownDrained, stepped } from './own-drive.ts'
import type { OwnPath, OwnSuite } from './own-suite.ts'

export interface OwnFault {
  id: string
  /** The sentence of the invariant that broke, or what went wrong. */
  found: string
  steps: OwnStep[]
}

export interface OwnReport
  extends Pick<Report, 'machine' | 'seed' | 'cover' | 'paths' | 'steps' | 'coverage' | 'unreachable'> {
  disturbances: Record<string, number>
  violations: OwnFault[]
}

export function ownReport(suite: OwnSuite): OwnReport {
  const { paths, machine, seed, cover, unreachable } = suite
  const counts: Record<string, number> = {}
  const faults = paths.flatMap((path) => {
    const all = [{ id: path.id, steps: path.steps }, ...disturbed(path, counts)]
    const broken = all.flatMap(({ id, steps }) => {
      const found = faultOf(suite, steps)
      return found === undefined ? [] : [{ id, found, steps }]
    })
    return [...broken, ...restarted(suite, path, counts)]
  })
  return {
    machine,
    seed,
    cover,
    paths: paths.length,
    steps: paths.reduce((sum, { steps }) => sum + steps.length, 0),
    coverage: coverageOf(suite as never),
    unreachable,
    disturbances: counts,
    violations: oneOfAKind(faults).map((fault) => shortest(suite, fault)),
  }
}

/** Each step told twice, each two neighbours in the other order, each answer a failure, each event lost. */
function disturbed({ id, steps }: OwnPath, counts: Record<string, number>): { id: string; steps: OwnStep[] }[] {
  return steps.flatMap((step, index) => {
    const [before, after] = [steps.slice(0, index), steps.slice(index + 1)]
    const made = (how: string, ...rest: OwnStep[]) => {
      counts[how] = (counts[how] ?? 0) + 1
      return { id: faultId(id, how, index), steps: [...before, ...rest] }
    }
    const [following, ...others] = after
    return [
      made('duplicated', step, step, ...after),
      ...(following ? [made('swapped', following, step, ...others)] : []),
      ...('answers' in step ? [made('answer failed', { fails: step.answers }, ...after)] : []),
      ...('event' in step ? [made('lost', ...after)] : []),
    ]
  })
}

/** Between any two turns nothing is left of it but its JSON. */
function restarted({ own, definition }: OwnSuite, { id, steps }: OwnPath, counts: Record<string, number>): OwnFault[] {
  counts.restarted = (counts.restarted ?? 0) + 1
  let [whole, crashed]: [OwnMemory, OwnMemory] = [begun, begun]
  for (const step of steps) {
    whole = stepped(own, definition, whole, step) ?? whole
    crashed = plain(stepped(own, definition, crashed, step) ?? crashed)
  }
  const same = isDeepStrictEqual(plain(whole.moments), plain(crashed.moments))
  return same ? [] : [{ id: `${id}~restarted`, found: 'after restarts it went another way', steps }]
}

/** What breaks on these steps; what cannot happen is passed over. Undefined when nothing does. */
export function faultOf(
  { own, definition }: Pick<OwnSuite, 'own' | 'definition'>,
  steps: OwnStep[],
): string | undefined {
  let memory = begun
  for (const step of steps) {
    let after: OwnMemory | undefined
    try {
      after = stepped(own, definition, memory, step)
    } catch (error) {
      return `it throws: ${(error as Error).message}`
    }
    if (after === undefined) continue
    memory = after
    const moment = memory.moments.at(-1)!
    const broken = Object.entries(own.catalogue.invariants ?? {}).find(([, holds]) => !holds(moment))
    if (broken) return broken[0]
  }
  const stuck = ownDrained(own, definition, memory)
  return stuck && `an end is always reached: ${stuck}`
}

function shortest(suite: OwnSuite, fault: OwnFault): OwnFault {
  const breaks = (steps: OwnStep[]) => kindOf(faultOf(suite, steps) ?? '') === kindOf(fault.found)
  return { ...fault, steps: shrunk(fault.steps, breaks) }
}
