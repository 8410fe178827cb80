/**
 * The choices that an asset may make where the flows leave one, each with both settings (flows.md section 10). The choices
 * that one flow alone knows are told with it: A1 and A7 in `ending.test.ts`, A16 in `flow-queued.test.ts`, A17 in
 * `flow-created.test.ts`, A22 in `flow-closed.test.ts`, A33 in `task-variables.test.ts`.
 */
import { expect, test } from 'vitest'
import { taskIdOf } from '../machines/task-id.ts'
import {
  callbackLine,
  callbackTask,
  chatAddress,
  chatTaskClosed,
  endsIt,
  leaves,
  offer,
  toCallback,
  toCancelling,
  toChatRecreating,
  toOffer,
  toPlacing,
} from './chat.ts'
import { actor, driveOn, type Step, thread, toMenu, toQueued, toTalking, toTask } from './drive.ts'
import {
  bot,
  closedByBot,
  closedNotice,
  menuAgain,
  notice,
  type Story,
  stories,
  transferredNotice,
  waitNotice,
  welcome,
} from './story.ts'

const end: Step = { says: 'End Conversation' }
const said = 'append Inbound: End Conversation'
const closes: Step = { answers: 'closeConversation' }

/** From the words that end it until Engage has closed it, by where they are said. */
const ends: { where: string; given: Step[]; steps: Step[]; sent: string[] }[] = [
  { where: 'in the menu', given: toMenu, steps: [end, closes], sent: [said, ...closedByBot] },
  {
    where: 'while it is being looked for',
    given: [{ says: 'Hi' }, end],
    steps: [{ answers: 'searchConversation' }],
    sent: bot('closed', '<ClosedMessage>').slice(0, 1),
  },
  {
    where: 'while it is being looked for, and found with an agent',
    given: [{ says: 'Hi' }, end],
    steps: [
      { answers: 'searchConversation', with: { outcome: 'conversationActive', conversationId: 'ELSEWHERE1' } },
      { timer: 'taskIdWait' },
      closes,
    ],
    sent: ['append Inbound: Hi', said, ...closedNotice],
  },
  {
    where: 'while it is being created',
    given: [{ says: 'Hi' }, { answers: 'searchConversation' }, end],
    steps: [{ answers: 'createConversation' }, closes],
    sent: [said, ...closedByBot],
  },
  {
    where: 'while the task is being created',
    given: toTask,
    steps: [end, { fails: 'createTask' }, closes],
    sent: [said, ...closedByBot],
  },
  {
    where: 'in the queue',
    given: toQueued,
    steps: [end, { answers: 'endTask' }, { task: 'closed' }, closes],
    sent: [said, 'endTask CD_TASK_CUSTOMER_ABANDON', ...closedNotice],
  },
  {
    where: 'to an agent',
    given: toTalking,
    steps: [end, { answers: 'endTask' }, { task: 'closed' }, closes],
    sent: [said, 'endTask CD_NORMAL_END_TASK', ...closedNotice],
  },
]

const atOnce = { welcomeAfterEnd: 'atOnce' } as const
const ended: Step[] = [...toMenu, end, closes]

stories('A8: the welcome after "End Conversation"', [
  ...ends.flatMap(({ where, given, steps, sent }): Story[] => [
    {
      title: `A8 onNextMessage, SM10: ended ${where}, it rests until the customer writes, who is then welcomed`,
      policy: { welcomeAfterEnd: 'onNextMessage' },
      given,
      steps: [...steps, { receipt: 'Delivered' }, { says: 'Hi' }, { answers: 'createConversation' }],
      ends: 'noConversation.menu',
      sent: [...sent, 'createConversation: Hi', ...welcome],
    },
    {
      title: `A8 atOnce, SM10: ended ${where}, the customer is welcomed in a new conversation as soon as it is closed`,
      policy: atOnce,
      given,
      steps: [...steps, { answers: 'openConversation' }],
      ends: 'noConversation.menu',
      sent: [...sent, 'createConversation: ', ...welcome],
    },
  ]),
  ...(['agent', 'idleTimeout', 'wrong answers', 'menuTimeout'] as const).map((who): Story => {
    const byWhom: Record<typeof who, Pick<Story, 'given' | 'steps' | 'sent'>> = {
      agent: { given: toTalking, steps: [{ task: 'closed' }], sent: closedNotice },
      idleTimeout: {
        given: [...toTalking, { timer: 'idleTimeout' }, { answers: 'endTask' }],
        steps: [{ task: 'closed' }],
        sent: closedNotice,
      },
      'wrong answers': {
        given: [...toMenu, { says: 'a' }, { says: 'b' }],
        steps: [{ says: 'c' }],
        sent: ['append Inbound: c', ...closedByBot],
      },
      menuTimeout: {
        given: [...ended, { answers: 'openConversation' }],
        steps: [{ timer: 'menuTimeout' }],
        sent: ['append Announcement: The customer did not choose a service in time.', 'closeConversation'],
      },
    }
    const { steps, ...rest } = byWhom[who]
    return {
      title: `A8 atOnce: ended by ${who}, not in the customer's words, it rests`,
      policy: { ...atOnce, idleTimeoutSeconds: 600 },
      ...rest,
      steps: [...steps, closes],
      ends: 'closed.resting',
    }
  }),
  {
    title: 'A8 atOnce, E54: who has written again meanwhile begins the new conversation with it',
    policy: atOnce,
    given: [...toQueued, end, { says: 'One more thing' }, { answers: 'endTask' }, { task: 'closed' }],
    steps: [closes, { answers: 'createConversation' }],
    ends: 'noConversation.menu',
    sent: ['createConversation: One more thing', ...welcome],
  },
  {
    title: 'A8 atOnce, E24: what is written before the new conversation exists is appended to it',
    policy: atOnce,
    given: ended,
    steps: [{ says: 'Wait' }, { answers: 'openConversation' }],
    ends: 'noConversation.menu',
    sent: ['append Inbound: Wait', ...welcome],
  },
  {
    title: 'A8 atOnce, A7: ended again before the new conversation exists, it is closed without a menu, and rests',
    policy: atOnce,
    given: ended,
    steps: [end, { answers: 'openConversation' }, closes],
    ends: 'closed.resting',
    sent: [said, ...closedByBot],
  },
  ...([{ fails: 'openConversation' }, { timer: 'askTimeout' }] as Step[]).map(
    (step): Story => ({
      title: `A8 atOnce, seed l.124: ${'fails' in step ? 'a failed creation' : 'no answer'} is a technical issue, and it rests`,
      policy: atOnce,
      given: ended,
      steps: [step],
      ends: 'closed.resting',
      sent: ['send error-technical-issue: <errorTechnicalIssue>'],
    }),
  ),
])

const toLastAnswer: Step[] = [...toMenu, { says: 'a' }, { says: 'b' }]

stories('A9: the last wrong answer of the menu', [
  {
    title: 'A9 close, E21: closes',
    policy: { lastWrongAnswer: 'close' },
    given: toLastAnswer,
    steps: [{ says: 'c' }],
    ends: 'closed.closingConversation',
    sent: ['append Inbound: c', ...closedByBot],
  },
  {
    title: "A9 menuDefault, E21: creates the task with the default option's script selector",
    policy: { lastWrongAnswer: 'menuDefault' },
    given: toLastAnswer,
    steps: [{ says: 'c' }],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['append Inbound: c', 'createTask Support'],
  },
  {
    title: 'A9 menuDefault, E21: is the last one only; before it the menu is asked again',
    policy: { lastWrongAnswer: 'menuDefault' },
    given: toMenu,
    steps: [{ says: 'a' }, { says: 'b' }],
    ends: 'noConversation.menu',
    sent: ['append Inbound: a', ...menuAgain, 'append Inbound: b', ...menuAgain],
  },
  {
    title: 'A9 menuDefault, menuAttempts: with one attempt every answer is a choice',
    policy: { lastWrongAnswer: 'menuDefault', menuAttempts: 1 },
    given: toMenu,
    steps: [{ says: 'Where is my parcel?' }],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['append Inbound: Where is my parcel?', 'createTask Support'],
  },
])

const callbacks = (about: string, list: Story[]): void => stories(about, list, callbackLine)
const threshold: Step = { timer: 'callbackThreshold' }
const backIn: Step[] = [{ answers: 'recreateTask' }, { task: 'queued' }]
const offersAgain = { callbackAfterTransfer: 'offer' } as const

callbacks('A13: the callback after a transfer', [
  {
    title: 'A13 none: it is not offered any more',
    policy: { callbackAfterTransfer: 'none' },
    given: toChatRecreating,
    steps: [...backIn, threshold],
    ends: 'inQueue.queued',
    sent: transferredNotice,
  },
  {
    title: 'A13 offer: the threshold begins anew, and it is offered',
    policy: offersAgain,
    given: toChatRecreating,
    steps: [...backIn, threshold],
    ends: 'inQueue.offeringCallback',
    sent: [...transferredNotice, ...offer],
  },
  {
    title: 'A13 offer, A14: but not to a customer who was asked about this task before the transfer',
    policy: offersAgain,
    given: [...toOffer, { task: 'transferred', agentId: '' }],
    steps: [...backIn, threshold],
    ends: 'inQueue.queued',
    sent: transferredNotice,
  },
])

const kept = { chatClosedForCallback: 'withCallback' } as const
const placedNotice = notice('web-callback', '<WebCallbackMessage>')
const found: Step = { task: 'closed', disposition: 'CD_NORMAL_END_TASK' }
const foundNotice = notice('web-callback-agent-found', '<WebCallbackAgentFound>')

callbacks("A24: the chat's conversation in Engage when it became a callback", [
  {
    title: 'A24 atOnce, CC2: closed when the callback takes over; what is said later is said in the window alone',
    policy: { chatClosedForCallback: 'atOnce' },
    given: toCallback,
    steps: [chatTaskClosed, { says: 'When?' }, found],
    ends: 'closed.resting',
    sent: [
      ...placedNotice,
      'closeConversation',
      'send callback-pending: <CallbackPending>',
      'send web-callback-agent-found: <WebCallbackAgentFound>',
    ],
  },
  {
    title: 'A24 withCallback, CC2: told at once, kept with all that is said, and closed when the callback has ended',
    policy: kept,
    given: toCallback,
    steps: [chatTaskClosed, { says: 'When?' }, found, closes],
    ends: 'closed.resting',
    sent: [
      ...placedNotice,
      'append Inbound: When?',
      ...bot('callback-pending', '<CallbackPending>'),
      ...foundNotice,
      'closeConversation',
    ],
  },
  {
    title: 'A24 withCallback, E83: before End Task was answered it is the same',
    policy: kept,
    given: toCancelling,
    steps: [chatTaskClosed, { answers: 'placeCallback' }],
    ends: 'callback.waiting',
    sent: [...placedNotice, 'createTask Insurance_Callback'],
  },
  {
    title: 'A24 withCallback, E39: told once, however often CLOSED of the chat comes',
    policy: kept,
    given: toCallback,
    steps: [chatTaskClosed, chatTaskClosed],
    ends: 'callback.waiting',
    sent: placedNotice,
  },
  {
    title: 'A24 withCallback, E88: closed with a callback that the customer cancels',
    policy: kept,
    given: [...toCallback, chatTaskClosed],
    steps: [endsIt, { fails: 'endTask', code: 'notFound' }],
    ends: 'closed.closingConversation',
    sent: [said, 'endTask CD_TASK_CUSTOMER_ABANDON', ...closedNotice],
  },
])

const backToChat = { callbackFailed: 'backToChat' } as const
const failedAndBack = bot('error-callback-failed', '<errorCallbackFailed chat>')
const failsToPlace: Step = { fails: 'placeCallback', code: 'queueFull' }
const secondChat = taskIdOf(actor, 3)

callbacks('A31: a callback that could not be placed after the chat was cancelled', [
  {
    title: 'A31 close, E82: told, and the conversation closes',
    policy: { callbackFailed: 'close' },
    given: toPlacing,
    steps: [failsToPlace],
    ends: 'closed.closingConversation',
    sent: [...bot('error-callback-failed', '<errorCallbackFailed>'), 'closeConversation'],
  },
  {
    title: 'A31 backToChat, E82, E89: told first, then the chat is put into its queue again under a new task',
    policy: backToChat,
    given: toPlacing,
    steps: [failsToPlace, { answers: 'createTask' }, { task: 'queued', estimatedWaitSeconds: 60 }],
    ends: 'inQueue.queued',
    sent: [...failedAndBack, 'createTask Insurance', 'updateConversation', ...waitNotice(1)],
  },
  {
    title:
      'A31 backToChat, T10: never answered, it may exist and is cancelled at once, and again when it turns up late',
    policy: backToChat,
    given: toPlacing,
    steps: [{ timer: 'askTimeout' }, { late: 'placeCallback' }],
    ends: 'noConversation.creatingTask.wanted',
    sent: [
      ...failedAndBack,
      'endTask CD_TASK_CUSTOMER_ABANDON',
      'createTask Insurance',
      'endTask CD_TASK_CUSTOMER_ABANDON',
    ],
  },
  {
    title: 'A31 backToChat, T10: a callback that turns up by its webhook is cancelled, and the chat waits on',
    policy: backToChat,
    given: [...toPlacing, failsToPlace, { answers: 'createTask' }],
    steps: [{ task: 'created', taskId: callbackTask }],
    ends: 'inQueue.created',
    sent: ['endTask CD_TASK_CUSTOMER_ABANDON'],
  },
  {
    title: 'A31 backToChat, E75: the end of the first chat, coming late, is none of the second',
    policy: backToChat,
    given: [...toPlacing, failsToPlace, { answers: 'createTask' }],
    steps: [chatTaskClosed],
    ends: 'inQueue.created',
    sent: [],
  },
  {
    title: 'A31 backToChat, A24: a conversation that was closed for the callback is followed by a new one, and no form',
    policy: backToChat,
    given: [...toPlacing, chatTaskClosed],
    steps: [failsToPlace, { says: 'Oh' }, { answers: 'openConversation' }],
    ends: 'noConversation.creatingTask.wanted',
    sent: [
      'send error-callback-failed: <errorCallbackFailed chat>',
      'createConversation: ',
      'append Inbound: Oh',
      'createTask Insurance',
    ],
  },
  {
    title: 'A31 backToChat, A24 withCallback: a conversation that was kept goes on',
    policy: { ...backToChat, ...kept },
    given: [...toPlacing, chatTaskClosed],
    steps: [failsToPlace],
    ends: 'noConversation.creatingTask.wanted',
    sent: [...failedAndBack, 'createTask Insurance'],
  },
  {
    title: 'A31 backToChat, A29: a customer who has left waits for no chat',
    policy: backToChat,
    given: [...toPlacing, leaves],
    steps: [failsToPlace],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  {
    title: 'A31 backToChat, E33: a customer who ended it meanwhile waits for no chat',
    policy: backToChat,
    given: [...toPlacing, endsIt],
    steps: [failsToPlace],
    ends: 'closed.closingConversation',
    sent: closedByBot,
  },
  {
    title: 'A31 backToChat, A14: the callback is offered once for the new task too',
    policy: backToChat,
    given: [...toPlacing, failsToPlace, { answers: 'createTask' }, { task: 'queued' }],
    steps: [threshold, { press: 'callback-no' }, threshold],
    ends: 'inQueue.queued',
    sent: offer,
  },
])

test('A31 backToChat, CX4: the new chat task is a chat again, with its window and nothing of the callback', () => {
  const conversation = driveOn(callbackLine, backToChat)
  const told = { livechatThreadID: 'T0', IsWebCallbackRequested: 'true', cv_2: 'Silver' }
  conversation.play(...toCancelling, { task: 'queued', variables: told }, { answers: 'cancelChat' })
  const { effects } = conversation.play(failsToPlace)
  const { variables, ...task } = effects.find(({ type }) => type === 'createTask')!.payload as {
    variables: { key: string; value: string }[]
  }
  expect(task).toMatchObject({ taskId: secondChat, origin: chatAddress.customer, mediaType: 'Chat' })
  const byName = Object.fromEntries(variables.map(({ key, value }) => [key, value]))
  expect(byName).toMatchObject({ ChatThreadID: thread, cv_2: 'Silver' })
  expect(Object.keys(byName).filter((key) => /^(live|isweb)/i.test(key))).toEqual([])
})
