/**
 * All single faults that can be planted in a machine, made from its config: nothing of ours is named here. Pure: the same
 * machine gives the same mutants in the same order.
 */
import type { Definition } from '../../../machines/definitions.ts'
import { type Chart, chartOf, junctionsOf, type Named, placesIn } from './chart.ts'
import { implementationFaults } from './implementation-mutants.ts'
import { type Mutant, mutantOf } from './mutant.ts'
import { stateFaults } from './state-mutants.ts'
import { transitionFaults } from './transition-mutants.ts'

/** Every mutant of that machine; no two have the same id. */
export function mutantsOf({ machine }: Definition): Mutant[] {
  const chart = chartOf(machine)
  const places = placesIn(chart)
  const delays = Object.keys(machine.implementations.delays)
  const vocabulary = vocabularyOf(chart)
  const faults = [
    ...places.flatMap((place) => [...transitionFaults(machine, place, vocabulary), ...stateFaults(place, delays)]),
    ...implementationFaults(machine, places),
  ]
  return faults.map((fault) => mutantOf(chart, fault))
}

/** Every action as the chart writes it, once. */
function vocabularyOf(chart: Chart): Named[] {
  const all = placesIn(chart).flatMap(({ state }) => [
    ...[...state.entry, ...state.exit],
    ...junctionsOf(state).flatMap(({ ways }) => ways.flatMap(({ actions }) => actions)),
  ])
  return [...new Map(all.map((action) => [JSON.stringify(action), action])).values()]
}
