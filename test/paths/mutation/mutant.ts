/**
 * A machine with one fault planted in it: what was changed and where, and the definition that runs with the fault.
 * Speaks to XState, which refuses some charts: such a mutant is stillborn and proves nothing.
 */
import { type AnyStateMachine, createMachine } from 'xstate'
import type { Definition } from '../../../machines/definitions.ts'
import { type Chart, placesIn, type StatePath, withState } from './chart.ts'

export const mutantKinds = [
  'drop transition',
  'retarget transition',
  'stay instead',
  'drop guard',
  'negate guard',
  'swap branches',
  'drop action',
  'insert action',
  'reorder actions',
  'rename event',
  'change delay',
  'drop after',
  'drop entry',
  'drop exit',
  'change initial',
  'drop handler',
  'swap handlers',
  'drop ask',
  'guard always true',
  'guard always false',
  'memory forgets',
  'tell is silent',
] as const
export type MutantKind = (typeof mutantKinds)[number]

/** Where in the chart: state (`inQueue.queued`, empty for the root), what happens there, which of its branches. */
export interface Position {
  state: string
  event: string
  index: number
}

export interface Mutant {
  id: string
  kind: MutantKind
  at: Position
  /** What was changed, in words of the chart. */
  change: string
  /** States (dotted) one of which is active whenever the fault can show; their children count as well. */
  within: string[]
  /** One of these is left at once (`always`): then the fault may show though neither end of a turn is within them. */
  passing: boolean
  /** The event types that the fault can show at; absent where it can show at any. */
  hears?: string[]
  chart: Chart
  /** Implementations that stand in for those of the original. */
  instead?: Implementations
}

type Implementations = { guards?: Record<string, unknown>; actions?: Record<string, unknown> }

/** What a maker of mutants says; the rest follows from it. */
export type Fault = Pick<Mutant, 'kind' | 'change' | 'hears' | 'instead'> & {
  path: StatePath
  event?: string
  index?: number
  within?: string[]
  changed?: (state: Chart) => Chart
}

/** The mutant of a chart with that fault in it. */
export function mutantOf(chart: Chart, fault: Fault): Mutant {
  const { kind, change, hears, instead, path, event = '', index = 0, changed = (state) => state } = fault
  const state = path.join('.')
  const within = fault.within ?? [state]
  const passing = placesIn(chart).some(({ path, state }) => state.always.length > 0 && isWithin(within, path.join('.')))
  const at = { state, event, index }
  const id = `${kind}: ${change} @ ${state || '(root)'}${event && ` · ${event}`} #${index}`
  const more = { ...(hears && { hears }), ...(instead && { instead }) }
  return { id, kind, at, change, within, passing, chart: withState(chart, path, changed), ...more }
}

/** Whether that state is one of these or inside one of them; the root holds every state. */
export const isWithin = (states: string[], state: string): boolean =>
  states.some((outer) => outer === '' || state === outer || state.startsWith(`${outer}.`))

/** The mutant as a definition that drives like its original, or undefined when XState does not take its chart. */
export function born(original: Definition, { chart, instead }: Mutant): Definition | undefined {
  const { guards, actions, ...others } = original.machine.implementations
  const implementations = {
    ...others,
    guards: { ...negations(guards), ...guards, ...instead?.guards },
    actions: { ...actions, ...instead?.actions },
  }
  try {
    const machine = createMachine(chart as never, implementations as never) as unknown as AnyStateMachine
    return { ...original, machine }
  } catch {
    return undefined
  }
}

/** The name under which the opposite of a guard can be asked for. */
export const opposite = (guard: string): string => `not ${guard}`

type Guard = (...scene: unknown[]) => boolean
const negations = (guards: object): Record<string, Guard> =>
  Object.fromEntries(
    Object.entries(guards as Record<string, Guard>).map(([name, holds]) => [
      opposite(name),
      (...scene: unknown[]) => !holds(...scene),
    ]),
  )
