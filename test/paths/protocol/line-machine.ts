/**
 * The smallest machine that needs every promise of the runtime: it answers each message, rings somebody, waits, and gives
 * up. What it says carries what the checker has to know. Pure (T2).
 */
import { type AnyStateMachine, assign, createMachine, fromPromise } from 'xstate'
import type { AskRules } from '../../../machines/asks.ts'
import type { Input } from '../../../machines/context.ts'
import { type Definition, define } from '../../../machines/definitions.ts'
import { ConversationEvent } from '../../../machines/events.ts'

export interface LineContext {
  /** Ids of the messages heard, in order. */
  heard: string[]
  heardAt_ms: number
  rings: number
  /** The rings that somebody answered and that were taken. */
  taken: number[]
  turn: { at_ms: number }
}

type Scene = { context: LineContext; event: { id?: string; output?: { ring: number } } }
const remember = (change: (scene: Scene) => Partial<LineContext>) => assign(change as never)
const tell = (type: string, payload: (scene: Scene) => object) => (scene: Scene) => [{ type, payload: payload(scene) }]

export const idle_ms = 10_000
export const patience_ms = 5_000

const actions = {
  hear: remember(({ context, event }) => ({
    heard: [...context.heard, event.id!],
    heardAt_ms: context.turn.at_ms,
  })),
  echo: tell('echo', ({ event }) => ({ message: event.id })),
  countRing: remember(({ context }) => ({ rings: context.rings + 1 })),
  take: remember(({ context, event }) => ({ taken: [...context.taken, event.output!.ring] })),
  connect: tell('connect', ({ context, event }) => ({ ring: event.output!.ring, expected: context.rings })),
  bye: tell('bye', ({ context }) => ({
    after: context.heard.length,
    idle_ms: context.turn.at_ms - context.heardAt_ms,
  })),
}

const hears = { actions: ['hear', 'echo'] }
const machine = createMachine(
  {
    id: 'line',
    version: '1',
    context: (({ input }: { input: Input }) => ({ heard: [], heardAt_ms: 0, rings: 0, taken: [], ...input })) as never,
    initial: 'resting',
    states: {
      resting: { on: { 'message.received': { target: 'ringing', ...hears } } },
      ringing: {
        id: 'ringing',
        entry: 'countRing',
        invoke: {
          id: 'ring',
          src: 'ring',
          onDone: { target: 'talking', actions: ['take', 'connect'] },
          onError: 'resting',
        },
        on: { 'message.received': hears },
        after: { patience: { target: 'ringing', reenter: true } },
      },
      talking: {
        id: 'talking',
        on: { 'message.received': { target: 'talking', reenter: true, ...hears } },
        after: { idleness: { target: 'resting', actions: 'bye' } },
      },
    },
  } as never,
  {
    actions,
    actors: { ring: fromPromise(() => new Promise(() => {})) },
    delays: { patience: patience_ms, idleness: idle_ms },
  } as never,
) as unknown as AnyStateMachine

/** A ring that is answered when nobody waits for it any more is hung up (T10). */
const asks: AskRules = {
  inputs: { ring: ({ context }) => ({ ring: (context as unknown as LineContext).rings }) },
  withinMs: () => patience_ms,
  undo: {
    ring: (input: { ring: number }, _output: never, { context }) =>
      (context as unknown as LineContext).taken.includes(input.ring)
        ? undefined
        : { type: 'hangUp', payload: { ring: input.ring, rings: (context as unknown as LineContext).rings } },
  },
}

export const lineMachine: Definition = define(machine, ConversationEvent, asks)
