/**
 * Draws a machine as a Mermaid state diagram: nested states, every transition that goes somewhere with its event and
 * guard; all of one pair of states on one line, which is what keeps the picture narrow. Mermaid draws no line between children of different states, so a line stands where both ends have a common
 * parent, and its label says which child it leaves (`menu · …`) and which it enters (`… → ending`).
 * Pure; what stays in its state (updates, relayed messages) is not drawn.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate'

/** The machine's chart as text that ends with a newline. The same machine gives the same text. */
export function mermaidOf(machine: AnyStateMachine): string {
  const arrows = nodesIn(machine.root).flatMap(arrowsOf)
  return ['stateDiagram-v2', ...childrenOf(machine.root, arrows, 1)].join('\n').concat('\n')
}

const nodesIn = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodesIn)]

/** One transition, lifted to where its two ends are children of `within`. */
interface Arrow {
  within: AnyStateNode
  from: string
  to: string
  label: string
}

/** What a state and the lines between its children look like. */
function childrenOf(parent: AnyStateNode, arrows: Arrow[], depth: number): string[] {
  const indent = '  '.repeat(depth)
  const here = arrows.filter(({ within }) => within === parent)
  const fromAnywhere = here.some(({ from }) => from === anyOf(parent))
  return [
    `[*] --> ${parent.initial.target.map(idOf).join()}`,
    ...(fromAnywhere ? [`state "(any of these)" as ${anyOf(parent)}`] : []),
    ...Object.values(parent.states).flatMap((child) =>
      child.type === 'compound'
        ? [`state "${child.key}" as ${idOf(child)} {`, ...childrenOf(child, arrows, 1), '}']
        : [`state "${child.key}" as ${idOf(child)}`],
    ),
    ...linesOf(here),
  ].map((line) => indent + line)
}

/** One line between two states, however many transitions it stands for. */
function linesOf(arrows: Arrow[]): string[] {
  const labels = new Map<string, Set<string>>()
  for (const { from, to, label } of arrows) {
    const ends = `${from} --> ${to}`
    labels.set(ends, (labels.get(ends) ?? new Set()).add(label))
  }
  return [...labels].map(([ends, said]) => `${ends} : ${[...said].join('<br/>')}`)
}

const idOf = (node: AnyStateNode): string => node.path.join('_')
const anyOf = (parent: AnyStateNode): string => `${idOf(parent)}_any`

function arrowsOf(source: AnyStateNode): Arrow[] {
  const transitions = [...[...source.transitions.values()].flat(), ...(source.always ?? [])]
  return transitions.flatMap(({ eventType, guard, target }) => {
    const to = (target?.[0] ?? undefined) as AnyStateNode | undefined
    return to ? [lifted(source, to, labelOf(eventType, guard))] : []
  })
}

function lifted(source: AnyStateNode, target: AnyStateNode, event: string): Arrow {
  const within = commonParent(source, target)
  const depth = within.path.length
  const at = (path: readonly string[]): string => path.slice(0, depth + 1).join('_')
  const leaves = source.path.slice(depth + 1).join('.')
  const enters = target.path.slice(depth + 1).join('.')
  return {
    within,
    from: source === within ? anyOf(within) : at(source.path),
    to: at(target.path),
    label: `${leaves ? `${leaves} · ` : ''}${event}${enters ? ` → ${enters}` : ''}`,
  }
}

/** The innermost state that holds the target as a child and is, or holds, the source. */
function commonParent(source: AnyStateNode, target: AnyStateNode): AnyStateNode {
  let within = target.parent ?? target
  while (!within.path.every((key, index) => source.path[index] === key)) within = within.parent!
  return within
}

/** `xstate.after.menuTimeout.menu` → `after menuTimeout`; an `always` has its guard, or `otherwise`. */
function labelOf(eventType: string, guard: unknown): string {
  const [, kind, , name] = /^xstate\.(after|done|error)\.(actor\.)?([^.]+)/.exec(eventType) ?? []
  const words: Record<string, string> = { after: `after ${name}`, done: `${name} done`, error: `${name} failed` }
  const event = kind ? words[kind]! : eventType
  const question =
    guard === undefined ? '' : `[${typeof guard === 'string' ? guard : (guard as { type: string }).type}]`
  return [event, question].filter((part) => part !== '').join(' ') || 'otherwise'
}
