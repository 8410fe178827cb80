/**
 * Faults in the transitions of one state: where they lead, what they ask, what they do on the way. Pure.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { type Chart, type Junction, junctionsOf, type Named, nameOf, type Place, replaced, type Way } from './chart.ts'
import { type Fault, type MutantKind, opposite } from './mutant.ts'

/** `vocabulary` is every action of the chart, from which one is inserted where it has no business. */
export function transitionFaults(machine: AnyStateMachine, { path, state }: Place, vocabulary: Named[]): Fault[] {
  const node = machine.root.machine.getStateNodeById(machine.id)
  return junctionsOf(state).flatMap((junction) => {
    const targets = targetsOf(nodeAt(node, path), junction)
    return [...wayEdits(machine.id, junction.ways, targets, vocabulary), ...renamed(state, junction)].map(
      ({ kind, change, index, ways, elsewhere }): Fault => ({
        ...{ kind, change, index, path, event: junction.event },
        ...(junction.hears && { hears: [junction.hears, ...(elsewhere ? [elsewhere.event] : [])] }),
        changed: (state) => (elsewhere ? elsewhere.changed(state) : junction.instead(state, ways)),
      }),
    )
  })
}

interface Edit {
  kind: MutantKind
  change: string
  index: number
  ways: Way[]
  elsewhere?: { event: string; changed: (state: Chart) => Chart }
}

function wayEdits(root: string, ways: Way[], targets: AnyStateNode[], vocabulary: Named[]): Edit[] {
  return ways.flatMap((way, index) => {
    const edit = (kind: MutantKind, change: string, changed: Partial<Way>): Edit => ({
      ...{ kind, change, index },
      ways: replaced(ways, index, changed),
    })
    const sibling = targets[index] && siblingOf(targets[index])
    const guard = way.guard === undefined ? undefined : nameOf(way.guard)
    const next = ways[index + 1]
    return [
      { kind: 'drop transition' as const, change: goal(way), index, ways: ways.filter((_, at) => at !== index) },
      ...(way.target === undefined ? [] : [edit('stay instead', goal(way), { target: undefined })]),
      ...(sibling
        ? [
            edit('retarget transition', `${goal(way)} to ${sibling.key}`, {
              target: `#${root}.${sibling.path.join('.')}`,
            }),
          ]
        : []),
      ...(guard === undefined
        ? []
        : [
            edit('drop guard', guard, { guard: undefined }),
            edit('negate guard', guard, { guard: { ...guardOf(way), type: opposite(guard) } }),
          ]),
      ...(next
        ? [
            {
              kind: 'swap branches' as const,
              change: `${goal(way)} and ${goal(next)}`,
              index,
              ways: swapped(ways, index),
            },
          ]
        : []),
      ...actionEdits(way.actions, vocabulary, index).map(({ kind, change, actions }) =>
        edit(kind, change, { actions }),
      ),
    ]
  })
}

function actionEdits(
  actions: Named[],
  vocabulary: Named[],
  turn: number,
): { kind: MutantKind; change: string; actions: Named[] }[] {
  const strangers = vocabulary.filter((one) => !actions.some((own) => nameOf(own) === nameOf(one)))
  const stranger = strangers[(turn + actions.length * 7) % strangers.length]
  return [
    ...actions.map((action, at) => ({
      kind: 'drop action' as const,
      change: nameOf(action),
      actions: actions.filter((_, other) => other !== at),
    })),
    ...actions.slice(1).map((action, at) => ({
      kind: 'reorder actions' as const,
      change: `${nameOf(action)} before ${nameOf(actions[at]!)}`,
      actions: swapped(actions, at),
    })),
    ...(stranger === undefined
      ? []
      : [{ kind: 'insert action' as const, change: nameOf(stranger), actions: [...actions, stranger] }]),
  ]
}

/** What is heard under one name is heard under that of a neighbour in the same state instead, which loses its own. */
function renamed(state: Chart, { event, ways, hears }: Junction): Edit[] {
  const types = Object.keys(state.on)
  if (hears === undefined || !types.includes(event) || types.length < 2) return []
  const other = types[(types.indexOf(event) + 1) % types.length]!
  const changed = (from: Chart): Chart => {
    const { [event]: own, ...others } = from.on
    return { ...from, on: { ...others, [other]: own! } }
  }
  return [{ kind: 'rename event', change: `to ${other}`, index: 0, ways, elsewhere: { event: other, changed } }]
}

const goal = ({ target, guard }: Way): string =>
  `${target ?? 'stay'}${guard === undefined ? '' : ` [${nameOf(guard)}]`}`
const guardOf = ({ guard }: Way): object => (typeof guard === 'object' ? guard : {})

function swapped<Item>(list: Item[], at: number): Item[] {
  const other = [...list]
  other.splice(at, 2, list[at + 1]!, list[at]!)
  return other
}

export const nodeAt = (root: AnyStateNode, path: readonly string[]): AnyStateNode =>
  path.reduce((node, key) => node.states[key]!, root)

/** Where each way of a junction leads, as XState resolved it; undefined for one that stays. */
const targetsOf = (node: AnyStateNode, { hears }: Junction): AnyStateNode[] =>
  (hears === undefined ? (node.always ?? []) : (node.transitions.get(hears) ?? [])).map(
    ({ target }) => target?.[0] as AnyStateNode,
  )

/** The state beside it in the chart, the last one's is the first; undefined for an only child. */
export function siblingOf(node: AnyStateNode): AnyStateNode | undefined {
  const all = Object.values(node.parent?.states ?? {})
  return all.length < 2 ? undefined : all[(all.indexOf(node) + 1) % all.length]
}
