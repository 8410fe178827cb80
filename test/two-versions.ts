/**
 * A small conversation in three versions, each of which calls everything otherwise, and the migrations between them: it
 * searches, rests for a minute, and is over; meanwhile it remembers what was said.
 */
import { type AnyStateMachine, assign, fromPromise, setup } from 'xstate'
import type { Input } from '../machines/context.ts'
import { define } from '../machines/definitions.ts'
import { type Migration, renameAsk, renameTimer, type Stored } from '../machines/migrations.ts'

/** What one version calls its states, its ask, its delay and what it remembers. */
interface Names {
  asking: string
  ask: string
  resting: string
  delay: string
  words: string
}

export const names: Record<'1' | '2' | '3', Names> = {
  1: { asking: 'asking', ask: 'search', resting: 'waiting', delay: 'pause', words: 'heard' },
  2: { asking: 'looking', ask: 'find', resting: 'resting', delay: 'rest', words: 'words' },
  3: { asking: 'finding', ask: 'seek', resting: 'still', delay: 'stillness', words: 'said' },
}
export const rest_ms = 60_000

const searchConversation = fromPromise<object>(() => new Promise(() => {}))

/** As an SMS asset runs it. */
const inVersion = (version: '1' | '2' | '3') => {
  const { asking, ask, resting, delay, words } = names[version]
  const machine = setup({
    types: {
      context: {} as Record<string, unknown>,
      input: {} as Input,
      events: {} as { type: string; text?: string },
    },
    actors: { searchConversation },
    delays: { [delay]: rest_ms },
    actions: { remember: assign(({ context, event }) => ({ [words]: [...(context[words] as string[]), event.text] })) },
  }).createMachine({
    id: 'sms',
    version,
    context: ({ input }: { input: Input }) => ({ ...input, waiting: [], transfer: null, [words]: [] }),
    on: { 'message.received': { actions: 'remember' } },
    initial: 'idle',
    states: {
      idle: { id: 'idle', on: { 'message.received': { target: asking, actions: 'remember' } } },
      [asking]: { id: asking, invoke: { id: ask, src: 'searchConversation', onDone: resting, onError: resting } },
      [resting]: { id: resting, after: { [delay]: 'over' } },
      over: { id: 'over' },
    },
  } as never)
  return define(machine as unknown as AnyStateMachine)
}

export const [first, second, third] = [inVersion('1'), inVersion('2'), inVersion('3')]

export const between = (from: '1' | '2', to: '2' | '3'): Migration => ({
  machine: 'sms',
  from,
  to,
  migrate(stored) {
    const [before, after] = [names[from], names[to]]
    const { [before.words]: words, ...context } = stored.snapshot.context
    const states: Record<string, string> = { [before.asking]: after.asking, [before.resting]: after.resting }
    const value = states[stored.snapshot.value as string] ?? stored.snapshot.value
    const moved: Stored = {
      ...stored,
      snapshot: { ...stored.snapshot, value, context: { ...context, [after.words]: words } },
      timers: renameTimer(stored.timers, timerOf(from), timerOf(to)),
    }
    return renameAsk(moved, before.ask, after.ask)
  },
})

export const timerOf = (version: '1' | '2' | '3'): string =>
  `xstate.after.${names[version].delay}.${names[version].resting}`
