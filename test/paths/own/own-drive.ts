/**
 * Steps a machine that is not one of ours, on the runtime's own `decide`: no broker, no clock, no adapter. What it knows is
 * plain data, so that a search can go on from any point, and every turn can be decided from JSON alone.
 */
import type { AskRules } from '../../../machines/asks.ts'
import { type Definition, define } from '../../../machines/definitions.ts'
import type { Cause } from '../../../runtime/envelope.ts'
import { idempotencyKey, type Loaded, record_format } from '../../../runtime/record.ts'
import { decide } from '../../../runtime/stages/decide.ts'
import { actor, address, assetWith } from '../../drive.ts'
import type { Moment, OwnMachine } from './catalogue.ts'

export type OwnStep = { event: string } | { answers: string; with: number } | { fails: string } | { timer: string }

/** Plain JSON. */
export interface OwnMemory {
  loaded: Loaded | undefined
  at_ms: number
  moments: Moment[]
}

export const begun: OwnMemory = { loaded: undefined, at_ms: Date.parse('2026-03-02T14:00:00.000Z'), moments: [] }

/** The definition that a machine is hosted by, with asks that say nothing. */
export function definitionOf({ machine }: OwnMachine): Definition {
  const inputs = Object.fromEntries(Object.keys(machine.implementations.actors).map((name) => [name, () => ({})]))
  const asks: AskRules = { inputs, withinMs: () => 0, undo: {} }
  return define(machine, undefined, asks)
}

/** What can happen now, by name: each event, each way an ask that waits may end, each armed timer. */
export function happeningsOf({ catalogue }: OwnMachine, { loaded }: OwnMemory): Map<string, OwnStep> {
  const { pending = {}, timers = {} } = loaded?.record ?? {}
  return new Map<string, OwnStep>([
    ...Object.keys(catalogue.events).map((event): [string, OwnStep] => [event, { event }]),
    ...Object.entries(pending).flatMap(([ask, { type }]): [string, OwnStep][] => [
      ...(catalogue.answers?.[type] ?? [{}]).map((_, index): [string, OwnStep] => [
        `${ask} answered${index === 0 ? '' : `: ${index + 1}`}`,
        { answers: ask, with: index },
      ]),
      [`${ask} failed: failed`, { fails: ask }],
    ]),
    ...Object.keys(timers).map((timer): [string, OwnStep] => [`after ${timer.split('.')[2]}`, { timer }]),
  ])
}

/** The memory after that step; undefined when it cannot happen. Throws what the machine throws. */
export function stepped(
  own: OwnMachine,
  definition: Definition,
  memory: OwnMemory,
  step: OwnStep,
): OwnMemory | undefined {
  if (memory.loaded && memory.loaded.record.snapshot.status !== 'active') return undefined
  const cause = causeOf(own, memory, step)
  if (cause === undefined) return undefined
  const { loaded, moments } = memory
  const due_ms = 'timer' in step ? loaded!.record.timers[step.timer]!.due_ms : 0
  const at_ms = Math.max(memory.at_ms + 1_000, due_ms)
  const turn = { at_ms, asset: assetWith(), say: () => '' }
  const made = decide(definition, actor, address, loaded, cause, turn)
  const revision = (loaded?.revision ?? 0) + 1
  const { id, version, shape } = definition
  const at = new Date(at_ms).toISOString()
  const stored = { format: record_format, actor, address, turn: revision, machine: { id, version, shape }, at }
  const record = { ...stored, input: { sequence: revision, time_ns: '0' }, seen: [], cause: {}, ...made }
  const effects = made.effects.map(({ type, payload }) => ({ type, payload }))
  const moment: Moment = {
    state: made.state,
    before: moments.at(-1)?.state ?? '',
    event: heardOf(cause),
    context: (made.snapshot as unknown as { context: Record<string, unknown> }).context,
    effects,
    sent: [...(moments.at(-1)?.sent ?? []), ...effects],
  }
  return { loaded: { record: record as never, revision }, at_ms, moments: [...moments, moment] }
}

function causeOf({ catalogue }: OwnMachine, { loaded, moments, at_ms }: OwnMemory, step: OwnStep): Cause | undefined {
  const { pending = {}, timers = {} } = loaded?.record ?? {}
  if ('event' in step) {
    const event = { id: `e${moments.length}`, at: new Date(at_ms).toISOString(), ...catalogue.events[step.event]! }
    return { kind: 'event', event, address }
  }
  if ('timer' in step) {
    const armed = timers[step.timer]
    return armed && { kind: 'timer', timer: step.timer, generation: armed.generation }
  }
  const ask = 'answers' in step ? step.answers : step.fails
  const waiting = pending[ask]
  if (waiting === undefined) return undefined
  const key = idempotencyKey(actor, waiting.revision ?? loaded!.revision, waiting.index)
  const said = { kind: 'answer' as const, ask, type: waiting.type, key }
  if ('fails' in step) return { ...said, error: { code: 'failed' } }
  return { ...said, output: (catalogue.answers?.[waiting.type] ?? [{}])[step.with] }
}

function heardOf(cause: Cause): { type: string } {
  if (cause.kind === 'event') return cause.event
  if (cause.kind === 'timer') return { type: cause.timer }
  if (cause.kind !== 'answer') return { type: cause.kind }
  return { type: `xstate.${cause.error ? 'error' : 'done'}.actor.${cause.ask}` }
}

const turns_max = 40

/** Plays on until it may stay where it is: asks are answered, then the timer that is due first runs out. */
export function ownDrained(own: OwnMachine, definition: Definition, from: OwnMemory): string | undefined {
  const { ends } = own.catalogue
  if (ends === undefined) return undefined
  let memory = from
  for (let turn = 0; turn < turns_max; turn++) {
    const state = memory.moments.at(-1)?.state ?? ''
    if (state === '' || ends.includes(state)) return undefined
    const step = nextByItself(memory)
    const after = step && stepped(own, definition, memory, step)
    if (after === undefined) return `${state}: waits for nobody and no timer`
    memory = after
  }
  return `${memory.moments.at(-1)?.state}: ${turns_max} turns later it is not over`
}

function nextByItself({ loaded }: OwnMemory): OwnStep | undefined {
  const { pending = {}, timers = {} } = loaded?.record ?? {}
  const [ask] = Object.keys(pending)
  if (ask !== undefined) return { answers: ask, with: 0 }
  const [first] = Object.entries(timers).sort(([, a], [, b]) => a.due_ms - b.due_ms)
  return first && { timer: first[0] }
}
