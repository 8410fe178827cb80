/**
 * decide: (machine, record, cause, turn) → what the record becomes and what goes out. Pure: no I/O, no clock, no
 * randomness; the same input gives the same output on any node, in any year of replay (T2). Answers and timers of a past
 * state change nothing here, and a success nobody waits for any more is undone (T10).
 */
import {
  type ActionExecutor,
  type AnyActorScope,
  type AnyMachineSnapshot,
  createActor,
  type EventObject,
  type Snapshot,
  type StateValue,
} from 'xstate'
import type { Context, Input, Turn } from '../../machines/context.ts'
import type { Definition } from '../../machines/definitions.ts'
import type { AnyEffect } from '../../machines/effects.ts'
import type { Address } from '../../machines/events.ts'
import type { ArmedTimer, PendingAsk } from '../../machines/migrations.ts'
import type { Cause } from '../envelope.ts'
import { idempotencyKey, type Loaded, type StoredEffect } from '../record.ts'

export interface Decision {
  before: string
  state: string
  heard: 'turned' | 'ignored' | 'stale'
  snapshot: Snapshot<unknown>
  timers: Record<string, ArmedTimer>
  pending: Record<string, PendingAsk>
  effects: StoredEffect[]
}

/** T8: the snapshot names what the machine does not have. */
export class NotRestorable extends Error {
  override readonly name = 'NotRestorable'
  constructor({ id, version }: Pick<Definition, 'id' | 'version'>, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`the snapshot is not one of ${id} version ${version}: ${why}`, { cause })
  }
}

/**
 * `loaded` is undefined for an actor's first turn, and restored before (`restore.ts`). Throws `NotRestorable` when XState
 * refuses its snapshot, and what the machine throws: the caller sets the delivery aside.
 */
export function decide(
  definition: Definition,
  actor: string,
  address: Address,
  loaded: Loaded | undefined,
  cause: Cause,
  turn: Turn,
): Decision {
  const stage = stageOf(definition)
  const number = (loaded?.record.turn ?? 0) + 1
  const ledger = openLedger(loaded, number)
  const snapshot = restore(definition, stage, actor, address, loaded, turn)
  const before = loaded ? loaded.record.state : dotted(snapshot.value)

  if (cause.kind === 'retry') {
    ledger.effects.push(cause.effect)
    return close('ignored', snapshot)
  }
  if (cause.kind === 'erase') {
    const known = snapshot.context as Context
    const input: Input = { actor, address, turn: { ...turn, tasksBefore: known.tasks } }
    const fresh = definition.machine.getInitialSnapshot(stage.scope, input)
    ledger.effects.push(...endingsOf(before, known).map((one) => stored(definition, one, turn)))
    ledger.timers = {}
    ledger.pending = {}
    return close('turned', archivedOf(definition, fresh as AnyMachineSnapshot))
  }
  const event = admit(cause, ledger, actor)
  if (event === undefined) {
    const undone = undoStale(definition, cause, snapshot)
    if (undone) ledger.effects.push(stored(definition, undone, turn))
    return close('stale', snapshot)
  }

  stage.perform = (action) => note(definition, action, ledger, turn)
  const next = definition.machine.transition(snapshot, event, stage.scope) as AnyMachineSnapshot
  stage.perform = () => {}
  if (next.status === 'error') throw next.error
  const moved = next.context !== snapshot.context || dotted(next.value) !== before || ledger.effects.length > 0
  return close(moved ? 'turned' : 'ignored', next)

  function close(heard: Decision['heard'], end: AnyMachineSnapshot): Decision {
    return {
      before,
      state: dotted(end.value),
      heard,
      snapshot: persisted(definition, end),
      timers: ledger.timers,
      pending: ledger.pending,
      effects: ledger.effects,
    }
  }
}

/** The event the machine hears, or undefined when the past is speaking. */
function admit(
  cause: Exclude<Cause, { kind: 'retry' | 'erase' }>,
  ledger: Ledger,
  actor: string,
): EventObject | undefined {
  if (cause.kind === 'event') return cause.event
  if (cause.kind === 'timer') {
    const timer = timerFired(cause, ledger)
    if (timer === undefined) return undefined
    delete ledger.timers[timer]
    return { type: timer }
  }
  const ask = askAnswered(cause, ledger, actor)
  if (ask === undefined) return undefined
  delete ledger.pending[ask]
  return cause.error
    ? ({ type: `xstate.error.actor.${ask}`, error: cause.error, actorId: ask } as EventObject)
    : ({ type: `xstate.done.actor.${ask}`, output: cause.output, actorId: ask } as EventObject)
}

/** What ends a conversation whose customer is to be forgotten, as far as it is open: its task, then the transcript. */
function endingsOf(state: string, { taskId, agentId, conversationId, chatConversation }: Context): AnyEffect[] {
  if (state.startsWith('closed')) return []
  const disposition = agentId === '' ? 'CD_TASK_CUSTOMER_ABANDON' : 'CD_NORMAL_END_TASK'
  return [
    ...(taskId ? [{ type: 'endTask', payload: { taskId, disposition, variables: [] } }] : []),
    ...(conversationId && chatConversation !== 'closed'
      ? [{ type: 'closeConversation', payload: { conversationId } }]
      : []),
  ]
}

/** As if it had been archived without ever having heard anything. */
function archivedOf({ machine }: Definition, { context }: AnyMachineSnapshot): AnyMachineSnapshot {
  return machine.resolveState({ value: { closed: 'archived' }, context }) as AnyMachineSnapshot
}

/** A timer fires under the name it was armed under; a migration may have given it another. */
function timerFired({ timer: fired, generation }: Extract<Cause, { kind: 'timer' }>, { timers }: Ledger) {
  const found = Object.entries(timers).find(([timer, { armedAs = timer }]) => armedAs === fired)
  return found?.[1].generation === generation ? found[0] : undefined
}

/** An answer is known by the key of its request (T6), not by the name of the ask, which a migration may have changed. */
function askAnswered({ key }: Extract<Cause, { kind: 'answer' }>, { pending }: Ledger, actor: string) {
  const found = Object.entries(pending).find(
    ([, { revision = 0, index }]) => idempotencyKey(actor, revision, index) === key,
  )
  return found?.[0]
}

function undoStale({ asks }: Definition, cause: Cause, snapshot: AnyMachineSnapshot): AnyEffect | undefined {
  if (cause.kind !== 'answer' || cause.error) return undefined
  const scene = { context: snapshot.context as Context, event: { type: 'stale' } }
  return asks.undo[cause.type]?.(cause.input as never, cause.output as never, scene)
}

/** Timers, asks and effects of one turn, as they stand while it is being decided. */
interface Ledger {
  turn: number
  timers: Record<string, ArmedTimer>
  pending: Record<string, PendingAsk>
  effects: StoredEffect[]
}

function openLedger(loaded: Loaded | undefined, turn: number): Ledger {
  const pending = Object.entries(loaded?.record.pending ?? {}).map(
    ([ask, request]) => [ask, { revision: loaded?.revision ?? 0, ...request }] as const,
  )
  return { turn, timers: { ...loaded?.record.timers }, pending: Object.fromEntries(pending), effects: [] }
}

type Performed = Parameters<ActionExecutor>[0]

/** What XState wants done, in its order, as data: tells, asks begun and left, timers armed and cancelled. */
function note(definition: Definition, action: Performed, ledger: Ledger, turn: Turn): void {
  const params = action.params as Record<string, unknown> | undefined
  switch (action.type) {
    case 'xstate.spawnChild':
      noteAsk(definition, String(params?.id), String(params?.src), action, ledger)
      return
    case 'xstate.stopChild':
      delete ledger.pending[String(params?.id)]
      return
    case 'xstate.raise': {
      const delay = params?.delay
      if (delay === undefined) return
      const timer = String(params?.id)
      delete ledger.timers[timer]
      if (Number.isFinite(delay)) {
        ledger.timers[timer] = { due_ms: turn.at_ms + Number(delay), generation: ledger.turn }
      }
      return
    }
    case 'xstate.cancel':
      delete ledger.timers[String(params?.sendId)]
      return
    default: {
      const run = action.exec as ((info: unknown, params: unknown) => unknown) | undefined
      const effects = run?.(action.info, action.params)
      if (!Array.isArray(effects)) return
      ledger.effects.push(...(effects as AnyEffect[]).map((effect) => stored(definition, effect, turn)))
    }
  }
}

function noteAsk({ id, asks }: Definition, ask: string, type: string, action: Performed, ledger: Ledger): void {
  const scene = { context: action.info.context as Context, event: action.info.event }
  ledger.pending[ask] = { type, index: ledger.effects.length }
  const payload = asks.inputs[type]?.(scene)
  if (!payload) throw new Error(`the machine ${id} invokes ${type}, which its asks do not name`)
  ledger.effects.push({ type, payload, ask, withinMs: asks.withinMs(type, scene) })
}

/** An effect nobody waits for: a tell, or an ask sent as a compensation. */
function stored({ asks }: Definition, effect: AnyEffect, { asset }: Turn): StoredEffect {
  const { askDeadlineMs, tellDeadlineMs } = asset.policy.retry
  const isAsk = Object.hasOwn(asks.inputs, effect.type)
  return { type: effect.type, payload: effect.payload, withinMs: isAsk ? askDeadlineMs : tellDeadlineMs }
}

/**
 * One inert actor a definition, lent to every step and never started: two to three times faster than XState's exported
 * `transition()`, which builds an actor each time.
 */
interface Stage {
  scope: AnyActorScope
  perform: (action: Performed) => void
}
const stages = new WeakMap<Definition, Stage>()

function stageOf(definition: Definition): Stage {
  const known = stages.get(definition)
  if (known) return known
  const self = createActor(definition.machine, { input: {} as Input })
  const stage: Stage = {
    perform: () => {},
    scope: {
      self,
      system: self.system,
      id: self.id,
      sessionId: self.sessionId,
      logger: () => {},
      defer: () => {},
      emit: () => {},
      stopChild: () => {},
      actionExecutor: (action) => stage.perform(action),
    },
  }
  stages.set(definition, stage)
  return stage
}

function restore(
  definition: Definition,
  stage: Stage,
  actor: string,
  address: Address,
  loaded: Loaded | undefined,
  turn: Turn,
): AnyMachineSnapshot {
  if (!loaded) {
    const input: Input = { actor, address, turn }
    return definition.machine.getInitialSnapshot(stage.scope, input) as AnyMachineSnapshot
  }
  return revived(definition, stage, loaded, turn)
}

function revived(definition: Definition, stage: Stage, { record }: Loaded, turn: Turn | undefined): AnyMachineSnapshot {
  const stored = record.snapshot as unknown as { context: Omit<Context, 'turn'> }
  const lent = { ...stored, context: { turn, ...stored.context } }
  try {
    return definition.machine.restoreSnapshot(lent as never, stage.scope) as AnyMachineSnapshot
  } catch (cause) {
    throw new NotRestorable(definition, cause)
  }
}

/** Why XState refuses the snapshot of a record of that version; undefined when it does not. */
export function refusal(definition: Definition, loaded: Loaded): string | undefined {
  try {
    revived(definition, stageOf(definition), loaded, undefined)
    return undefined
  } catch (error) {
    return (error as NotRestorable).message
  }
}

/** The snapshot as it is stored: without what was lent for the turn. */
function persisted(definition: Definition, snapshot: AnyMachineSnapshot): Snapshot<unknown> {
  const plain = definition.machine.getPersistedSnapshot(snapshot) as unknown as { context: Partial<Context> }
  const { turn: _lent, ...context } = plain.context
  return { ...plain, context } as unknown as Snapshot<unknown>
}

/** `{inQueue: {transferring: 'removingAgent'}}` → `inQueue.transferring.removingAgent`. */
function dotted(value: StateValue): string {
  if (typeof value === 'string') return value
  const [name, child] = Object.entries(value)[0] ?? []
  return child === undefined ? String(name) : `${name}.${dotted(child)}`
}
