/**
 * Tries a path, and the path disturbed at every step, and tells what breaks: an invariant on the way, or that the
 * conversation finds no end when the far side answers. Each kind of fault is told once, by its shortest steps.
 */
import { isDeepStrictEqual } from 'node:util'
import { latestDefinition } from '../../machines/definitions.ts'
import { type Drive, type DriveMemory, plain, type Step } from '../drive.ts'
import { type Disturbance, dated, disturbed } from './disturbances.ts'
import { drained } from './drain.ts'
import { violations } from './invariants.ts'
import { driveFast, type Path, type PolicyName } from './line.ts'
import { kindOf } from './one-of-a-kind.ts'
import { faultId } from './replayed.ts'
import { shrunk } from './shrink.ts'
import { plays } from './suite.ts'

export interface Fault {
  /** For `--replay`: the same for the same seed on the same machines. */
  id: string
  path: string
  policy: PolicyName
  /** What was done to the path; `undisturbed` when nothing was. */
  disturbance: Disturbance | 'restarted' | 'undisturbed'
  /** The first thing that broke. */
  found: string
  steps: Step[]
}

/** What breaks on the path as it is. */
export function tried(machine: string, path: Path): Fault[] {
  return told(machine, path, path.id, 'undisturbed', path.steps, faultIn(run(machine, path.policy, path.steps)))
}

/** What breaks on it when it is disturbed, and how often it was, by disturbance. */
export function triedDisturbed(machine: string, path: Path, counts: Map<string, number>): Fault[] {
  const memories: DriveMemory[] = []
  const conversation = driveFast(latestDefinition(machine)!, path.policy)
  for (const step of path.steps) {
    memories.push(conversation.memory())
    conversation.play(step)
  }
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
  count('restarted')
  const steps = dated(path.steps, conversation)
  const restarted = restartedRun(machine, path)
  // As JSON: a field that is there and undefined is a field that is not there.
  const same = isDeepStrictEqual(plain(restarted.history), plain(conversation.history))
  return [
    ...told(
      machine,
      path,
      `${path.id}~restarted`,
      'restarted',
      path.steps,
      same ? undefined : 'after restarts it went another way',
    ),
    ...disturbed(steps).flatMap(({ disturbance, index, rest }) => {
      count(disturbance)
      const fault = faultIn(run(machine, path.policy, rest, memories[index]))
      const id = faultId(path.id, disturbance, index)
      return told(machine, path, id, disturbance, [...steps.slice(0, index), ...rest], fault)
    }),
  ]
}

/** Steps that cannot happen are passed over; then the conversation is brought to its end. */
function run(machine: string, policy: PolicyName, steps: Step[], from?: DriveMemory): Drive {
  const conversation = driveFast(latestDefinition(machine)!, policy, from)
  for (const step of steps) plays(conversation, step)
  return conversation
}

/** Between any two turns nothing is left of it but its JSON. */
function restartedRun(machine: string, { policy, steps }: Path): Drive {
  const definition = latestDefinition(machine)!
  let conversation = driveFast(definition, policy)
  for (const step of steps) {
    conversation.play(step)
    conversation = driveFast(definition, policy, JSON.parse(JSON.stringify(conversation.memory())))
  }
  return conversation
}

function faultIn(conversation: Drive): string | undefined {
  const stuck = drained(conversation)
  return violations(conversation)[0] ?? (stuck && `an end is always reached: ${stuck}`)
}

function told(
  machine: string,
  { id: path, policy }: Path,
  id: string,
  disturbance: Fault['disturbance'],
  steps: Step[],
  found: string | undefined,
): Fault[] {
  return found === undefined ? [] : [{ id, path: `${machine} ${path}`, policy, disturbance, found, steps }]
}

/** The fault by the fewest steps that show it. */
export function shortest(machine: string, fault: Fault): Fault {
  const breaks = (steps: Step[]) => {
    const found = faultIn(run(machine, fault.policy, steps))
    return found !== undefined && kindOf(found) === kindOf(fault.found)
  }
  return breaks(fault.steps) ? { ...fault, steps: shrunk(fault.steps, breaks) } : fault
}
