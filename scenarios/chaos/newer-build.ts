/**
 * The build that a rolling upgrade ends with: each machine in a newer version, which calls a state, a wait and an ask
 * otherwise. Of some machines it keeps the version before, so that open conversations stay on it; of the others it has only
 * the way from there, so that they migrate (decisions/0012). Pure.
 */
import { type AnyStateMachine, createMachine, type StateValue } from 'xstate'
import { type Definition, define, definitions } from '../../machines/definitions.ts'
import { type Migration, migrations, renameAsk, renameTimer, type Stored } from '../../machines/migrations.ts'
import type { Versions } from '../../runtime/stages/restore.ts'

/** Whose open conversations go on with the newer version. */
const migrating = ['sms', 'email']

const state = { from: 'queued', to: 'awaitingAgent' } as const
const delay = { from: 'reconcileAfter', to: 'askAgainAfter' } as const
const ask = { from: 'searchConversation', to: 'lookUpConversation' } as const

export const newerVersionOf = ({ version }: { version: string }): string => String(Number(version) + 1)

export const mayMigrate = ({ id }: { id: string }): boolean => migrating.includes(id)

/** The dotted name of a state as the newer version calls it. */
const newerNameOf = (name: string): string =>
  name
    .split('.')
    .map((part) => (part === state.from ? state.to : part))
    .join('.')

export const newerBuild: Versions = {
  definitions: definitions.flatMap((definition) => [
    ...(mayMigrate(definition) ? [] : [definition]),
    define(newer(definition)),
  ]),
  migrations: [
    ...migrations,
    ...definitions.filter(mayMigrate).map((before): Migration => {
      return { machine: before.id, from: before.version, to: newerVersionOf(before), migrate }
    }),
  ],
}

/** As much of a chart as has names in it. */
interface Chart {
  states?: Record<string, Chart>
  after?: Record<string, unknown>
  invoke?: { id: string }
}

function newer({ machine, version }: Definition): AnyStateMachine {
  const { config, implementations } = machine
  const { delays } = implementations as { delays: Record<string, unknown> }
  const chart = { ...renamedChart(config as Chart), version: newerVersionOf({ version }) }
  return createMachine(
    chart as never,
    { ...implementations, delays: { ...delays, [delay.to]: delays[delay.from] } } as never,
  )
}

function renamedChart({ states, after, invoke, ...rest }: Chart): Chart {
  return {
    ...rest,
    ...(invoke && { invoke: { ...invoke, id: invoke.id === ask.from ? ask.to : invoke.id } }),
    ...(after && { after: renamedKeys(after, delay) }),
    ...(states && {
      states: Object.fromEntries(
        Object.entries(renamedKeys(states, state)).map(([name, inner]) => [name, renamedChart(inner)]),
      ),
    }),
  }
}

function migrate(stored: Stored): Stored {
  const { snapshot, timers } = stored
  const waits = Object.keys(timers).filter((timer) => timer.startsWith(timerOf(delay.from)))
  const moved: Stored = {
    ...stored,
    snapshot: { ...snapshot, value: renamedValue(snapshot.value) },
    timers: waits.reduce((all, timer) => renameTimer(all, timer, timer.replace(delay.from, delay.to)), timers),
  }
  return renameAsk(moved, ask.from, ask.to)
}

const timerOf = (name: string): string => `xstate.after.${name}.`

function renamedValue(value: StateValue): StateValue {
  if (typeof value === 'string') return newerNameOf(value)
  const inner = Object.entries(value).map(([name, within]) => [newerNameOf(name), renamedValue(within!)])
  return Object.fromEntries(inner)
}

function renamedKeys<Value>(all: Record<string, Value>, { from, to }: { from: string; to: string }) {
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name === from ? to : name, value]))
}
