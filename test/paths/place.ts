/**
 * A place in a conversation: its state, and of what it remembers the facts that guards can still tell apart there, with
 * the timers that are armed. Two
 * conversations at one place answer every event alike, so a search that has seen the place has seen both.
 */
import type { Context } from '../../machines/context.ts'
import type { Drive } from '../drive.ts'
import { delayOf, otherAgent } from './catalogue.ts'

/** The place as text: equal for equal places. */
export function placeOf(drive: Drive): string {
  const state = drive.history.at(-1)?.state ?? ''
  const context = drive.context()
  const told = usable(state).flatMap((name) => {
    const fact = facts[name](context)
    return fact === false || fact === 0 ? [] : [fact === true ? name : `${name} ${fact}`]
  })
  return [state, ...told, ...drive.timers().map(delayOf)].join(', ')
}

const facts = {
  'somebody waits': ({ waiting }) => waiting.length > 0,
  'waits at another window': ({ waiting, thread: current, threadClosed }) =>
    waiting.some(({ thread, windowClosed }) => thread && !windowClosed && (threadClosed || thread !== current)),
  'end was said': ({ waiting }) => waiting.some(({ text }) => /end\s+conversation/i.test(text)),
  'task given up': ({ givenUpTaskIds }) => givenUpTaskIds.length > 0,
  'window closed': ({ threadClosed }) => threadClosed,
  'wrong answers': ({ wrongAnswers }) => wrongAnswers,
  'forms shown': ({ formsShown }) => formsShown,
  'ended in words': ({ endedInWords }) => endedInWords,
  'task known': ({ taskId }) => taskId !== '',
  'CREATED told': ({ createdTold }) => createdTold,
  'estimate told': ({ ewt }) => ewt !== null,
  'transferred once': ({ lastTransfer }) => lastTransfer !== null,
  'another agent': ({ agentId }) => agentId === otherAgent,
  'agent known': ({ agentId }) => agentId !== '',
  'agent leaves': ({ transfer }) => (transfer?.agentId ?? '') !== '',
  'offered already': ({ offeredTaskId, taskId }) => offeredTaskId !== '' && offeredTaskId === taskId,
  'phone known': ({ phone }) => phone !== '',
  'attempts to add': ({ addAttempts }) => addAttempts,
  'chat over': ({ chatConversation }) => chatConversation !== 'open',
  'open in Engage': ({ conversationId, chatConversation }) => conversationId !== '' && chatConversation !== 'closed',
} satisfies Record<string, (context: Context) => boolean | number>

type Fact = keyof typeof facts

/** The most exact row that a state begins with; the others it need not know, or knows from being there. */
const usable = (state: string): Fact[] => rows.find(([begins]) => state.startsWith(begins))?.[1] ?? []

const beginning: Fact[] = ['somebody waits', 'end was said', 'window closed']
const inLine: Fact[] = [
  'task known',
  'CREATED told',
  'estimate told',
  'transferred once',
  'offered already',
  'phone known',
  'task given up',
]
const over: Fact[] = ['somebody waits', 'waits at another window', 'window closed', 'ended in words']
const calledBack: Fact[] = ['chat over', 'CREATED told', 'estimate told', 'window closed']
const rows: [begins: string, Fact[]][] = [
  ['noConversation.menu', ['wrong answers', 'task given up']],
  ['noConversation.preChatForm', ['forms shown', 'task given up']],
  ['noConversation.creatingTask', ['ended in words', 'somebody waits', 'waits at another window', 'window closed']],
  ['noConversation', beginning],
  ['inQueue.ending', over],
  ['inQueue.transferFailed', over],
  ['inQueue.transferring', ['agent leaves', 'phone known']],
  ['inQueue', inLine],
  ['active.addingAgent', ['attempts to add', 'transferred once', 'another agent', 'window closed']],
  ['active.ending', over],
  ['active', ['task known', 'transferred once', 'another agent', 'task given up']],
  ['callback.cancellingChat', ['agent known', 'window closed']],
  ['callback.ending', ['somebody waits', 'waits at another window', 'window closed']],
  ['callback.placing.unwanted', [...calledBack, 'somebody waits']],
  ['callback', calledBack],
  ['closed', [...over, 'open in Engage', 'task given up', 'task known']],
]
