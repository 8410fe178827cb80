/**
 * What a machine must keep so that the runtime can host it, and what neither types nor XState catch (ARCHITECTURE.md,
 * decisions/). Knows XState, and no machine of ours: it takes a machine and gives sentences, none for a machine that
 * keeps the rules.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate'

export interface LintOptions {
  /** States that only an event from outside leaves, each with the reason why that is meant: path → reason. */
  rests?: Record<string, string>
}

/** Every broken rule of a machine, one sentence each: where, what was found, what to do. */
export function lintMachine(machine: AnyStateMachine, { rests = {} }: LintOptions = {}): string[] {
  const nodes = nodesOf(machine)
  return [
    ...configIsJson(machine),
    ...namesExist(machine, nodes),
    ...hasIterationLimit(machine),
    ...nodes.flatMap((node) => [
      ...isPlainKind(node),
      ...hasOwnId(node),
      ...hearsNoWildcard(node),
      ...asksWellFormed(node),
    ]),
    ...asksNothingAtFirst(machine),
    ...isReachable(machine, nodes),
    ...isLeft(nodes, rests),
  ]
}

/** Sources of machines: what a pure file may not contain (T2). */
export function lintSource(path: string, text: string): string[] {
  const impure: [pattern: RegExp, is: string][] = [
    [/['"]node:/, 'a node: import'],
    [/\bDate\.now\b/, 'Date.now'],
    [/\bnew Date\(\s*\)/, 'new Date() without an argument'],
    [/\bMath\.random\b|\bcrypto\b/, 'randomness'],
    [/\bperformance\b|\bsetTimeout\b|\bsetInterval\b/, 'a clock'],
    [/\bfetch\(|\bprocess\./, 'the outside world'],
  ]
  return impure
    .filter(([pattern]) => pattern.test(text))
    .map(([, is]) => `${path}: ${is}; machines are lent time and settings`)
}

const nodesOf = ({ root }: AnyStateMachine): AnyStateNode[] => {
  const inside = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(inside)]
  return inside(root)
}
const nameOf = (node: AnyStateNode): string => node.path.join('.') || '(the machine)'
const upFrom = (node: AnyStateNode): AnyStateNode[] => (node.parent ? [node, ...upFrom(node.parent)] : [node])

type Json = Record<string, unknown>

/** Tools draw, diff and hash what is JSON; only `context` and `output` may be functions. */
function configIsJson(machine: AnyStateMachine): string[] {
  const { context: _context, output: _output, schemas: _schemas, ...config } = machine.config as Json
  const walk = (value: unknown, path: string): string[] => {
    if (value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)) return []
    if (Array.isArray(value)) return value.flatMap((item, index) => walk(item, `${path}.${index}`))
    const isPlain = typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
    if (isPlain) return Object.entries(value).flatMap(([key, item]) => walk(item, path === '' ? key : `${path}.${key}`))
    return [
      `${path}: a ${typeof value === 'object' ? value.constructor.name : typeof value} in the config; name it in setup()`,
    ]
  }
  return walk(config, '')
}

/** An unknown delay fires at once, an unknown action does nothing, an unknown actor breaks the snapshot. */
function namesExist({ implementations }: AnyStateMachine, nodes: AnyStateNode[]): string[] {
  const known = implementations as unknown as Record<Kind, Json>
  return nodes.flatMap((node) =>
    namesIn(node).flatMap(({ kind, name }) =>
      Object.hasOwn(known[kind], name) ? [] : [`${nameOf(node)}: setup() has no ${kind.slice(0, -1)} ${name}`],
    ),
  )
}

type Kind = 'actions' | 'guards' | 'actors' | 'delays'
interface Used {
  kind: Kind
  name: string
}

/** Every name that a state uses, as its config writes it. */
function namesIn(node: AnyStateNode): Used[] {
  const config = node.config as Json
  const transitions = transitionsIn(config)
  const used = (kind: Kind, values: unknown[]): Used[] =>
    values.flatMap((value) => {
      const name = typeof value === 'string' ? value : (value as { type?: unknown } | undefined)?.type
      return typeof name === 'string' ? [{ kind, name }] : []
    })
  return [
    ...used('actions', [config.entry, config.exit, ...transitions.map(({ actions }) => actions)].flatMap(listed)),
    ...used(
      'guards',
      transitions.map(({ guard }) => guard),
    ),
    ...used(
      'actors',
      asksIn(config).map(({ src }) => src),
    ),
    ...used('delays', Object.keys((config.after as Json) ?? {})),
  ]
}

function transitionsIn(config: Json): Json[] {
  const asks = asksIn(config)
  return [
    ...Object.values((config.on as Json) ?? {}),
    ...Object.values((config.after as Json) ?? {}),
    config.always,
    config.onDone,
    ...asks.flatMap(({ onDone, onError }) => [onDone, onError]),
  ]
    .flatMap(listed)
    .filter((transition): transition is Json => typeof transition === 'object' && transition !== null)
}
const asksIn = (config: Json): Json[] => listed(config.invoke) as Json[]
const listed = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value])

/** Without it a loop of `always` hangs the node that turns it. */
function hasIterationLimit({ options }: AnyStateMachine): string[] {
  return Number.isFinite(options?.maxIterations)
    ? []
    : ['(the machine): no options.maxIterations; a loop would hang a node']
}

/** Parallel regions drop each other's transitions, history is persisted by ids that change. */
function isPlainKind(node: AnyStateNode): string[] {
  if (node.type !== 'parallel' && node.type !== 'history') return []
  return [`${nameOf(node)}: a ${node.type} state; write the combinations out as children`]
}

/** Timer ids carry the state's id: one made of its path would change when a parent is renamed. */
function hasOwnId(node: AnyStateNode): string[] {
  const { id, after, invoke } = node.config as Json
  if (id !== undefined || (after === undefined && invoke === undefined)) return []
  return [`${nameOf(node)}: has ${after ? 'after' : 'invoke'} and no id of its own`]
}

/** A wildcard hears late timers and answers too (T10). */
function hearsNoWildcard(node: AnyStateNode): string[] {
  const heard = Object.keys(((node.config as Json).on as Json) ?? {})
  return heard.filter((event) => event.includes('*')).map((event) => `${nameOf(node)}: hears ${event}; name the events`)
}

/** An ask needs an id that stays, a way on when it fails, and one when no answer comes. */
function asksWellFormed(node: AnyStateNode): string[] {
  const name = nameOf(node)
  const hasTimeOut = upFrom(node).some(({ after }) => after.length > 0)
  return asksIn(node.config as Json).flatMap((ask) => [
    ...(ask.id === undefined ? [`${name}: an invoke without an id`] : []),
    ...(ask.onError === undefined ? [`${name}: ${String(ask.id ?? ask.src)} has no onError`] : []),
    ...(hasTimeOut ? [] : [`${name}: ${String(ask.id ?? ask.src)} has no time-out, here or above`]),
    ...(ask.systemId === undefined ? [] : [`${name}: ${String(ask.id ?? ask.src)} has a systemId`]),
  ])
}

/** A conversation begins with its first event: what the first states would do before that, nobody carries out. */
function asksNothingAtFirst({ root }: AnyStateMachine): string[] {
  return initialNodes(root).flatMap((node) => {
    const { entry, invoke, after, always } = node.config as Json
    const found = Object.entries({ entry, invoke, after, always }).find(([, value]) => value !== undefined)
    return found ? [`${nameOf(node)}: an initial state with ${found[0]}; move it behind the first event`] : []
  })
}

/** The nodes that are entered with this one when nothing says otherwise. */
function initialNodes(node: AnyStateNode): AnyStateNode[] {
  if (node.type !== 'compound') return [node]
  return [node, ...node.initial.target.flatMap(initialNodes)]
}

interface Way {
  event: string
  isGuarded: boolean
  to: AnyStateNode[]
}
/** Transitions out of a node as XState resolved them, those without a target included. */
const waysOf = (from: AnyStateNode): Way[] =>
  [...[...from.transitions.values()].flat(), ...(from.always ?? [])].map(({ eventType, guard, target }) => ({
    event: eventType,
    isGuarded: guard !== undefined,
    to: [...(target ?? [])] as AnyStateNode[],
  }))

function isReachable({ root }: AnyStateMachine, nodes: AnyStateNode[]): string[] {
  const reached = new Set<AnyStateNode>()
  const visit = (node: AnyStateNode): void => {
    for (const entered of [...upFrom(node), ...initialNodes(node)]) {
      if (reached.has(entered)) continue
      reached.add(entered)
      for (const { to } of waysOf(entered)) to.forEach(visit)
    }
  }
  visit(root)
  return nodes.filter((node) => !reached.has(node)).map((node) => `${nameOf(node)}: no transition leads here`)
}

/** What happens by itself: a time-out, the end of an ask. Everything else, a guarded `always` too, needs the outside. */
const happensByItself = ({ event, isGuarded }: Way): boolean =>
  event.startsWith('xstate.') || (event === '' && !isGuarded)

/** A conversation never gets stuck: each state is left, and by itself unless it is meant to rest. */
function isLeft(nodes: AnyStateNode[], rests: Record<string, string>): string[] {
  const leaves = nodes.filter(({ type }) => type === 'atomic')
  const problems = leaves.flatMap((leaf) => {
    const name = nameOf(leaf)
    const out = upFrom(leaf)
      .flatMap(waysOf)
      .filter(({ to }) => to.some((target) => target !== leaf))
    if (out.length === 0) return [`${name}: no way out`]
    if (out.some(happensByItself)) return rests[name] ? [`${name}: is said to rest, but is left by itself`] : []
    return rests[name] ? [] : [`${name}: only an event from outside leaves it; add a time-out, or say why it rests`]
  })
  const names = new Set(leaves.map(nameOf))
  const unknown = Object.keys(rests).filter((name) => !names.has(name))
  return [...problems, ...unknown.map((name) => `${name}: is said to rest, but there is no such state`)]
}
