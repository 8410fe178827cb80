/**
 * decide: pure (T2), deaf to the past (T10), and leaves nothing when a machine throws. What the SMS machine says and does
 * is told by the flows' tests; here it serves as an example. What holds in every state is checked of every machine.
 */

import { describe, expect, test } from 'vitest'
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { assign, createMachine, fromPromise } from 'xstate'
import type { AskRules } from '../machines/asks.ts'
import type { Context, Turn } from '../machines/context.ts'
import { type Definition, define, definitions, latestDefinition } from '../machines/definitions.ts'
import { ConversationEvent, type MessageReceived } from '../machines/events.ts'
import { taskIdOf } from '../machines/task-id.ts'
import type { Cause } from '../runtime/envelope.ts'
import type { Loaded } from '../runtime/record.ts'
import { decide } from '../runtime/stages/decide.ts'
import {
  actor,
  address,
  assetWith,
  at,
  drive,
  driveOn,
  frozen,
  plain,
  plainSay,
  type Step,
  toMenu,
  toQueued,
  toTalking,
  toTask,
} from './drive.ts'
import { everyWait, lineOf } from './lines.ts'
import { driveInto, waysInto } from './states.ts'

const sms = latestDefinition('sms')!
const turnAt = (at_ms: number): Turn => ({ at_ms, asset: assetWith(), say: plainSay })
const said: MessageReceived = { type: 'message.received', id: 'm1', at: at(0), text: 'Hi', scan: 'clean' }
const hello: Cause = { kind: 'event', event: said, address }

describe('T2: decide is pure', () => {
  test('T2: the same first event twice is the same decision', () => {
    const decided = () => decide(sms, actor, address, undefined, frozen(plain(hello)), turnAt(1_000))
    expect(plain(decided())).toEqual(plain(decided()))
  })

  test('T2: other conversations decided in between change nothing', () => {
    const alone = drive()
    const among = drive()
    const other = drive()
    for (const step of toTalking) {
      alone.play(step)
      other.play(step)
      among.play(step)
      other.play({ says: 'and another thing' })
    }
    expect(among.history).toEqual(alone.history)
  })

  test('T2: the settings and the moment lent for a turn are not stored', () => {
    const stored = JSON.stringify(driveInto('active.talking').loaded())
    expect(stored).not.toContain('menuTimeoutSeconds')
    expect(JSON.parse(stored).record.snapshot.context).not.toHaveProperty('turn')
  })
})

/** Every state that a snapshot can name, but those left at once by an `always` of their own. */
function statesOf(machine: AnyStateMachine): string[] {
  const found: string[] = []
  const visit = (node: AnyStateNode) => {
    if (node.type === 'atomic' && !node.always?.some(({ guard }) => guard === undefined))
      found.push(node.path.join('.'))
    for (const child of Object.values(node.states)) visit(child)
  }
  visit(machine.root)
  return found.sort()
}

const foreign: Step[] = (['created', 'queued', 'routed', 'transferred', 'closed'] as const).map((task) => ({
  task,
  taskId: 'of-somebody-else',
  mediaResourceId: 'ELSEWHERE2',
  estimatedWaitSeconds: 60,
}))

const newest = [...new Set(definitions.map(({ id }) => id))].map((id) => latestDefinition(id)!)

describe.each(newest)('E112: in every state of $id', ({ id, machine }) => {
  const states = Object.keys(waysInto(id))

  test('E112: there is a way into each of them', () => {
    expect(states.sort()).toEqual(statesOf(machine))
  })

  test.each(states)('T2, E112: %s decides alike from memory, twice, and from its JSON', (state) => {
    const loaded = driveInto(state, id).loaded()!
    const { address } = loaded.record
    const turn = turnAt(2_000_000_000_000)
    const decided = (from: Loaded) =>
      plain(decide(latestDefinition(id)!, actor, address, from, { ...hello, address }, turn))
    expect(decided(loaded)).toEqual(decided(loaded))
    expect(decided(plain(loaded))).toEqual(decided(loaded))
  })

  test.each(states)('E112: %s goes on as it was after a restart', (state) => {
    const conversation = driveInto(state, id)
    const { timers, pending, snapshot } = conversation.loaded()!.record
    expect(conversation.play({ receipt: 'Delivered' })).toMatchObject({ state, heard: 'ignored', sent: [] })
    const after = conversation.loaded()!.record
    expect(after.snapshot).toEqual(snapshot)
    expect(after.timers).toEqual(timers)
    expect(Object.keys(after.pending)).toEqual(Object.keys(pending))
  })

  test.each(states)('E75, T10: %s takes no notice of a task that is not its own', (state) => {
    const conversation = driveInto(state, id)
    for (const step of foreign) expect(conversation.play(step)).toMatchObject({ state, heard: 'ignored', sent: [] })
  })

  test.each(states)('%s waits for exactly the asks and timers that its chart shows', (state) => {
    const conversation = driveInto(state, id)
    const nodes = entered(machine, state)
    expect(conversation.pending().sort()).toEqual(nodes.flatMap((node) => node.invoke.map(({ id }) => id)).sort())
    const shown = new Set(nodes.flatMap((node) => node.after.map(({ eventType }) => eventType)))
    expect(conversation.timers().sort()).toEqual([...shown].sort())
  })

  test.each(states)('T10: %s takes no notice of the timers it once had', (state) => {
    const conversation = driveInto(state, id)
    for (const lateTimer of pastTimers(state, id)) {
      expect(conversation.play({ lateTimer })).toMatchObject({ state, heard: 'stale', sent: [] })
    }
  })
})

/** The nodes a state is made of, from the root down. */
function entered(machine: AnyStateMachine, state: string): AnyStateNode[] {
  const nodes: AnyStateNode[] = [machine.root]
  for (const key of state.split('.')) nodes.push(nodes.at(-1)!.states[key]!)
  return nodes
}

/** Delay names of timers that were armed on the way and are no longer. */
function pastTimers(state: string, id: string): string[] {
  const now = new Set(driveInto(state, id).timers())
  const ever = new Set<string>()
  const again = driveOn(lineOf(id), everyWait)
  for (const step of waysInto(id)[state]!) {
    again.play(step)
    for (const timer of again.timers()) if (!now.has(timer)) ever.add(timer)
  }
  return [...new Set([...ever].map((timer) => timer.split('.')[2]!))]
}

describe('T10: the past changes nothing', () => {
  test('T10: an answer that comes twice is heard once', () => {
    const conversation = drive()
    conversation.play(...toMenu)
    expect(conversation.play({ late: 'searchConversation' })).toMatchObject({ heard: 'stale', sent: [] })
    expect(conversation.play({ late: 'createConversation' })).toMatchObject({ heard: 'stale', sent: [] })
  })

  test('T10: a late failure is left at that', () => {
    const conversation = drive()
    conversation.play(...toTask, { task: 'queued' })
    expect(conversation.play({ late: 'createTask', code: 'failed' })).toMatchObject({
      state: 'inQueue.queued',
      heard: 'stale',
      sent: [],
    })
  })

  test('T10: a timer of an earlier generation is not the one that is armed now', () => {
    const conversation = drive(assetWith({ idleTimeoutSeconds: 600 }))
    conversation.play(...toTalking, { says: 'still here' })
    expect(conversation.play({ lateTimer: 'idleTimeout' })).toMatchObject({ state: 'active.talking', heard: 'stale' })
    expect(conversation.play({ timer: 'idleTimeout' })).toMatchObject({ state: 'active.ending.askingEnd' })
  })

  test('T10, T6: an answer to the same ask of an earlier turn is not the one that is awaited now', () => {
    const conversation = drive()
    conversation.play(...toQueued, { task: 'routed' }, { timer: 'askTimeout' }, { timer: 'addAgentAgain' })
    expect(conversation.play({ late: 'addParticipant' })).toMatchObject({ heard: 'stale', sent: [] })
    expect(conversation.play({ answers: 'addParticipant' })).toMatchObject({ state: 'active.talking' })
  })

  test('T10: a task made late for nobody is ended, under its own id', () => {
    const conversation = drive()
    conversation.play(...toTask, { timer: 'askTimeout' })
    const { effects, heard } = conversation.play({ late: 'createTask' })
    expect(heard).toBe('stale')
    expect(effects).toEqual([
      {
        type: 'endTask',
        payload: { taskId: taskIdOf(actor, 1), disposition: 'CD_TASK_CUSTOMER_ABANDON', variables: [] },
        withinMs: 60_000,
      },
    ])
  })

  test("T10: a task made late that is the conversation's own is kept", () => {
    const conversation = drive()
    conversation.play(...toTask, { task: 'created' })
    expect(conversation.play({ late: 'createTask' })).toMatchObject({ heard: 'stale', sent: [] })
  })

  test('T10: a conversation made late for nobody is closed, under its own id', () => {
    const conversation = drive()
    conversation.play(...toMenu.slice(0, 2), { timer: 'askTimeout' })
    const { effects } = conversation.play({ late: 'createConversation', with: { conversationId: 'TOO-LATE' } })
    expect(effects).toMatchObject([{ type: 'closeConversation', payload: { conversationId: 'TOO-LATE' } }])
  })

  test("T10: a conversation made late that is the conversation's own is kept", () => {
    const conversation = drive()
    conversation.play(...toMenu)
    expect(conversation.play({ late: 'createConversation' })).toMatchObject({ heard: 'stale', sent: [] })
  })
})

describe('What a turn leaves', () => {
  test('an event that means nothing here is ignored, and nothing changes', () => {
    const conversation = drive()
    conversation.play(...toMenu)
    const before = conversation.loaded()!.record.snapshot
    expect(conversation.play({ task: 'queued', estimatedWaitSeconds: 60 })).toMatchObject({
      heard: 'ignored',
      sent: [],
    })
    expect(conversation.loaded()!.record.snapshot).toEqual(before)
  })

  test('effects stand in the order of the chart: what leaves, what is done on the way, what is asked on arrival', () => {
    const { effects } = drive().play(...toMenu, { says: '1' })
    expect(effects.map(({ type, ask }) => [type, ask])).toEqual([
      ['appendConversation', undefined],
      ['createTask', 'createTask'],
    ])
  })

  test('T6: what waits for an answer names its place among the effects of the turn', () => {
    const conversation = drive()
    conversation.play(...toMenu, { says: '1' })
    expect(conversation.loaded()!.record.pending).toEqual({ createTask: { type: 'createTask', index: 1 } })
  })

  test('T6: a later turn keeps the revision of the turn that asked', () => {
    const conversation = drive()
    conversation.play(...toTask)
    const asked = conversation.loaded()!.revision
    conversation.play({ says: 'hurry' }, { says: 'please' })
    expect(conversation.loaded()!.record.pending).toEqual({
      createTask: { type: 'createTask', index: 1, revision: asked },
    })
  })

  const never: [setting: string, steps: Step[]][] = [
    ['menuTimeoutSeconds', toMenu],
    ['idleTimeoutSeconds', toTalking],
    ['retentionDays', [...toTalking, { task: 'closed' }, { answers: 'closeConversation' }]],
  ]
  test.each(never)('a wait of 0 = never arms no timer: %s', (setting, steps) => {
    const conversation = drive(assetWith({ reconcileAfterSeconds: 0, [setting]: 0 }))
    conversation.play(...steps)
    expect(conversation.timers()).toEqual([])
  })

  test('a timer is due its delay after the moment of the turn, and carries the turn as its generation', () => {
    const conversation = drive()
    conversation.play(...toMenu)
    expect(conversation.loaded()!.record.timers).toEqual({
      'xstate.after.menuTimeout.menu': { due_ms: conversation.at_ms + 900_000, generation: 3 },
    })
  })
})

describe('A machine that breaks its rules', () => {
  const asks: AskRules = { inputs: { ring: () => ({}) }, withinMs: () => 1_000, undo: {} }
  const broken = (machine: AnyStateMachine): Definition => define(machine, ConversationEvent, asks)
  const context = ({ input }: { input: unknown }) => input as Context

  const thrower = broken(
    createMachine(
      {
        id: 'thrower',
        context,
        initial: 'waiting',
        states: {
          waiting: {
            on: {
              'message.received': { actions: ['tell', 'fail'] },
              'task.closed': { guard: 'breaks', target: 'over' },
              'receipt.updated': 'over',
            },
          },
          over: {},
        },
      },
      {
        actions: {
          tell: () => [{ type: 'sendMessage', payload: {} }],
          fail: assign(() => {
            throw new Error('an assign that throws')
          }),
        },
        guards: {
          breaks: () => {
            throw new Error('a guard that throws')
          },
        },
      },
    ),
  )

  test('T5: decide throws what an action throws, and leaves nothing: the next turn is as if it had not been', () => {
    const conversation = drive(assetWith(), thrower)
    conversation.play({ task: 'queued' })
    const before = plain(conversation.loaded())
    expect(() => conversation.play({ says: 'Hi' })).toThrow('an assign that throws')
    expect(conversation.loaded()).toEqual(before)
    expect(conversation.play({ receipt: 'Read' })).toMatchObject({ state: 'over', effects: [] })
  })

  test('T5: decide throws when a guard throws', () => {
    const conversation = drive(assetWith(), thrower)
    expect(() => conversation.play({ task: 'closed' })).toThrow('a guard that throws')
    expect(conversation.loaded()).toBeUndefined()
  })

  const deaf = broken(
    createMachine(
      {
        id: 'deaf',
        context,
        initial: 'idle',
        states: {
          idle: { on: { 'message.received': 'asking' } },
          asking: { invoke: { id: 'ring', src: 'ring', onDone: 'idle' }, on: { 'receipt.updated': 'idle' } },
        },
      },
      { actors: { ring: fromPromise(() => new Promise(() => {})) } },
    ),
  )

  test('T5: an ask that fails where nobody handles it makes decide throw; the record stays as it was and goes on', () => {
    const conversation = drive(assetWith(), deaf)
    conversation.play({ says: 'Hi' })
    const before = plain(conversation.loaded())
    expect(() => conversation.play({ fails: 'ring' })).toThrow()
    expect(conversation.loaded()).toEqual(before)
    expect(conversation.play({ receipt: 'Read' })).toMatchObject({ state: 'idle' })
    expect(conversation.pending()).toEqual([])
  })

  test('an ask that the machine invokes and its rules do not name is refused by name', () => {
    const nameless = broken(
      createMachine(
        {
          id: 'nameless',
          context,
          initial: 'idle',
          states: { idle: { on: { '*': 'asking' } }, asking: { invoke: { id: 'x', src: 'x', onError: 'idle' } } },
        },
        { actors: { x: fromPromise(() => new Promise(() => {})) } },
      ),
    )
    expect(() => drive(assetWith(), nameless).play({ says: 'Hi' })).toThrow('the machine nameless invokes x')
  })
})
