/**
 * Live_Chat_Inbound_With_Web_Callback_Flow: a chat that waits too long may become a call (flows.md section 9, CB1-CB11).
 * What every chat does (CB1) is told of this machine too, in the tests of live chat; what CLOSED makes of the callback, in
 * `flow-closed-webhook-for-web-callback.test.ts`; what the calls carry, in `live-chat-calls.test.ts`.
 */
import { describe, expect, test } from 'vitest'
import type { AskErrorCode } from '../machines/effects.ts'
import {
  answers,
  callbackLine,
  chatLine,
  chatTask,
  chatTaskClosed,
  endsIt,
  leaves,
  no,
  offer,
  pending,
  toCallback,
  toCancelling,
  toChatCreated,
  toChatQueued,
  toChatTalking,
  toForm,
  toOffer,
  toPlacing,
  yes,
} from './chat.ts'
import { at, driveOn, type Step } from './drive.ts'
import {
  bot,
  closedByBot,
  closedNotice,
  createdNotice,
  notice,
  routedNotice,
  type Story,
  stories,
  waitNotice,
} from './story.ts'

const callbacks = (about: string, list: Story[]): void => stories(about, list, callbackLine)

const threshold: Step = { timer: 'callbackThreshold' }
const endFailed = bot('error-end-task-failed', '<errorEndTaskFailed>')
const callbackFailed = bot('error-callback-failed', '<errorCallbackFailed>')
const cancelsChat = ['endTask CD_TASK_CUSTOMER_ABANDON']
const queuedWith = (Phone: string): Step[] => [
  ...toForm,
  { form: { ...answers, Phone } },
  { answers: 'createTask' },
  { task: 'queued' },
]

callbacks('The offer', [
  {
    title: 'CB2, CB3: queued for the threshold, the customer is asked whether to be called instead',
    given: toChatQueued,
    steps: [threshold],
    ends: 'inQueue.offeringCallback',
    sent: offer,
  },
  {
    title: 'A13: a task whose QUEUED never came waits from CREATED on',
    given: toChatCreated,
    steps: [{ task: 'created' }, threshold],
    ends: 'inQueue.offeringCallback',
    sent: [...createdNotice, ...offer],
  },
  {
    title: 'CB10: no answer: everything goes on as it was, and estimates are told',
    given: toOffer,
    steps: [{ task: 'queued', estimatedWaitSeconds: 240 }, { says: 'Hm' }],
    ends: 'inQueue.offeringCallback',
    sent: [...waitNotice(4), 'append Inbound: Hm'],
  },
  {
    title: 'CB10: no answer: an agent who is found then joins',
    given: toOffer,
    steps: [{ task: 'routed' }, { answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: ['addParticipant 5021', ...routedNotice],
  },
  {
    title: 'CB10: no: the customer waits on, in silence',
    given: toOffer,
    steps: [no],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'A14, CB10: after a no it is not asked again',
    given: [...toOffer, no],
    steps: [{ task: 'queued', estimatedWaitSeconds: 60 }, { later: 600 }, { task: 'queued' }],
    ends: 'inQueue.queued',
    sent: waitNotice(1),
  },
  {
    title: 'E79: a yes after a no, on the same buttons, is a yes while the chat still waits',
    given: [...toOffer, no],
    steps: [yes],
    ends: 'callback.cancellingChat',
    sent: cancelsChat,
  },
  {
    title: 'E41, E79: a yes after the task was checked for lost webhooks is a yes',
    given: [...toOffer, { timer: 'reconcileAfter' }],
    steps: [yes],
    ends: 'callback.cancellingChat',
    sent: cancelsChat,
  },
  {
    title: 'E76: ROUTED before the threshold: it is not asked',
    given: toChatQueued,
    steps: [{ task: 'routed' }, { lateTimer: 'callbackThreshold' }],
    ends: 'active.addingAgent.asking',
    sent: ['addParticipant 5021'],
  },
  {
    title: 'A13: CLOSED before the threshold: it is not asked',
    given: toChatQueued,
    steps: [{ task: 'closed' }, { lateTimer: 'callbackThreshold' }],
    ends: 'closed.closingConversation',
    sent: closedNotice,
  },
  {
    title: 'LX3, CB10: who closes the window instead of answering abandons the chat',
    given: toOffer,
    steps: [leaves, yes],
    ends: 'inQueue.ending.askingEnd',
    sent: cancelsChat,
  },
  {
    title: 'E74: "End Conversation" instead of an answer ends the chat',
    given: toOffer,
    steps: [endsIt],
    ends: 'inQueue.ending.askingEnd',
    sent: ['append Inbound: End Conversation', ...cancelsChat],
  },
  ...['0155 55012', '4155550123', 'call me', '+0155550123', '+1415', '+12345678901234567', ''].map(
    (phone): Story => ({
      title: `A30, E80: with the number ${JSON.stringify(phone)} in the form it is never asked`,
      given: queuedWith(phone),
      steps: [threshold],
      ends: 'inQueue.queued',
      sent: [],
    }),
  ),
  {
    title: 'A30, E80: without a number in the form it is never asked',
    given: [...toForm, { form: answers }, { answers: 'createTask' }, { task: 'queued' }],
    steps: [threshold],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'A13: after a transfer it is not asked: the customer has waited enough to be told of an agent',
    given: [...toChatTalking, { task: 'transferred', agentId: '' }, { answers: 'removeParticipant' }],
    steps: [{ answers: 'recreateTask' }, { task: 'queued' }, threshold],
    ends: 'inQueue.queued',
    sent: [...notice('transferred', '<TransferredMessage>')],
  },
])

/** Seconds from now until the offer is made, and undefined where none is to come. */
function offerIn(steps: Step[], policy: object = {}): number | undefined {
  const conversation = driveOn(callbackLine, policy)
  conversation.play(...steps)
  const timers = conversation.loaded()!.record.timers
  const due = Object.entries(timers).find(([timer]) => timer.startsWith('xstate.after.callbackThreshold.'))
  return due && (due[1].due_ms - conversation.at_ms) / 1_000
}

describe('The threshold (CB2, A13, E91)', () => {
  const queuedFirst: Step[] = [...toChatCreated, { later: 40 }, { task: 'queued' }]
  const estimate: Step = { task: 'queued', estimatedWaitSeconds: 300 }
  const waits: [title: string, steps: Step[], policy: object, seconds: number | undefined][] = [
    ['is one minute', toChatQueued, {}, 60],
    ['is configurable', toChatQueued, { callbackThresholdSeconds: 300 }, 300],
    ['0 = never', toChatQueued, { callbackThresholdSeconds: 0 }, undefined],
    ['begins with the first QUEUED, however long CREATED was before it', queuedFirst, {}, 60],
    ['is not put off by a CREATED that comes late', [...toChatQueued, { later: 29 }, { task: 'created' }], {}, 30],
    ['is not put off by an estimate', [...toChatQueued, { later: 29 }, estimate], {}, 30],
    ['is not put off by a message', [...toChatQueued, { later: 29 }, { says: 'Hm' }], {}, 30],
    [
      'is not put off by the check for lost webhooks (E41)',
      [...toChatQueued, { timer: 'reconcileAfter' }],
      { callbackThresholdSeconds: 1_000, reconcileAfterSeconds: 300 },
      700,
    ],
    [
      'is not put off by that check before QUEUED either',
      [...toChatCreated, { timer: 'reconcileAfter' }],
      { callbackThresholdSeconds: 1_000, reconcileAfterSeconds: 300 },
      700,
    ],
  ]
  test.each(waits)('CB2, A13: %s', (_, steps, policy, seconds) => expect(offerIn(steps, policy)).toBe(seconds))

  test('E41: the check for lost webhooks goes on beside it where no offer is to come', () => {
    const conversation = driveOn(callbackLine)
    conversation.play(...queuedWith(''), { timer: 'reconcileAfter' })
    expect(conversation.play({ timer: 'reconcileAfter' })).toMatchObject({ sent: ['checkTask'] })
  })

  test('CB1, CB11: a chat without callback has none', () => {
    const conversation = driveOn(chatLine)
    conversation.play(...toChatQueued)
    expect(conversation.timers().filter((timer) => timer.includes('callback'))).toEqual([])
  })
})

callbacks('Yes (CB4)', [
  {
    title: 'CB4: the chat is cancelled first, and no callback is placed before that is done',
    given: toOffer,
    steps: [yes],
    ends: 'callback.cancellingChat',
    sent: cancelsChat,
  },
  {
    title: 'CB4, CB6: then the callback is placed, in a queue of its own',
    given: toCancelling,
    steps: [{ answers: 'cancelChat' }],
    ends: 'callback.placing.wanted',
    sent: ['createTask Insurance_Callback'],
  },
  {
    title: 'CB4: and waits',
    given: toPlacing,
    steps: [{ answers: 'placeCallback' }],
    ends: 'callback.waiting',
    sent: [],
  },
  {
    title: 'E90: placed twice by a repeated call (20200), it is one',
    given: toPlacing,
    steps: [{ answers: 'placeCallback', with: { how: 'existed' } }],
    ends: 'callback.waiting',
    sent: [],
  },
  {
    title: 'CB4: a chat task that is gone already (404) is as good as cancelled',
    given: toCancelling,
    steps: [{ fails: 'cancelChat', code: 'notFound' }],
    ends: 'callback.placing.wanted',
    sent: ['createTask Insurance_Callback'],
  },
  {
    title: 'E78: yes twice is yes once, at every moment',
    given: toOffer,
    steps: [
      yes,
      yes,
      { answers: 'cancelChat' },
      yes,
      { answers: 'placeCallback' },
      { press: 'callback-yes', taskId: chatTask },
    ],
    ends: 'callback.waiting',
    sent: [...cancelsChat, 'createTask Insurance_Callback'],
  },
  {
    title: 'E79: a no after the yes changes nothing',
    given: toCancelling,
    steps: [no, { answers: 'cancelChat' }, no],
    ends: 'callback.placing.wanted',
    sent: ['createTask Insurance_Callback'],
  },
  {
    title: 'E76, E77: once an agent is on the way it is refused politely, and the chat goes on',
    given: [...toOffer, { task: 'routed' }],
    steps: [yes, { answers: 'addParticipant' }, yes],
    ends: 'active.talking',
    sent: [...bot('routed', '<RoutedMessage>'), ...routedNotice, ...bot('routed', '<RoutedMessage>')],
  },
  {
    title: 'E77: once the chat is over it is refused politely, and nothing begins',
    given: [...toOffer, { task: 'closed' }, { answers: 'closeConversation' }],
    steps: [yes],
    ends: 'closed.resting',
    sent: ['send closed: <ClosedMessage>'],
  },
  {
    title: 'E77, E79: a no then is not answered',
    given: [...toOffer, { task: 'routed' }, { answers: 'addParticipant' }],
    steps: [no, { task: 'closed' }, no],
    ends: 'closed.closingConversation',
    sent: closedNotice,
  },
  {
    title: 'E78, E79: a button of an earlier chat means nothing in the next',
    given: [
      ...toOffer,
      { task: 'closed' },
      { answers: 'closeConversation' },
      { says: 'Again' },
      { answers: 'createConversation' },
      { form: { Phone: '+14155550123' } },
      { answers: 'createTask' },
      { task: 'queued' },
    ],
    steps: [{ press: 'callback-yes', taskId: chatTask }],
    ends: 'inQueue.queued',
    sent: [],
  },
  ...['callback-maybe', ''].map(
    (press): Story => ({
      title: `CB10: the answer ${JSON.stringify(press)} is none`,
      given: toOffer,
      steps: [{ press }],
      ends: 'inQueue.offeringCallback',
      sent: [],
    }),
  ),
  {
    title: 'A14, E78: pressed before anybody asked, on buttons made up, it would still be about this task',
    given: toChatQueued,
    steps: [{ press: 'callback-yes', taskId: 'made-up' }],
    ends: 'inQueue.queued',
    sent: [],
  },
])

callbacks('End Task fails (CB9, E81)', [
  ...(['failed', 'refused', 'serviceUnavailable', 'tooManyRequests'] as AskErrorCode[]).map(
    (code): Story => ({
      title: `CB9, E81: ${code}: it is told in its own words, and the chat goes on in the queue`,
      given: toCancelling,
      steps: [
        { fails: 'cancelChat', code },
        { task: 'queued', estimatedWaitSeconds: 60 },
      ],
      ends: 'inQueue.queued',
      sent: [...endFailed, ...waitNotice(1)],
    }),
  ),
  {
    title: 'E81: never answered, it is the same',
    given: toCancelling,
    steps: [{ timer: 'askTimeout' }],
    ends: 'inQueue.queued',
    sent: endFailed,
  },
  {
    title: 'A14, E81: it is not offered again by itself, but the buttons still work',
    given: [...toCancelling, { fails: 'cancelChat' }],
    steps: [threshold, yes],
    ends: 'callback.cancellingChat',
    sent: cancelsChat,
  },
  {
    title: 'E81, E49: an agent who was found meanwhile is added after all',
    given: [...toCancelling, { task: 'routed' }],
    steps: [{ fails: 'cancelChat' }, { answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: [...endFailed, 'addParticipant 5021', ...routedNotice],
  },
  {
    title: 'E81, LX3: a customer who has left meanwhile waits for nothing: the chat is ended',
    given: [...toCancelling, leaves],
    steps: [{ fails: 'cancelChat' }],
    ends: 'inQueue.ending.askingEnd',
    sent: cancelsChat,
  },
  {
    title: 'E81: its CLOSED is then an ordinary one (CC1)',
    given: [...toCancelling, { fails: 'cancelChat' }],
    steps: [{ task: 'closed' }],
    ends: 'closed.closingConversation',
    sent: closedNotice,
  },
])

callbacks('Create Task fails (CB9, E82, A31)', [
  ...(['failed', 'refused', 'queueFull', 'serviceUnavailable', 'tooManyRequests'] as AskErrorCode[]).map(
    (code): Story => ({
      title: `CB9, E82${code === 'queueFull' ? ', E89' : ''}: ${code}: it is told in its own words, and the conversation closes`,
      given: toPlacing,
      steps: [{ fails: 'placeCallback', code }],
      ends: 'closed.closingConversation',
      sent: [...callbackFailed, 'closeConversation'],
    }),
  ),
  {
    title: 'A31, T10: never answered, it is the same; the callback it made late is cancelled',
    given: toPlacing,
    steps: [{ timer: 'askTimeout' }, { late: 'placeCallback' }],
    ends: 'closed.closingConversation',
    sent: [...callbackFailed, 'closeConversation', 'endTask CD_TASK_CUSTOMER_ABANDON'],
  },
  {
    title: 'E82, E75: the end of the chat that was cancelled for it, coming late, changes nothing',
    given: [...toPlacing, { fails: 'placeCallback' }, { answers: 'closeConversation' }],
    steps: [chatTaskClosed],
    ends: 'closed.resting',
    sent: [],
  },
  {
    title: 'E82, CC2: after the chat was closed for it, it is told in the window alone',
    given: [...toPlacing, chatTaskClosed],
    steps: [{ fails: 'placeCallback' }],
    ends: 'closed.resting',
    sent: ['send error-callback-failed: <errorCallbackFailed>'],
  },
  {
    title: 'A31: the customer may begin a new chat',
    given: [...toPlacing, { fails: 'placeCallback' }, { answers: 'closeConversation' }],
    steps: [{ says: 'Again' }],
    ends: 'noConversation.creatingConversation',
    sent: ['createConversation: Again'],
  },
])

callbacks('What the queue says meanwhile', [
  {
    title: 'E49: of the chat that is being cancelled nothing is told, and no agent is added',
    given: toCancelling,
    steps: [
      { task: 'created' },
      { task: 'queued', estimatedWaitSeconds: 60 },
      { task: 'routed' },
      { task: 'transferred' },
    ],
    ends: 'callback.cancellingChat',
    sent: [],
  },
  {
    title: 'E49, CB4: routed or not, the callback is placed once the chat is cancelled',
    given: [...toCancelling, { task: 'routed' }],
    steps: [{ answers: 'cancelChat' }],
    ends: 'callback.placing.wanted',
    sent: ['createTask Insurance_Callback'],
  },
  {
    title: 'A37, CC5: CREATED and estimates of the callback are told in the window',
    given: toCallback,
    steps: [{ task: 'created' }, { task: 'queued' }, { task: 'queued', estimatedWaitSeconds: 240 }],
    ends: 'callback.waiting',
    sent: [...createdNotice, ...waitNotice(4)],
  },
  {
    title: 'E39: CREATED of the callback twice is told once',
    given: toCallback,
    steps: [{ task: 'created' }, { task: 'created' }],
    ends: 'callback.waiting',
    sent: createdNotice,
  },
  {
    title: 'E40: an older estimate after a newer one is not told',
    given: toCallback,
    steps: [
      { task: 'queued', estimatedWaitSeconds: 60, at: at(200) },
      { task: 'queued', estimatedWaitSeconds: 300, at: at(190) },
    ],
    ends: 'callback.waiting',
    sent: waitNotice(1),
  },
  {
    title: 'A37: ROUTED of the callback adds nobody to the chat, and TRANSFERRED puts nothing back in',
    given: toCallback,
    steps: [{ task: 'routed' }, { task: 'transferred' }],
    ends: 'callback.waiting',
    sent: [],
  },
  ...(['created', 'queued'] as const).map(
    (task): Story => ({
      title: `E84, E36: ${task.toUpperCase()} before the answer to create task proves the callback, which then stands`,
      given: toPlacing,
      steps: [{ task }, { late: 'placeCallback' }],
      ends: 'callback.waiting',
      sent: task === 'created' ? createdNotice : [],
    }),
  ),
  {
    title: 'E84: CREATED and QUEUED of the callback may come before CLOSED of the chat',
    given: toPlacing,
    steps: [{ task: 'created' }, { task: 'queued', estimatedWaitSeconds: 60 }, chatTaskClosed],
    ends: 'callback.waiting',
    sent: [...createdNotice, ...waitNotice(1), ...notice('web-callback', '<WebCallbackMessage>'), 'closeConversation'],
  },
  {
    title: 'E41: webhooks of the callback get lost: its task is asked for, again and again',
    given: toCallback,
    steps: [{ timer: 'reconcileAfter' }, { timer: 'reconcileAfter' }],
    ends: 'callback.waiting',
    sent: ['checkTask', 'checkTask'],
  },
])

callbacks('The customer meanwhile (A28, A29, E87)', [
  {
    title: 'A28: while the chat is being cancelled a message is appended',
    given: toCancelling,
    steps: [{ says: 'Thanks' }],
    ends: 'callback.cancellingChat',
    sent: ['append Inbound: Thanks'],
  },
  ...([toPlacing, toCallback] as const).map(
    (given): Story => ({
      title: `A28: while the callback ${given === toPlacing ? 'is being placed' : 'waits'} a message is appended and answered`,
      given,
      steps: [{ says: 'When?' }],
      ends: given === toPlacing ? 'callback.placing.wanted' : 'callback.waiting',
      sent: ['append Inbound: When?', ...pending],
    }),
  ),
  {
    title: 'A28, A24: after the chat was closed it is answered in the window alone',
    given: [...toCallback, chatTaskClosed],
    steps: [{ says: 'When?' }],
    ends: 'callback.waiting',
    sent: ['send callback-pending: <CallbackPending>'],
  },
  {
    title: 'A29, E87: closing the window changes nothing, and nothing is said to it any more (A23)',
    given: toCallback,
    steps: [leaves, leaves, { says: 'Me again', thread: 'T2' }],
    ends: 'callback.waiting',
    sent: [
      'append Inbound: Me again',
      'send callback-pending: <CallbackPending> @T2',
      'append Outbound: <CallbackPending>',
    ],
  },
  {
    title: 'A29, E87: at every moment after the yes',
    given: toCancelling,
    steps: [leaves, { answers: 'cancelChat' }, leaves, { answers: 'placeCallback' }, leaves, chatTaskClosed],
    ends: 'callback.waiting',
    sent: ['createTask Insurance_Callback', 'closeConversation'],
  },
  {
    title: 'A23: what the queue says is not said to a closed window',
    given: [...toCallback, leaves],
    steps: [{ task: 'created' }, { task: 'queued', estimatedWaitSeconds: 60 }],
    ends: 'callback.waiting',
    sent: [],
  },
])

callbacks('"End Conversation" cancels it (A7, E88)', [
  {
    title: 'A7: while the chat is being cancelled, it is ended all the same, and no callback is placed',
    given: toCancelling,
    steps: [endsIt, { late: 'cancelChat' }, { answers: 'endTask' }, { task: 'closed' }],
    ends: 'closed.closingConversation',
    sent: ['append Inbound: End Conversation', ...cancelsChat, ...closedNotice],
  },
  {
    title: 'E33, E88: while the callback is being placed, it is ended as soon as it exists',
    given: toPlacing,
    steps: [endsIt, { answers: 'placeCallback' }],
    ends: 'callback.ending.askingEnd',
    sent: ['append Inbound: End Conversation', ...cancelsChat],
  },
  ...(['created', 'queued'] as const).map(
    (task): Story => ({
      title: `E33, E36: also when ${task.toUpperCase()} proves it first, which is not told`,
      given: [...toPlacing, endsIt],
      steps: [{ task, estimatedWaitSeconds: 60 }],
      ends: 'callback.ending.askingEnd',
      sent: cancelsChat,
    }),
  ),
  {
    title: 'E33: one that could not be placed needs no end; the customer hears closed, not an error',
    given: [...toPlacing, endsIt],
    steps: [{ fails: 'placeCallback' }],
    ends: 'closed.closingConversation',
    sent: closedByBot,
  },
  {
    title: 'E33, T10: one that was never answered reads the same, and made late it is cancelled',
    given: [...toPlacing, endsIt],
    steps: [{ timer: 'askTimeout' }, { late: 'placeCallback' }],
    ends: 'closed.closingConversation',
    sent: [...closedByBot, ...cancelsChat],
  },
  {
    title: 'E88: while it waits, its task is ended as abandoned; CLOSED is told once',
    given: [...toCallback, chatTaskClosed],
    steps: [endsIt, { answers: 'endTask' }, { task: 'closed', disposition: 'CD_TASK_CUSTOMER_ABANDON' }],
    ends: 'closed.resting',
    sent: [...cancelsChat, 'send closed: <ClosedMessage>'],
  },
  {
    title: 'E88: what the queue says of it then is not told',
    given: [...toCallback, endsIt],
    steps: [
      { task: 'created' },
      { task: 'queued', estimatedWaitSeconds: 60 },
      { answers: 'endTask' },
      { task: 'queued' },
    ],
    ends: 'callback.ending.awaitingClosed',
    sent: [],
  },
  {
    title: 'E88, CC2: nor that the callback is placed, when the end of the chat comes only now',
    given: [...toCallback, endsIt],
    steps: [chatTaskClosed, { answers: 'endTask' }, { task: 'closed', disposition: 'CD_TASK_CUSTOMER_ABANDON' }],
    ends: 'closed.closingConversation',
    sent: closedNotice,
  },
  {
    title: 'E88: an agent who was faster than the cancellation is told: the phone rings',
    given: [...toCallback, endsIt],
    steps: [{ answers: 'endTask' }, { task: 'closed', disposition: 'CD_NORMAL_END_TASK' }],
    ends: 'closed.closingConversation',
    sent: [...notice('web-callback-agent-found', '<WebCallbackAgentFound>'), 'closeConversation'],
  },
  {
    title: 'E88, A5: a callback that is gone closes at once',
    given: [...toCallback, endsIt],
    steps: [{ fails: 'endTask', code: 'notFound' }],
    ends: 'closed.closingConversation',
    sent: closedNotice,
  },
  {
    title: 'E88, A5: an End Task that fails still waits for CLOSED, and closes without it after a while',
    given: [...toCallback, endsIt],
    steps: [{ fails: 'endTask' }, { timer: 'closedWait' }],
    ends: 'closed.closingConversation',
    sent: closedNotice,
  },
  {
    title: 'E88, E54: who writes again meanwhile begins anew afterwards',
    given: [...toCallback, chatTaskClosed, endsIt],
    steps: [
      endsIt,
      { says: 'One more thing' },
      { answers: 'endTask' },
      { task: 'closed', disposition: 'CD_TASK_CUSTOMER_ABANDON' },
    ],
    ends: 'noConversation.creatingConversation',
    sent: ['send closed: <ClosedMessage>', 'createConversation: One more thing'],
  },
])

test('E90, E91: between End Task and Create Task nothing is kept but the record: read again, it places one callback', () => {
  const conversation = driveOn(callbackLine)
  const { sent } = conversation.play(...toCancelling, { receipt: 'Delivered' }, { answers: 'cancelChat' })
  expect(sent).toEqual(['createTask Insurance_Callback'])
  expect(conversation.play({ late: 'cancelChat' })).toMatchObject({ heard: 'stale', sent: [] })
})
