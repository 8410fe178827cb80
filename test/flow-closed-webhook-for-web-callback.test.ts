/**
 * CLOSED_Webhook_for_Web_Callback_Flow: which CLOSED is which, and what it makes of a callback (flows.md section 9,
 * CC1-CC5; section 10, A24-A26).
 */
import { describe, expect, test } from 'vitest'
import {
  callbackLine,
  chatTask,
  chatTaskClosed,
  leaves,
  toCallback,
  toCancelling,
  toChatQueued,
  toChatTalking,
  toOffer,
  toPlacing,
  yes,
} from './chat.ts'
import { conversationId, driveOn, type Step } from './drive.ts'
import { closedNotice, notice, type Story, stories } from './story.ts'

const callbacks = (about: string, list: Story[]): void => stories(about, list, callbackLine)

const placed = [...notice('web-callback', '<WebCallbackMessage>'), 'closeConversation']
const found: Step = { task: 'closed', disposition: 'CD_NORMAL_END_TASK' }
/** After the chat's own conversation was closed, what is said is said in the window alone (A24). */
const toldInWindow = (purpose: string, text: string) => [`send ${purpose}: <${text}>`]

callbacks('The chat ended on chat (CC1)', [
  {
    title: 'CC1: completed by an agent',
    given: toChatTalking,
    steps: [found, { answers: 'closeConversation' }],
    ends: 'closed.resting',
    sent: closedNotice,
  },
  {
    title: 'CC1: abandoned in the queue',
    given: [...toChatQueued, leaves, { answers: 'endTask' }],
    steps: [chatTaskClosed],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  ...([toOffer, toChatQueued] as const).map(
    (given): Story => ({
      title: `CC1: nobody available in time, ${given === toOffer ? 'asked but not answered' : 'not asked yet'}`,
      given,
      steps: [{ task: 'closed', disposition: 'CD_MAX_DIALOG_LIFETIME_EXCEEDED' }],
      ends: 'closed.closingConversation',
      sent: closedNotice,
    }),
  ),
])

callbacks('The chat was cancelled for the callback (CC2, A24)', [
  {
    title: 'CC2, A24: it is told, its conversation is closed, and the callback stands',
    given: toCallback,
    steps: [chatTaskClosed],
    ends: 'callback.waiting',
    sent: placed,
  },
  {
    title: 'E83: before the callback was answered for',
    given: toPlacing,
    steps: [chatTaskClosed, { answers: 'placeCallback' }],
    ends: 'callback.waiting',
    sent: placed,
  },
  {
    title: 'E83: before End Task was answered: the callback is placed then',
    given: toCancelling,
    steps: [{ ...chatTaskClosed }, { late: 'cancelChat' }, { answers: 'placeCallback' }],
    ends: 'callback.waiting',
    sent: [...placed, 'createTask Insurance_Callback'],
  },
  {
    title: 'E86, A25: also where it does not say that a callback was requested, whatever its disposition',
    given: toCallback,
    steps: [{ ...chatTaskClosed, disposition: 'CD_NORMAL_END_TASK', variables: {} }],
    ends: 'callback.waiting',
    sent: placed,
  },
  {
    title: 'A25, A27: and where it does',
    given: toCallback,
    steps: [{ ...chatTaskClosed, variables: { IsWebCallbackRequested: 'true' } }],
    ends: 'callback.waiting',
    sent: placed,
  },
  {
    title: 'E39: delivered twice it is told and closed once',
    given: toCallback,
    steps: [chatTaskClosed, chatTaskClosed],
    ends: 'callback.waiting',
    sent: placed,
  },
  {
    title: 'A29, A23: to a closed window nothing is said, and the conversation is closed',
    given: [...toCallback, leaves],
    steps: [chatTaskClosed],
    ends: 'callback.waiting',
    sent: ['closeConversation'],
  },
])

/** One disposition of each group of flows.md 2.8 that is neither found nor cancelled, and one nobody knows. */
const failures = [
  'CD_MAX_DIALOG_LIFETIME_EXCEEDED',
  'CD_TASK_TRANSFER_TIMEOUT',
  'CD_TASK_FAILED_SENDING_MR_REQUEST',
  'CD_FAILED_NO_TARGET',
  'CD_FAILED_INVALID_SCRIPT_SELECTOR',
  'UNKNOWN',
  'CD_FAILED_OF_TOMORROW',
  '',
]
const toChatOver: Step[] = [...toCallback, chatTaskClosed]

callbacks("The callback's own (CC3, A26, E85)", [
  {
    title: 'CC3, CC4, CB7, A26: an agent was found: told in the window that the phone will ring',
    given: toChatOver,
    steps: [found],
    ends: 'closed.resting',
    sent: toldInWindow('web-callback-agent-found', 'WebCallbackAgentFound'),
  },
  ...['CD_TASK_CUSTOMER_ABANDON', 'CD_TASK_ABANDONED_WHILE_OFFERED'].map(
    (disposition): Story => ({
      title: `A26, E85: ${disposition}: cancelled, told as closed`,
      given: toChatOver,
      steps: [{ task: 'closed', disposition }],
      ends: 'closed.resting',
      sent: toldInWindow('closed', 'ClosedMessage'),
    }),
  ),
  {
    title: 'A22, A26: cancelled, it is told in the words for a customer who gave up, where there are some',
    texts: { ClosedMessageAbandon: '<as you wish>' },
    given: toChatOver,
    steps: [{ task: 'closed', disposition: 'CD_TASK_CUSTOMER_ABANDON' }],
    ends: 'closed.resting',
    sent: ['send closed: <as you wish>'],
  },
  ...failures.map(
    (disposition): Story => ({
      title: `A26, E85: "${disposition}": the callback failed, told in its own words`,
      given: toChatOver,
      steps: [{ task: 'closed', disposition }],
      ends: 'closed.resting',
      sent: toldInWindow('error-callback-failed', 'errorCallbackFailed'),
    }),
  ),
  {
    title: 'E83: it may come before that of the chat, whose conversation is then closed with it',
    given: toCallback,
    steps: [found, { answers: 'closeConversation' }, chatTaskClosed],
    ends: 'closed.resting',
    sent: [...notice('web-callback-agent-found', '<WebCallbackAgentFound>'), 'closeConversation'],
  },
  {
    title: 'E36: it may come before the answer to create task',
    given: [...toPlacing, chatTaskClosed],
    steps: [found, { late: 'placeCallback' }],
    ends: 'closed.resting',
    sent: toldInWindow('web-callback-agent-found', 'WebCallbackAgentFound'),
  },
  {
    title: 'E39: delivered twice it is told once',
    given: toChatOver,
    steps: [found, found],
    ends: 'closed.resting',
    sent: toldInWindow('web-callback-agent-found', 'WebCallbackAgentFound'),
  },
  {
    title: 'A29, A23: to a closed window nothing is said',
    given: [...toChatOver, leaves],
    steps: [found],
    ends: 'closed.resting',
    sent: [],
  },
  {
    title: 'CC4: it is told in the window that the customer wrote from last',
    given: [...toChatOver, leaves, { says: 'Me again', thread: 'T2' }],
    steps: [found],
    ends: 'closed.resting',
    sent: ['send web-callback-agent-found: <WebCallbackAgentFound> @T2'],
  },
  {
    title: 'E75: neither the end of another task nor, again, that of the chat closes it',
    given: toChatOver,
    steps: [
      { task: 'closed', taskId: 'another' },
      chatTaskClosed,
      { ...chatTaskClosed, disposition: 'CD_NORMAL_END_TASK' },
    ],
    ends: 'callback.waiting',
    sent: [],
  },
  {
    title: 'A25: it is told apart by its task even where it says that a callback was requested',
    given: toChatOver,
    steps: [{ ...found, variables: { IsWebCallbackRequested: 'true' } }],
    ends: 'closed.resting',
    sent: toldInWindow('web-callback-agent-found', 'WebCallbackAgentFound'),
  },
  {
    title: 'A1: the next message begins a new chat, which may become a callback again',
    given: [...toChatOver, found],
    steps: [
      { says: 'Again' },
      { answers: 'createConversation' },
      { form: { Phone: '+14155550123' } },
      { answers: 'createTask' },
      { task: 'queued' },
      { timer: 'callbackThreshold' },
      yes,
    ],
    ends: 'callback.cancellingChat',
    sent: [
      'createConversation: Again',
      'send pre-chat-form: <preChatForm>',
      'append Inbound: Phone=+14155550123',
      'createTask Other',
      'updateConversation',
      'send callback-offer: <CallbackOffer>',
      'append Outbound: <CallbackOffer>',
      'endTask CD_TASK_CUSTOMER_ABANDON',
    ],
  },
])

describe('What is closed', () => {
  test("CC2, A24: the chat's conversation, once, and while the callback still waits", () => {
    const conversation = driveOn(callbackLine)
    const { effects } = conversation.play(...toChatOver)
    expect(effects.filter(({ type }) => type === 'closeConversation').map(({ payload }) => payload)).toEqual([
      { conversationId },
    ])
    conversation.play(found)
    const all = conversation.history.flatMap(({ effects }) => effects)
    expect(all.filter(({ type }) => type === 'closeConversation')).toHaveLength(1)
  })

  test('A25: the conversation then counts the callback as its task, and remembers that of the chat', () => {
    const conversation = driveOn(callbackLine)
    conversation.play(...toChatOver)
    expect(conversation.context()).toMatchObject({ chatTaskId: chatTask, chatConversation: 'closed' })
    expect(conversation.context().taskId).not.toBe(chatTask)
  })
})
