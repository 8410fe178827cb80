/**
 * T10: tasks that were given up before anybody knew whether they exist. However many there are, each that turns up is
 * ended, in whatever state the conversation, or the next one, is by then.
 */
import { describe, expect, test } from 'vitest'
import type { Policy } from '../machines/policy.ts'
import { taskIdOf } from '../machines/task-id.ts'
import { callbackLine, chatTaskClosed, toForm, toPlacing } from './chat.ts'
import { actor, driveOn, type Line, type Step, smsLine, toMenu, toTask } from './drive.ts'
import { everyWait } from './lines.ts'

const again: Step[] = [
  { answers: 'closeConversation' },
  { says: 'Hi' },
  { answers: 'reopenConversation' },
  { says: '1' },
]
const fails: Step = { fails: 'createTask' }
const end: Step = { says: 'End Conversation' }
const reopen: Partial<Policy> = { onClosed: 'reopen' }

/** The first one was given up, then another one, and the first one turns up. */
const ways: { way: string; line: Line; policy: Partial<Policy>; steps: Step[]; task: number }[] = [
  { way: 'two that failed', line: smsLine, policy: reopen, steps: [...toTask, fails, ...again, fails], task: 1 },
  {
    way: 'one that was not wanted any more, then one that failed',
    line: smsLine,
    policy: reopen,
    steps: [...toTask, end, fails, ...again, fails],
    task: 1,
  },
  {
    way: 'a callback that failed, then the chat in its place',
    line: callbackLine,
    policy: { ...everyWait, chatClosedForCallback: 'withCallback' },
    steps: [...toPlacing, { fails: 'placeCallback', code: 'queueFull' }, fails],
    task: 2,
  },
  {
    way: 'two callbacks that failed, each in a conversation of its own',
    line: callbackLine,
    policy: { callbackFailed: 'close' },
    steps: [
      ...[...toPlacing, chatTaskClosed, { fails: 'placeCallback' }],
      ...[{ says: 'Hello' }, { answers: 'createConversation' }, ...toPlacing.slice(toForm.length)],
      { fails: 'placeCallback' },
    ],
    task: 2,
  },
]

describe('T10: of several tasks that were given up,', () => {
  for (const { way, line, policy, steps, task } of ways) {
    for (const told of ['created', 'queued', 'routed'] as const) {
      test(`the first is ended when it turns up by ${told}: ${way}`, () => {
        const conversation = driveOn(line, policy)
        conversation.play(...steps)
        const taskId = taskIdOf(actor, task)
        const { effects } = conversation.play({ task: told, taskId })
        expect(effects).toMatchObject([{ type: 'endTask', payload: { taskId } }])
      })
    }
  }

  test('the last twenty are remembered', () => {
    const conversation = driveOn(smsLine, reopen)
    conversation.play(...toTask, fails)
    for (let failed = 1; failed < 25; failed++) conversation.play(...again, fails)
    const ends = (task: number) => conversation.play({ task: 'created', taskId: taskIdOf(actor, task) }).sent
    expect([ends(25), ends(6), ends(5)]).toEqual([
      ['endTask CD_TASK_CUSTOMER_ABANDON'],
      ['endTask CD_TASK_CUSTOMER_ABANDON'],
      [],
    ])
  })
})

describe('A31: back to the chat, the callback', () => {
  const back = { callbackFailed: 'backToChat', chatClosedForCallback: 'withCallback' } as const
  const then = (...steps: Step[]) => {
    const conversation = driveOn(callbackLine, back)
    conversation.play(...toPlacing)
    return conversation.play(...steps)
  }
  const callback = taskIdOf(actor, 2)

  test('whose answer never came is ended before the next task is created: it may exist', () => {
    for (const unknown of [{ timer: 'askTimeout' }, { fails: 'placeCallback' }] as Step[]) {
      const { effects } = then(unknown)
      expect(effects.map(({ type }) => type).slice(-2)).toEqual(['endTask', 'createTask'])
      expect(effects.at(-2)?.payload).toMatchObject({ taskId: callback })
    }
  })

  test('that was refused does not exist, and is not ended', () => {
    const { effects } = then({ fails: 'placeCallback', code: 'queueFull' })
    expect(effects.map(({ type }) => type)).not.toContain('endTask')
  })
})

test('SM1: a first conversation has given up nothing', () => {
  const conversation = driveOn(smsLine)
  conversation.play(...toMenu)
  expect(conversation.context().givenUpTaskIds).toEqual([])
})
