/**
 * A machine's config in one spelling: every transition in a list, every action in a list. Owns the walk over it; what is
 * changed in it, and why, is for those who make mutants. Pure: a chart is never changed, only copied with a change.
 */
import type { AnyStateMachine } from 'xstate'

export type Named = string | { type: string; params?: unknown }

export interface Way {
  target?: string | undefined
  guard?: Named | undefined
  actions: Named[]
}

export interface Ask {
  id: string
  src: string
  onDone: Way[]
  onError: Way[]
}

/** One state with all that is in it; what no mutant touches (`id`, `context`, …) stays beside. */
export interface Chart {
  id?: string
  initial?: string
  entry: Named[]
  exit: Named[]
  on: Record<string, Way[]>
  after: Record<string, Way[]>
  always: Way[]
  invoke: Ask[]
  states: Record<string, Chart>
}

/** A state, by the keys from the root; the root itself has none. */
export type StatePath = readonly string[]

/** The chart of a machine; `createMachine` takes it as it is, and makes the same machine of it. */
export const chartOf = ({ config }: AnyStateMachine): Chart => spelledOut(config as unknown as Loose)

type Loose = Record<string, unknown>

function spelledOut(config: Loose): Chart {
  const asks = listed(config.invoke) as Loose[]
  return {
    ...config,
    entry: listed(config.entry) as Named[],
    exit: listed(config.exit) as Named[],
    on: eachOf(config.on, waysOf),
    after: eachOf(config.after, waysOf),
    always: waysOf(config.always),
    invoke: asks.map((ask) => ({ ...ask, onDone: waysOf(ask.onDone), onError: waysOf(ask.onError) }) as unknown as Ask),
    states: eachOf(config.states, (state) => spelledOut(state as Loose)),
  }
}

const waysOf = (value: unknown): Way[] =>
  listed(value).map((way) =>
    typeof way === 'string'
      ? { target: way, actions: [] }
      : { ...(way as Loose), actions: listed((way as Loose).actions) as Named[] },
  )

const listed = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value])

const eachOf = <To>(values: unknown, of: (value: unknown) => To): Record<string, To> =>
  Object.fromEntries(Object.entries((values ?? {}) as Loose).map(([key, value]) => [key, of(value)]))

export interface Place {
  path: StatePath
  state: Chart
}

/** Every state of a chart, parents before children, the root first. */
export const placesIn = (chart: Chart, path: StatePath = []): Place[] => [
  { path, state: chart },
  ...Object.entries(chart.states).flatMap(([key, state]) => placesIn(state, [...path, key])),
]

/** The chart with one of its states changed. */
export function withState(chart: Chart, path: StatePath, change: (state: Chart) => Chart): Chart {
  const [key, ...rest] = path
  if (key === undefined) return change(chart)
  return { ...chart, states: { ...chart.states, [key]: withState(chart.states[key]!, rest, change) } }
}

/** A list of ways that one thing that happens may lead along; the first whose guard holds is taken. */
export interface Junction {
  /** As a reader of the chart calls it: `task.created`, `after menuTimeout`, `createTask done`, `always`. */
  event: string
  /** The type of the event that is heard here; absent for `always`, which hears everything. */
  hears?: string
  ways: Way[]
  /** The state with other ways here; with none left, nothing is heard here any more. */
  instead: (state: Chart, ways: Way[]) => Chart
}

export function junctionsOf(state: Chart): Junction[] {
  return [
    ...Object.entries(state.on).map(([type, ways]) => inTable('on', type, type, ways, type)),
    ...Object.entries(state.after).map(([delay, ways]) =>
      inTable('after', delay, `after ${delay}`, ways, `xstate.after.${delay}.${state.id}`),
    ),
    ...state.invoke.flatMap(({ id, onDone, onError }, index) => [
      inAsk(index, 'onDone', `${id} done`, onDone, `xstate.done.actor.${id}`),
      inAsk(index, 'onError', `${id} failed`, onError, `xstate.error.actor.${id}`),
    ]),
    { event: 'always', ways: state.always, instead: (state: Chart, ways: Way[]) => ({ ...state, always: ways }) },
  ].filter(({ ways }) => ways.length > 0)
}

const inTable = (table: 'on' | 'after', key: string, event: string, ways: Way[], hears: string): Junction => ({
  event,
  hears,
  ways,
  instead: (state, ways) => {
    const { [key]: _old, ...others } = state[table]
    return { ...state, [table]: ways.length === 0 ? others : { ...state[table], [key]: ways } }
  },
})

const inAsk = (index: number, handler: 'onDone' | 'onError', event: string, ways: Way[], hears: string): Junction => ({
  event,
  hears,
  ways,
  instead: (state, ways) => ({ ...state, invoke: replaced(state.invoke, index, { [handler]: ways }) }),
})

/** The list with one of its items changed. */
export const replaced = <Item extends object>(list: Item[], index: number, change: Partial<Item>): Item[] =>
  list.map((item, at) => (at === index ? { ...item, ...change } : item))

export const nameOf = (named: Named): string => (typeof named === 'string' ? named : named.type)
