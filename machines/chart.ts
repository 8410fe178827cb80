/**
 * A machine as a chart: its states, and the transitions between them, as plain data that a drawing, a report or a console
 * can use. Paths are dotted, as in records and answers; the root's is empty.
 * Pure; the order is that of the machine, so the same machine gives the same chart.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate'

export interface Chart {
  machine: string
  version: string
  states: ChartState[]
  transitions: ChartTransition[]
}

export interface ChartState {
  /** `inQueue.queued` */
  path: string
  /** Undefined for the root alone. */
  parent: string | undefined
  name: string
  kind: 'root' | 'atomic' | 'compound' | 'final'
  /** It is where its parent begins. */
  isInitial: boolean
  entry: string[]
  exit: string[]
  /** What it asks of a far side for as long as it lasts. */
  asks: string[]
}

export interface ChartTransition {
  /** Source, XState's event type and place among those of the same event: unique in the chart. */
  id: string
  source: string
  /** Undefined when it stays where it is. */
  target: string | undefined
  /** As XState names it, such as `xstate.after.menuTimeout.menu`; empty for one without an event. */
  event: string
  /** As a person would say it: `after menuTimeout`, `createTask done`. */
  words: string
  guard: string | undefined
  actions: string[]
}

export function chartOf(machine: AnyStateMachine): Chart {
  const nodes = nodesIn(machine.root)
  return {
    machine: machine.id,
    version: machine.version ?? '0',
    states: nodes.map(stateOf),
    transitions: nodes.flatMap(transitionsOf),
  }
}

const nodesIn = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodesIn)]
export const pathOf = (node: AnyStateNode): string => node.path.join('.')

function stateOf(node: AnyStateNode): ChartState {
  const initial = (node.parent?.initial.target ?? []) as AnyStateNode[]
  return {
    path: pathOf(node),
    parent: node.parent && pathOf(node.parent),
    name: node.key,
    kind: !node.parent ? 'root' : node.type === 'compound' ? 'compound' : node.type === 'final' ? 'final' : 'atomic',
    isInitial: initial.includes(node),
    entry: node.entry.map(nameOf).filter(isOwn),
    exit: node.exit.map(nameOf).filter(isOwn),
    asks: node.invoke.map(({ id }) => id),
  }
}

function transitionsOf(node: AnyStateNode): ChartTransition[] {
  const groups = [...node.transitions.entries(), ['', node.always ?? []] as const]
  return groups.flatMap(([event, transitions]) =>
    transitions.map(({ target, guard, actions }, place) => ({
      id: `${pathOf(node)} ${event} ${place}`,
      source: pathOf(node),
      target: target?.[0] && pathOf(target[0] as AnyStateNode),
      event,
      words: wordsOf(event),
      guard: guard === undefined ? undefined : nameOf(guard),
      actions: actions.map(nameOf).filter(isOwn),
    })),
  )
}

const nameOf = (named: unknown): string => (typeof named === 'string' ? named : (named as { type: string }).type)
/** XState arms and cancels timers by actions of its own. */
const isOwn = (name: string): boolean => !name.startsWith('xstate.')

/** `xstate.after.menuTimeout.menu` → `after menuTimeout`. */
export function wordsOf(event: string): string {
  const [, kind, , name] = /^xstate\.(after|done|error)\.(actor\.)?([^.]+)/.exec(event) ?? []
  if (kind === undefined) return event
  return { after: `after ${name}`, done: `${name} done`, error: `${name} failed` }[kind] ?? event
}
