/**
 * Tries a path, and the path disturbed at every step, and tells what breaks: an invariant on the way, or that the
 * conversation finds no end when the far side answers. Each kind of fault is told once, by its shortest steps.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Definition, latestDefinition } from '../../machines/definitions.ts'
import { type Drive, type DriveMemory, plain, type Step } from '../drive.ts'
import { asItIs } from './as-it-is.ts'
import { type Disturbance, dated, disturbed } from './disturbances.ts'
import { drained } from './drain.ts'
import { Judge } from './invariants.ts'
import { driveFast, type Path, type PolicyName, plays } from './line.ts'
import { memoriesOf } from './memories.ts'
import { kindOf } from './one-of-a-kind.ts'
import { faultId } from './replayed.ts'
import { type Graph, wayTo } from './search.ts'
import { shrunk } from './shrink.ts'

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
  const conversation = driveFast(definitionOf(machine), path.policy, memoriesOf(machine, path).at(-1))
  return told(machine, path, path.id, 'undisturbed', path.steps, faultIn(conversation))
}

const definitionOf = (machine: string): Definition => asItIs(latestDefinition(machine)!)

/** What is otherwise when between any two of its turns nothing is left of the conversation but its JSON. */
export function triedRestarted(machine: string, path: Path): Fault[] {
  const { history } = memoriesOf(machine, path).at(-1)!
  // As JSON: a field that is there and undefined is a field that is not there.
  const same = isDeepStrictEqual(plain(restartedRun(machine, path).history), plain(history))
  const found = same ? undefined : 'after restarts it went another way'
  return told(machine, path, `${path.id}~restarted`, 'restarted', path.steps, found)
}

/** What breaks on it when it is disturbed wherever that is drawn, and how often it was, by disturbance. */
export function triedDisturbed(
  machine: string,
  path: Path,
  counts: Map<string, number>,
  isDrawn: () => boolean = () => true,
): Fault[] {
  const memories = memoriesOf(machine, path)
  const { history } = memories.at(-1)!
  const undisturbed = new Judge(driveFast(definitionOf(machine), path.policy))
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
  const steps = dated(path.steps, history)
  return disturbed(steps).flatMap(({ disturbance, index, rest }) => {
    if (!isDrawn()) return []
    count(disturbance)
    const before = memories[index]!
    const conversation = run(definitionOf(machine), path.policy, rest, before)
    const fault = faultIn(conversation, undisturbed.hear(before.history).copy())
    const id = faultId(path.id, disturbance, index)
    return told(machine, path, id, disturbance, [...steps.slice(0, index), ...rest], fault)
  })
}

/** Steps that cannot happen are passed over. */
function run(definition: Definition, policy: PolicyName, steps: Step[], from?: DriveMemory): Drive {
  const conversation = driveFast(asItIs(definition), policy, from)
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

/** What breaks on the way, or when the far side brings it to an end. `judge` may have heard its beginning already. */
export function faultIn(conversation: Drive, judge = new Judge(conversation)): string | undefined {
  const stuck = drained(conversation)
  return judge.hear(conversation.history).violations()[0] ?? (stuck && `an end is always reached: ${stuck}`)
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

/**
 * The fault by the fewest steps that show it: shrunk, and then, where the search of the machine gets to it in fewer, by
 * those. Ways that the search found are the shortest there are to their places.
 */
export function shortest(machine: string, fault: Fault, graph: Graph, definition = latestDefinition(machine)!): Fault {
  const kind = kindOf(fault.found)
  const foundOn = (steps: Step[]): string | undefined => {
    const found = faultIn(run(definition, fault.policy, steps))
    return found !== undefined && kindOf(found) === kind ? found : undefined
  }
  const breaks = (steps: Step[]) => foundOn(steps) !== undefined
  if (!breaks(fault.steps)) return fault
  const few = shrunk(fault.steps, breaks)
  const fewest = fewestIn(graph, few.length, breaks) ?? few
  return { ...fault, found: foundOn(fewest) ?? fault.found, steps: fewest }
}

/** The first way of the search, in fewer steps than that, on which it breaks. */
function fewestIn({ places }: Graph, steps_max: number, breaks: (steps: Step[]) => boolean): Step[] | undefined {
  for (const place of places) {
    const way = wayTo(place).map(({ happening }) => happening.step)
    if (way.length + 1 >= steps_max) return undefined
    const found = place.out.find(({ happening }) => breaks([...way, happening.step]))
    if (found) return [...way, found.happening.step]
  }
  return undefined
}
