/**
 * SMS_Inbound_Flow: from the first text to a task in the queue (flows.md section 9, SM1-SM18). Ending it is told in
 * `ending.test.ts`, conversations that began elsewhere in `adopted.test.ts`.
 */
import { describe, expect, test } from 'vitest'
import type { AskErrorCode, Asks } from '../machines/effects.ts'
import { taskIdOf } from '../machines/task-id.ts'
import {
  actor,
  address,
  assetWith,
  conversationId,
  drive,
  type Step,
  toClosed,
  toCreated,
  toMenu,
  toTask,
} from './drive.ts'
import {
  bot,
  closedByBot,
  closedNotice,
  createdNotice,
  menuAgain,
  routedNotice,
  type Story,
  sensitive,
  stories,
  welcome,
} from './story.ts'

const searched: Step[] = [{ says: 'Hi' }, { answers: 'searchConversation' }]
const technicalIssue = ['send error-technical-issue: <errorTechnicalIssue>']

stories('The first text', [
  {
    title: 'SM1, G4: it is searched for in Engage',
    steps: [{ says: 'Hi' }],
    ends: 'noConversation.searching',
    sent: ['searchConversation'],
  },
  {
    title: 'SM2, SM4: with no conversation found, a new one is created with the text as its first message',
    steps: searched,
    ends: 'noConversation.creatingConversation',
    sent: ['searchConversation', 'createConversation: Hi'],
  },
  {
    title: 'SM2, SM4, A1: with a closed conversation found, a new one is created',
    steps: [{ says: 'Hi' }, { answers: 'searchConversation', with: { outcome: 'conversationClosed' } }],
    ends: 'noConversation.creatingConversation',
    sent: ['searchConversation', 'createConversation: Hi'],
  },
  {
    title: 'SM5: welcome and menu follow the creation as one SMS, and the first text is not appended again',
    given: searched,
    steps: [{ answers: 'createConversation' }],
    ends: 'noConversation.menu',
    sent: welcome,
  },
  {
    title: 'E1: two first texts within milliseconds make one conversation that has both in order',
    steps: [
      { says: 'Hi' },
      { says: 'Are you there?' },
      { answers: 'searchConversation' },
      { answers: 'createConversation' },
    ],
    ends: 'noConversation.menu',
    sent: ['searchConversation', 'createConversation: Hi', 'append Inbound: Are you there?', ...welcome],
  },
  {
    title: 'E24: a text between the call to create and its answer waits for the conversation and is no menu answer',
    given: searched,
    steps: [{ says: '1' }, { says: '2' }, { answers: 'createConversation' }],
    ends: 'noConversation.menu',
    sent: ['append Inbound: 1', 'append Inbound: 2', ...welcome],
  },
  {
    title: 'E5: a blank first text reads "No text" in the conversation',
    steps: [{ says: '' }, { answers: 'searchConversation' }],
    ends: 'noConversation.creatingConversation',
    sent: ['searchConversation', 'createConversation: No text'],
  },
  {
    title: 'SM12: a first text with masked card data begins the conversation masked, and the customer is told once',
    steps: [
      { says: '************1111', scan: 'masked' },
      { answers: 'searchConversation' },
      { answers: 'createConversation' },
    ],
    ends: 'noConversation.menu',
    sent: ['searchConversation', 'createConversation: ************1111', ...sensitive, ...welcome],
  },
  {
    title: 'E109: a first text that could not be scanned is withheld from the conversation, and the customer is told',
    steps: [{ says: 'withheld', scan: 'failed' }, { answers: 'searchConversation' }, { answers: 'createConversation' }],
    ends: 'noConversation.menu',
    sent: [
      'searchConversation',
      'createConversation: System Alert: a message could not be received due to scan service issues',
      ...bot('error-sending', '<errorSendingMessage>'),
      ...welcome,
    ],
  },
])

const searchAgain: Step[] = [{ says: 'Hello?' }]

stories('Engage does not answer', [
  {
    title: 'seed l.124: a failed search is a technical issue, told once for all texts that waited',
    given: [{ says: 'Hi' }, { says: 'Hello?' }],
    steps: [{ fails: 'searchConversation' }],
    ends: 'closed.searchFailed',
    sent: technicalIssue,
  },
  {
    title: 'seed l.124: a search that is never answered ends the same way',
    given: [{ says: 'Hi' }],
    steps: [{ timer: 'askTimeout' }],
    ends: 'closed.searchFailed',
    sent: technicalIssue,
  },
  {
    title: 'SM1-SM3: after a failed search the next text is searched for again, so no second conversation is begun',
    given: [{ says: 'Hi' }, { fails: 'searchConversation' }],
    steps: searchAgain,
    ends: 'noConversation.searching',
    sent: ['searchConversation'],
  },
  {
    title: 'seed l.124: a failed creation is a technical issue',
    given: searched,
    steps: [{ fails: 'createConversation' }],
    ends: 'closed.resting',
    sent: technicalIssue,
  },
  {
    title: 'seed l.124: a creation that is never answered is a technical issue; what it made late is closed (T10)',
    given: searched,
    steps: [{ timer: 'askTimeout' }, { late: 'createConversation' }],
    ends: 'closed.resting',
    sent: [...technicalIssue, 'closeConversation'],
  },
  {
    title: 'seed l.124: a customer text that Engage never took is reported to the customer',
    given: toMenu,
    steps: [{ lost: 'appendConversation', direction: 'Inbound' }],
    ends: 'noConversation.menu',
    sent: bot('error-sending', '<errorSendingMessage>'),
  },
  {
    title: 'E31: what we wrote ourselves and lost is no business of the customer',
    given: toTask,
    steps: [
      { lost: 'appendConversation', direction: 'Outbound' },
      { lost: 'updateConversation' },
      { lost: 'sendMessage' },
    ],
    ends: 'noConversation.creatingTask.wanted',
    sent: [],
  },
])

stories('The menu', [
  ...['1', 'billing', ' BILLING ', 'Billing'].map((says) => ({
    title: `SM6, A9: "${says}" creates the task with the option's script selector`,
    given: toMenu,
    steps: [{ says }],
    ends: 'noConversation.creatingTask.wanted',
    sent: [`append Inbound: ${says}`, 'createTask Billing'],
  })),
  {
    title: 'SM8: a keyword escalates to an agent',
    given: toMenu,
    steps: [{ says: 'Agent' }],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['append Inbound: Agent', 'createTask Support'],
  },
  {
    title: 'SM18, E21, A9: what is no option is appended, and the menu is asked again',
    given: toMenu,
    steps: [{ says: 'I was billed twice' }],
    ends: 'noConversation.menu',
    sent: ['append Inbound: I was billed twice', ...menuAgain],
  },
  {
    title: 'E21, A9: the third wrong answer closes',
    given: [...toMenu, { says: 'a' }, { says: 'b' }],
    steps: [{ says: 'c' }],
    ends: 'closed.closingConversation',
    sent: ['append Inbound: c', ...closedByBot],
  },
  {
    title: 'E5, SM18: a blank answer reads "No text" and counts as a wrong one',
    given: toMenu,
    steps: [{ says: '' }],
    ends: 'noConversation.menu',
    sent: ['append Inbound: No text', ...menuAgain],
  },
  {
    title: 'SM12-SM14, E23: a card number as answer is appended masked, noticed, no choice, and does not count',
    given: [...toMenu, { says: 'a' }, { says: 'b' }],
    steps: [{ says: '************1111', scan: 'masked' }],
    ends: 'noConversation.menu',
    sent: ['append Inbound: ************1111', ...sensitive, ...bot('menu', '<menu>')],
  },
  {
    title: 'E109: an answer that could not be scanned is withheld, said so, and no choice',
    given: toMenu,
    steps: [{ says: '1', scan: 'failed' }],
    ends: 'noConversation.menu',
    sent: [
      'append Inbound: System Alert: a message could not be received due to scan service issues',
      ...bot('error-sending', '<errorSendingMessage>'),
      ...bot('menu', '<menu>'),
    ],
  },
  {
    title: 'A10: no answer in time closes silently, with a note to the transcript',
    given: toMenu,
    steps: [{ timer: 'menuTimeout' }],
    ends: 'closed.closingConversation',
    sent: ['append Announcement: The customer did not choose a service in time.', 'closeConversation'],
  },
  {
    title: 'a receipt of what we sent changes nothing',
    given: toMenu,
    steps: [{ receipt: 'Delivered' }],
    ends: 'noConversation.menu',
    sent: [],
  },
])

const creationFailures: [what: string, code: AskErrorCode, text: string][] = [
  ['E26: the queue is full', 'queueFull', 'errorServiceNotAvailable'],
  ['E27: too many requests, again and again', 'tooManyRequests', 'errorServiceNotAvailable'],
  ['E30: the routing service is unavailable', 'serviceUnavailable', 'errorServiceNotAvailable'],
  ['E28, G3: the request or its authorization is refused', 'refused', 'errorTechnicalIssue'],
  ['E30: the routing service is not found', 'notFound', 'errorTechnicalIssue'],
  ['E30: any other failure', 'failed', 'errorTechnicalIssue'],
]
const failsWith = ([what, code, text]: (typeof creationFailures)[number]): Story => ({
  title: `${what}: the customer is told ${text}, and it closes`,
  given: toTask,
  steps: [{ fails: 'createTask', code }],
  ends: 'closed.closingConversation',
  sent: [
    ...bot(
      text.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      `<${text}>`,
    ),
    'closeConversation',
  ],
})

stories('The task', [
  {
    title: 'SM15: once the task exists its id goes into the conversation',
    given: toTask,
    steps: [{ answers: 'createTask' }],
    ends: 'inQueue.created',
    sent: ['updateConversation'],
  },
  {
    title: 'E25: a repeated call that finds the task already there (20200) is a success',
    given: toTask,
    steps: [{ answers: 'createTask', with: { how: 'existed' } }],
    ends: 'inQueue.created',
    sent: ['updateConversation'],
  },
  {
    title: 'E32: a text before the task id is in the conversation is appended',
    given: toTask,
    steps: [{ says: 'It is urgent' }],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['append Inbound: It is urgent'],
  },
  ...creationFailures.map(failsWith),
  {
    title: 'E31: a conversation that Engage never told of its task still hears of that task',
    given: toCreated,
    steps: [{ lost: 'updateConversation' }, { task: 'created' }, { task: 'routed' }, { answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: [...createdNotice, 'addParticipant 5021', ...routedNotice],
  },
  {
    title: 'E25, T10: a creation that is never answered is a technical issue; the task it made late is ended',
    given: toTask,
    steps: [{ timer: 'askTimeout' }, { late: 'createTask' }],
    ends: 'closed.closingConversation',
    sent: [
      ...bot('error-technical-issue', '<errorTechnicalIssue>'),
      'closeConversation',
      'endTask CD_TASK_CUSTOMER_ABANDON',
    ],
  },
  {
    title: 'E36: CREATED before the answer to create task proves the task; the answer then changes nothing',
    given: toTask,
    steps: [{ task: 'created' }, { late: 'createTask' }],
    ends: 'inQueue.created',
    sent: ['updateConversation', ...createdNotice],
  },
  {
    title: 'E36, QU2: QUEUED before the answer to create task proves it too',
    given: toTask,
    steps: [{ task: 'queued' }],
    ends: 'inQueue.queued',
    sent: ['updateConversation'],
  },
  {
    title: 'E35, E36: ROUTED before the answer to create task adds the agent',
    given: toTask,
    steps: [{ task: 'routed' }],
    ends: 'active.addingAgent.asking',
    sent: ['updateConversation', 'addParticipant 5021'],
  },
  {
    title: 'E36, E37: CLOSED before the answer to create task closes',
    given: toTask,
    steps: [{ task: 'closed' }, { late: 'createTask' }],
    ends: 'closed.closingConversation',
    sent: ['updateConversation', ...closedNotice],
  },
  {
    title: 'E36: TRANSFERRED before the answer to create task is carried out',
    given: toTask,
    steps: [{ task: 'transferred' }],
    ends: 'inQueue.transferring.removingAgent',
    sent: ['updateConversation', 'removeParticipant 5021'],
  },
])

const givenUp: Step[] = [...toTask, { fails: 'createTask' }, { answers: 'closeConversation' }]
const lostTask = taskIdOf(actor, 1)
const turnsUp: Step = { task: 'routed', taskId: lostTask, mediaResourceId: conversationId }

stories('A task we gave up on turns up', [
  {
    title: 'E25, T10: it is ended, so that no agent gets a customer who was told that it failed',
    given: givenUp,
    steps: [turnsUp],
    ends: 'closed.resting',
    sent: ['endTask CD_TASK_CUSTOMER_ABANDON'],
  },
  {
    title: 'E25, T10: it is ended also when the customer has begun a new conversation since',
    given: [...givenUp, { says: 'Hello again' }, { answers: 'createConversation', with: { conversationId: 'C2' } }],
    steps: [turnsUp],
    ends: 'noConversation.menu',
    sent: ['endTask CD_TASK_CUSTOMER_ABANDON'],
  },
  {
    title: 'E75: a task that was never ours is left alone',
    given: givenUp,
    steps: [{ ...turnsUp, taskId: 'another' }],
    ends: 'closed.resting',
    sent: [],
  },
])

const reopen = { onClosed: 'reopen' } as const
const found: Step[] = [
  { says: 'Hi' },
  { answers: 'searchConversation', with: { outcome: 'conversationClosed', conversationId: 'OLD1' } },
]

stories('A text to a closed conversation', [
  {
    title: 'SM4, SM10: starts a new one, from the welcome message, without another search',
    given: toClosed,
    steps: [{ says: 'One more thing' }, { answers: 'createConversation', with: { conversationId: 'NEW2' } }],
    ends: 'noConversation.menu',
    sent: ['createConversation: One more thing', ...welcome],
  },
  {
    title: 'A1 reopen: the closed conversation is reopened, the text appended, and the menu shown',
    policy: reopen,
    given: toClosed,
    steps: [{ says: 'One more thing' }, { answers: 'reopenConversation' }],
    ends: 'noConversation.menu',
    sent: ['reopenConversation', 'append Inbound: One more thing', ...welcome],
  },
  {
    title: 'A1 reopen: a closed conversation that only Engage knows is reopened as well',
    policy: reopen,
    steps: [...found, { answers: 'reopenConversation' }],
    ends: 'noConversation.menu',
    sent: ['searchConversation', 'reopenConversation', 'append Inbound: Hi', ...welcome],
  },
  {
    title: 'A1 reopen: when Engage refuses, a new one is as good',
    policy: reopen,
    given: found,
    steps: [{ fails: 'reopenConversation', code: 'refused' }, { answers: 'createConversation' }],
    ends: 'noConversation.menu',
    sent: ['createConversation: Hi', ...welcome],
  },
  {
    title: 'A1 reopen, T10: one that is reopened after nobody waited any more is closed again',
    policy: reopen,
    given: found,
    steps: [{ timer: 'askTimeout' }, { late: 'reopenConversation' }],
    ends: 'noConversation.creatingConversation',
    sent: ['createConversation: Hi', 'closeConversation'],
  },
  {
    title: 'SM4, E54: what comes while the conversation is being closed waits for the new one',
    given: [...toMenu, { timer: 'menuTimeout' }],
    steps: [{ says: 'Still there?' }, { says: 'Hello?' }, { answers: 'closeConversation' }],
    ends: 'noConversation.creatingConversation',
    sent: ['createConversation: Still there?'],
  },
  {
    title: 'SM1: a customer who comes back after retention is searched for again',
    given: [...toClosed, { timer: 'retention' }],
    steps: [{ says: 'Long time' }],
    ends: 'noConversation.searching',
    sent: ['searchConversation'],
  },
])

/** The payload of the last ask of that name. */
function asked<Type extends keyof Asks>(
  type: Type,
  steps: Step[],
  context: { key: string; value: string }[] = [],
): Asks[Type]['input'] {
  const conversation = drive(assetWith({}, context))
  conversation.play(...steps)
  const effects = conversation.history.flatMap((trace) => trace.effects)
  return effects.findLast((effect) => effect.type === type)!.payload as Asks[Type]['input']
}

describe('What the calls carry', () => {
  test('SM17: the search names the customer and the number that was written to', () => {
    expect(asked('searchConversation', [{ says: 'Hi' }])).toEqual({ address })
  })

  test('SM16, A2, CX4: the task goes to the service number, from the customer, with the conversation and the name', () => {
    expect(asked('createTask', toTask)).toMatchObject({
      taskId: taskIdOf(actor, 1),
      address: { asset: '14155550100' },
      origin: '+14155550123',
      customerId: '+14155550123',
      mediaType: 'Social',
      mediaChannel: 'SMS',
      scriptSelector: 'Billing',
      variables: expect.arrayContaining([
        { key: 'user_DR_MediaResourceID', value: conversationId },
        { key: 'user_DR_CustomerName', value: '+14155550123' },
      ]),
    })
  })

  test('SM7, G5: the task carries the configured context variables, cut to nothing and nothing lost', () => {
    const context = [
      { key: 'cv_1', value: 'Gold' },
      { key: 'user_Tier', value: 'A' },
      { key: 'Region', value: 'North' },
    ]
    expect(asked('createTask', toTask, context).variables).toEqual(expect.arrayContaining(context))
  })

  test('A33, A34: what the routing service gave back is cut to its bytes when it goes in again', () => {
    const variables = { cv_2: 'é'.repeat(50), user_Note: '漢'.repeat(250) }
    const again = asked('createTask', [
      ...toTask,
      { task: 'queued', variables },
      { task: 'transferred' },
      { answers: 'removeParticipant' },
    ])
    expect(Object.fromEntries(again.variables.map(({ key, value }) => [key, value]))).toMatchObject({
      cv_2: 'é'.repeat(40),
      user_Note: '?'.repeat(210),
    })
  })

  test('a new conversation of the same customer gets a task id of its own', () => {
    const again: Step[] = [{ says: 'Again' }, { answers: 'createConversation' }, { says: '2' }]
    expect(asked('createTask', [...toClosed, ...again]).taskId).toBe(taskIdOf(actor, 2))
  })
})
