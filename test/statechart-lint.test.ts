/**
 * Every machine keeps the rules of `statechart-lint.ts`, and every rule of it fires on a machine that breaks it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type AnyStateMachine, createMachine, fromPromise } from 'xstate'
import { definitions } from '../machines/definitions.ts'
import { lintMachine, lintSource } from './statechart-lint.ts'

const asksAgain = 'how the task stands is asked for, again and again, until a webhook or an answer moves it (E41)'

/** States of every machine that only an event from outside leaves. */
const restsEverywhere = {
  'noConversation.idle': 'nobody has written yet',
  'active.onHold': asksAgain,
  'closed.archived': 'it is over; the customer may come back any time',
}
const inQueue = { 'inQueue.created': asksAgain, 'inQueue.queued': asksAgain }
/** What a machine has besides. */
const rests: Record<string, Record<string, string>> = {
  sms: inQueue,
  'live-chat': inQueue,
  email: inQueue,
  'live-chat-with-web-callback': { 'callback.waiting': asksAgain },
}

for (const { id, version, machine } of definitions) {
  test(`${id}, version ${version}, keeps every rule of statecharts`, () => {
    expect(lintMachine(machine, { rests: { ...restsEverywhere, ...rests[id] } })).toEqual([])
  })
}

describe('T2: machines are pure', () => {
  const folder = join(import.meta.dirname, '../machines')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  test.each(files)('T2: machines/%s reads no clock, no file and no chance', (name) => {
    expect(lintSource(name, readFileSync(join(folder, name), 'utf8'))).toEqual([])
  })
})

/** A small machine that keeps every rule; each case breaks it in one place. */
const sound = {
  id: 'm',
  initial: 'idle',
  options: { maxIterations: 10 },
  states: {
    idle: { on: { ask: 'asking' } },
    asking: {
      id: 'asking',
      invoke: { id: 'ring', src: 'ring', onDone: 'idle', onError: { target: 'idle', actions: 'tell', guard: 'may' } },
      after: { patience: 'idle' },
    },
  },
}
const names = {
  actors: { ring: fromPromise(() => new Promise(() => {})) },
  actions: { tell: () => {} },
  guards: { may: () => true },
  delays: { patience: 1_000 },
}
const idleRests = { rests: { idle: 'nobody asks' } }
const build = (config: object): AnyStateMachine =>
  createMachine({ ...sound, ...config } as never, names as never) as unknown as AnyStateMachine

test('a machine that keeps every rule has nothing to answer for', () => {
  expect(lintMachine(build({}), idleRests)).toEqual([])
})

const { idle, asking } = sound.states
const states = (more: object) => ({ states: { ...sound.states, ...more } })
const askingWith = (more: object) => states({ asking: { ...asking, ...more } })
const ring = (more: object) => askingWith({ invoke: { ...asking.invoke, ...more } })

const bad: [rule: string, config: object, fault: string][] = [
  [
    'an action that is a function',
    states({ idle: { on: { ask: { target: 'asking', actions: () => {} } } } }),
    'states.idle.on.ask.actions: a function in the config; name it in setup()',
  ],
  [
    'a guard that is a function',
    states({ idle: { on: { ask: { target: 'asking', guard: () => true } } } }),
    'states.idle.on.ask.guard: a function in the config; name it in setup()',
  ],
  [
    'a value that JSON does not carry',
    { meta: { since: new Date(0) } },
    'meta.since: a Date in the config; name it in setup()',
  ],
  ['an unknown action', askingWith({ entry: ['tel'] }), 'asking: setup() has no action tel'],
  [
    'an unknown action with params',
    askingWith({ exit: { type: 'tel', params: {} } }),
    'asking: setup() has no action tel',
  ],
  ['an unknown guard', ring({ onError: { target: 'idle', guard: 'mai' } }), 'asking: setup() has no guard mai'],
  ['an unknown ask', ring({ src: 'rng' }), 'asking: setup() has no actor rng'],
  [
    'an unknown delay, which would fire at once',
    askingWith({ after: { patienc: 'idle' } }),
    'asking: setup() has no delay patienc',
  ],
  ['a delay that is a number', askingWith({ after: { 1000: 'idle' } }), 'asking: setup() has no delay 1000'],
  ['a timer in a state without an id', askingWith({ id: undefined }), 'asking: has after and no id of its own'],
  [
    'an ask in a state without an id',
    { id: 'm', after: { patience: '.idle' }, ...askingWith({ id: undefined, after: undefined }) },
    'asking: has invoke and no id of its own',
  ],
  ['a wildcard', states({ idle: { on: { '*': 'asking' } } }), 'idle: hears *; name the events'],
  ['a partial wildcard', states({ idle: { on: { 'task.*': 'asking' } } }), 'idle: hears task.*; name the events'],
  [
    'a parallel state',
    states({ idle: { ...idle, type: 'parallel', states: { a: {}, b: {} } } }),
    'idle: a parallel state; write the combinations out as children',
  ],
  [
    'a history state',
    states({ idle: { ...idle, initial: 'a', states: { a: { on: { back: 'h' } }, h: { type: 'history' } } } }),
    'idle.h: a history state; write the combinations out as children',
  ],
  ['a system id', ring({ systemId: 'one' }), 'asking: ring has a systemId'],
  ['an ask without an id', ring({ id: undefined }), 'asking: an invoke without an id'],
  ['an ask without onError', ring({ onError: undefined }), 'asking: ring has no onError'],
  ['an ask without a time-out', askingWith({ after: undefined }), 'asking: ring has no time-out, here or above'],
  [
    'a machine without maxIterations',
    { options: {} },
    '(the machine): no options.maxIterations; a loop would hang a node',
  ],
  [
    'an initial state that does something before the first event',
    states({ idle: { ...idle, entry: 'tell' } }),
    'idle: an initial state with entry; move it behind the first event',
  ],
  ['a state nobody gets to', states({ attic: { on: { down: 'idle' } } }), 'attic: no transition leads here'],
  ['a state nobody leaves', states({ idle: { on: { ask: 'asking', drop: 'pit' } }, pit: {} }), 'pit: no way out'],
  [
    'a state that only hears itself',
    states({ idle: { on: { ask: 'asking', drop: 'pit' } }, pit: { on: { again: { target: 'pit', reenter: true } } } }),
    'pit: no way out',
  ],
  [
    'a state that waits for the outside without saying why',
    states({ idle: { on: { ask: 'asking', drop: 'pit' } }, pit: { on: { up: 'idle' } } }),
    'pit: only an event from outside leaves it; add a time-out, or say why it rests',
  ],
]

describe('Each rule fires', () => {
  test.each(bad)('%s', (_, config, fault) => {
    expect(lintMachine(build(config), idleRests)).toContain(fault)
  })

  test('a reason to rest for a state that does not', () => {
    const reasons = { rests: { ...idleRests.rests, asking: 'no', nowhere: 'no' } }
    expect(lintMachine(build({}), reasons)).toEqual([
      'asking: is said to rest, but is left by itself',
      'nowhere: is said to rest, but there is no such state',
    ])
  })

  test('context and output may be functions', () => {
    expect(lintMachine(build({ context: () => ({}), output: () => ({}) }), idleRests)).toEqual([])
  })

  test('a time-out of an ancestor is one', () => {
    const above = { on: {}, initial: 'inner', id: 'outer', after: { patience: 'idle' } }
    const inner = { id: 'inner', invoke: { id: 'ring', src: 'ring', onError: '#idle' } }
    const machine = build({
      states: { idle: { id: 'idle', on: { ask: 'asking' } }, asking: { ...above, states: { inner } } },
    })
    expect(lintMachine(machine, idleRests)).toEqual([])
  })

  const impure: [text: string, fault: string][] = [
    ["import { readFile } from 'node:fs'", 'a node: import'],
    ['const now = Date.now()', 'Date.now'],
    ['const now = new Date()', 'new Date() without an argument'],
    ['const id = Math.random()', 'randomness'],
    ['const id = crypto.randomUUID()', 'randomness'],
    ['setTimeout(done, 5)', 'a clock'],
    ['await fetch(url)', 'the outside world'],
    ['process.env.HOME', 'the outside world'],
  ]
  test.each(impure)('T2: %s', (text, fault) => {
    expect(lintSource('m.ts', text)).toEqual([`m.ts: ${fault}; machines are lent time and settings`])
  })

  test('T2: a moment made from a lent number is pure', () => {
    expect(lintSource('m.ts', 'new Date(at_ms).toISOString()')).toEqual([])
  })
})
