/**
 * Faults in what a state does by being entered and left: its entry and exit, its timers, its asks, its first child. Pure.
 */
import { type Ask, type Chart, nameOf, type Place, replaced } from './chart.ts'
import type { Fault } from './mutant.ts'

/** `delays` are the names that `setup()` knows. */
export const stateFaults = ({ path, state }: Place, delays: string[]): Fault[] =>
  [...actionFaults(state), ...timerFaults(state, delays), ...askFaults(state), ...initialFaults(state)].map(
    (fault) => ({
      ...fault,
      path,
    }),
  )

type Local = Omit<Fault, 'path'>

const actionFaults = (state: Chart): Local[] =>
  (['entry', 'exit'] as const).flatMap((when) =>
    state[when].map((action, index) => ({
      ...{ kind: `drop ${when}` as const, change: nameOf(action), event: when, index },
      changed: (state: Chart) => ({ ...state, [when]: state[when].filter((_, other) => other !== index) }),
    })),
  )

function timerFaults(state: Chart, delays: string[]): Local[] {
  return Object.keys(state.after).flatMap((delay): Local[] => {
    const others = delays.filter((other) => !(other in state.after))
    const other = others[delays.indexOf(delay) % others.length]
    const without = ({ [delay]: _gone, ...rest }: Chart['after']) => rest
    return [
      {
        ...{ kind: 'drop after', change: delay, event: `after ${delay}` },
        changed: (state) => ({ ...state, after: without(state.after) }),
      },
      ...(other === undefined
        ? []
        : [
            {
              ...{ kind: 'change delay' as const, change: `${delay} to ${other}`, event: `after ${delay}` },
              changed: (state: Chart) => ({
                ...state,
                after: { ...without(state.after), [other]: state.after[delay]! },
              }),
            },
          ]),
    ]
  })
}

const askFaults = (state: Chart): Local[] =>
  state.invoke.flatMap((ask, index): Local[] => {
    const edited = (change: Partial<Ask>) => (state: Chart) => ({
      ...state,
      invoke: replaced(state.invoke, index, change),
    })
    const event = `ask ${ask.id}`
    return [
      {
        ...{ kind: 'drop ask', change: ask.id, event, index },
        changed: (state) => ({ ...state, invoke: state.invoke.filter((_, other) => other !== index) }),
      },
      { kind: 'drop handler', change: `${ask.id} done`, event, index, changed: edited({ onDone: [] }) },
      { kind: 'drop handler', change: `${ask.id} failed`, event, index, changed: edited({ onError: [] }) },
      {
        ...{ kind: 'swap handlers', change: `${ask.id} done and failed`, event, index },
        changed: edited({ onDone: ask.onError, onError: ask.onDone }),
      },
    ]
  })

function initialFaults({ initial, states }: Chart): Local[] {
  const children = Object.keys(states)
  if (initial === undefined || children.length < 2) return []
  const other = children[(children.indexOf(initial) + 1) % children.length]!
  return [
    {
      ...{ kind: 'change initial', change: `${initial} to ${other}`, event: 'initial' },
      changed: (state) => ({ ...state, initial: other }),
    },
  ]
}
