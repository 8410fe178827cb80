/** Which transitions of a chart a recorded turn took, as far as its event and its states say. Pure. */
import type { Chart, ChartTransition } from '../../machines/chart.ts'
import type { TurnReading } from '../history.ts'
import { heardEvent } from '../inspection.ts'

type Moved = Pick<TurnReading, 'event' | 'stateBefore' | 'stateAfter' | 'heard'>

/** A state, what holds it, and the root, innermost first. */
export function withParents(state: string): string[] {
  const steps = state === '' ? [] : state.split('.')
  return Array.from({ length: steps.length + 1 }, (_, depth) => steps.slice(0, steps.length - depth).join('.'))
}

const isWithin = (state: string, outer: string): boolean => withParents(state).includes(outer)

/**
 * Ids of the transitions that led from one state to the other: those of the innermost state that hears the event and leads
 * to where it ended, or on the way there by transitions without an event. Several where only a guard could tell.
 */
export function takenBy({ transitions }: Pick<Chart, 'transitions'>, turn: Moved): string[] {
  if (turn.heard !== 'turned' || turn.stateBefore === turn.stateAfter) return []
  const event = heardEvent(turn)
  const heard = withParents(turn.stateBefore)
    .map((source) =>
      transitions.filter((one) => one.source === source && one.event === event && one.target !== undefined),
    )
    .filter((some) => some.length > 0)
  const direct = heard.map((some) => some.filter(leadsTo(turn.stateAfter))).find((some) => some.length > 0)
  if (direct) return direct.map(({ id }) => id)
  for (const some of heard) {
    for (const one of some) {
      const way = wayBySilence(transitions, one.target!, turn.stateAfter)
      if (way) return [one.id, ...way]
    }
  }
  return []
}

/** Closest first: to the state itself or, by initial states, from what holds it. */
const leadsTo =
  (state: string) =>
  ({ target }: ChartTransition): boolean =>
    target !== undefined && target !== '' && isWithin(state, target)

/** Transitions without an event from one state to another; undefined when there is no such way. */
function wayBySilence(
  transitions: ChartTransition[],
  from: string,
  to: string,
  seen: string[] = [],
): string[] | undefined {
  if (seen.includes(from)) return undefined
  const silent = transitions.filter((one) => one.event === '' && one.target !== undefined && isWithin(one.source, from))
  const last = silent.find(leadsTo(to))
  if (last) return [last.id]
  for (const one of silent) {
    const way = wayBySilence(transitions, one.target!, to, [...seen, from])
    if (way) return [one.id, ...way]
  }
  return undefined
}
