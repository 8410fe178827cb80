/**
 * One path, or one disturbance of a path, by its id: found again and played step by step. Ids are the same for the same seed
 * on the same machines: `sms/waits/12` is a path, `sms/waits/12~swapped~7` that path with its eighth step disturbed.
 */
import { latestDefinition } from '../../machines/definitions.ts'
import type { Step } from '../drive.ts'
import { coverBy } from './cover-in-ids.ts'
import { type Disturbance, dated, disturbed } from './disturbances.ts'
import { drained } from './drain.ts'
import { violations } from './invariants.ts'
import { driveFast, type PolicyName, played, plays } from './line.ts'
import { suiteFor } from './suite.ts'

export interface Replayed {
  id: string
  machine: string
  policy: PolicyName
  steps: ReplayedStep[]
  /** What breaks on the way or afterwards, when the far side answers and nobody writes any more. */
  found: string[]
}

export interface ReplayedStep {
  step: Step
  /** Undefined for a step that cannot happen there: it was passed over. */
  state: string | undefined
  sent: string[]
}

/** The id of a disturbed path; of one that was not disturbed it is the path's own. */
export const faultId = (path: string, disturbance: string, index: number): string =>
  `${path}~${disturbance.replaceAll(' ', '-')}~${index}`

/** Undefined when no path has this id. */
export function replayed(id: string, seed: number): Replayed | undefined {
  const found = stepsOf(id, seed)
  return found && replayedSteps(id, found)
}

/** Steps by themselves; what cannot happen is passed over. */
export function replayedSteps(
  id: string,
  { machine, policy, steps: given }: Replayable,
  definition = latestDefinition(machine)!,
): Replayed {
  const conversation = driveFast(definition, policy)
  const steps = given.map((step): ReplayedStep => {
    const turns = conversation.history.length
    if (!plays(conversation, step)) return { step, state: undefined, sent: [] }
    const trace = conversation.history[turns]
    return { step, state: conversation.history.at(-1)?.state ?? '', sent: trace?.sent ?? [] }
  })
  const stuck = drained(conversation)
  const broken = [...violations(conversation), ...(stuck ? [`an end is always reached: ${stuck}`] : [])]
  return { id, machine, policy, steps, found: broken }
}

interface Replayable {
  machine: string
  policy: PolicyName
  steps: Step[]
}

function stepsOf(id: string, seed: number): Replayable | undefined {
  const [pathId = '', disturbance, index] = id.split('~')
  const machine = pathId.split('/')[0]!
  if (latestDefinition(machine) === undefined) return undefined
  const path = suiteFor(machine, seed, coverBy(pathId)).find((one) => one.id === pathId)
  if (path === undefined) return undefined
  if (disturbance === undefined || disturbance === 'restarted') return { machine, ...path }
  const steps = dated(path.steps, played(machine, path).history)
  const chosen = disturbed(steps).find(
    (one) => one.disturbance === (disturbance.replaceAll('-', ' ') as Disturbance) && one.index === Number(index),
  )
  return chosen && { machine, policy: path.policy, steps: [...steps.slice(0, chosen.index), ...chosen.rest] }
}
