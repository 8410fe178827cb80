/**
 * The customer ends it: "End Conversation" in every state (SM9-SM11, A5-A8), and the ends that need no webhook.
 */
import { agentId, type Step, toClosed, toCreated, toMenu, toQueued, toRecreating, toTalking, toTask } from './drive.ts'
import { bot, closedByBot, closedNotice, type Story, stories } from './story.ts'

const end: Step = { says: 'End Conversation' }
const abandoned = ['append Inbound: End Conversation', 'endTask CD_TASK_CUSTOMER_ABANDON']
const ended = ['append Inbound: End Conversation', 'endTask CD_NORMAL_END_TASK']

const phrases = ['End Conversation', 'end conversation', 'Please END   CONVERSATION now', 'x\nend\tconversation!']
const otherWords = ['End', 'conversation end', 'EndConversation', 'end the conversation']

stories('Which words end it', [
  ...phrases.map(
    (says): Story => ({
      title: `SM9, A7: ${JSON.stringify(says)} ends it`,
      given: toQueued,
      steps: [{ says }],
      ends: 'inQueue.ending.askingEnd',
      sent: [`append Inbound: ${says}`, 'endTask CD_TASK_CUSTOMER_ABANDON'],
    }),
  ),
  ...otherWords.map(
    (says): Story => ({
      title: `SM9, A7: ${JSON.stringify(says)} does not`,
      given: toQueued,
      steps: [{ says }],
      ends: 'inQueue.queued',
      sent: [`append Inbound: ${says}`],
    }),
  ),
  {
    title: 'A7: the phrases are configuration',
    policy: { endPhrases: ['stop', 'quit'] },
    given: toQueued,
    steps: [{ says: 'End Conversation' }, { says: 'I quit' }],
    ends: 'inQueue.ending.askingEnd',
    sent: ['append Inbound: End Conversation', 'append Inbound: I quit', 'endTask CD_TASK_CUSTOMER_ABANDON'],
  },
])

stories('"End Conversation" before there is a task (A5: nothing to end but the conversation)', [
  {
    title: 'A7, A6: as the very first text it says closed once and begins nothing',
    steps: [end, { answers: 'searchConversation' }],
    ends: 'closed.resting',
    sent: ['searchConversation', 'send closed: <ClosedMessage>'],
  },
  {
    title: 'A7, E24: while the conversation is being created it is closed as soon as it exists, without a menu',
    given: [{ says: 'Hi' }, { answers: 'searchConversation' }],
    steps: [end, { answers: 'createConversation' }],
    ends: 'closed.closingConversation',
    sent: ['append Inbound: End Conversation', ...closedByBot],
  },
  {
    title: 'A7, A1: while a closed conversation is being reopened it is closed again, without a menu',
    policy: { onClosed: 'reopen' },
    given: [...toClosed, { says: 'Hi' }],
    steps: [end, { answers: 'reopenConversation' }],
    ends: 'closed.closingConversation',
    sent: ['append Inbound: Hi', 'append Inbound: End Conversation', ...closedByBot],
  },
  {
    title: 'SM8, E22, A5: in the menu it closes, and there is no End Task',
    given: toMenu,
    steps: [end],
    ends: 'closed.closingConversation',
    sent: ['append Inbound: End Conversation', ...closedByBot],
  },
  {
    title: 'A7: to a closed conversation it says nothing and begins nothing',
    given: toClosed,
    steps: [end],
    ends: 'closed.resting',
    sent: [],
  },
  {
    title: 'SM10, A8: the next text starts anew from the welcome message',
    given: [...toMenu, end, { answers: 'closeConversation' }],
    steps: [{ says: 'Hi again' }, { answers: 'createConversation' }],
    ends: 'noConversation.menu',
    sent: ['createConversation: Hi again', ...bot('menu', '<welcome> <menu>')],
  },
])

const unwanted: Step[] = [...toTask, end]

stories('"End Conversation" while the task is being created (E33)', [
  {
    title: 'E33: the task is ended right after it exists, as abandoned',
    given: toTask,
    steps: [end, { answers: 'createTask' }],
    ends: 'inQueue.ending.askingEnd',
    sent: abandoned,
  },
  ...(['created', 'queued'] as const).map(
    (task): Story => ({
      title: `E33, E36: the task is ended when ${task.toUpperCase()} proves it first, and nothing is told of it`,
      given: unwanted,
      steps: [{ task }],
      ends: 'inQueue.ending.askingEnd',
      sent: ['endTask CD_TASK_CUSTOMER_ABANDON'],
    }),
  ),
  {
    title: 'E33, E36, SM11: ROUTED first means an agent was there: the task ends normally, nobody is added',
    given: unwanted,
    steps: [{ task: 'routed' }],
    ends: 'active.ending.askingEnd',
    sent: ['endTask CD_NORMAL_END_TASK'],
  },
  {
    title: 'E33, TR6: TRANSFERRED first does not put the task back in: it is ended',
    given: unwanted,
    steps: [{ task: 'transferred' }],
    ends: 'inQueue.ending.askingEnd',
    sent: ['endTask CD_TASK_CUSTOMER_ABANDON'],
  },
  {
    title: 'E33: a task that could not be created needs no end; the customer hears closed, not an error',
    given: unwanted,
    steps: [{ fails: 'createTask' }],
    ends: 'closed.closingConversation',
    sent: closedByBot,
  },
  {
    title: 'E33: a creation that is never answered reads the same, and the late task is ended (T10)',
    given: unwanted,
    steps: [{ timer: 'askTimeout' }, { late: 'createTask' }],
    ends: 'closed.closingConversation',
    sent: [...closedByBot, 'endTask CD_TASK_CUSTOMER_ABANDON'],
  },
])

stories('"End Conversation" with a task (SM11)', [
  {
    title: 'SM9, SM11: waiting for an agent, the task is abandoned',
    given: toQueued,
    steps: [end],
    ends: 'inQueue.ending.askingEnd',
    sent: abandoned,
  },
  {
    title: 'SM11: before the task is queued as well',
    given: toCreated,
    steps: [end],
    ends: 'inQueue.ending.askingEnd',
    sent: abandoned,
  },
  {
    title: 'SM11: with an agent assigned, the task ends normally',
    given: toTalking,
    steps: [end],
    ends: 'active.ending.askingEnd',
    sent: ended,
  },
  {
    title: 'SM11: with an agent about to be added as well',
    given: [...toQueued, { task: 'routed' }],
    steps: [end],
    ends: 'active.ending.askingEnd',
    sent: ended,
  },
  {
    title: 'E55: between leaving agent and re-creation, the task is ended, and its late re-creation is left at that',
    given: toRecreating,
    steps: [end, { late: 'recreateTask' }],
    ends: 'inQueue.ending.askingEnd',
    sent: abandoned,
  },
  {
    title: 'E74, A5, A6: exactly one ClosedMessage, and it is CLOSED that closes the conversation',
    given: [...toTalking, end],
    steps: [{ answers: 'endTask' }, { task: 'closed' }],
    ends: 'closed.closingConversation',
    sent: closedNotice,
  },
  {
    title: 'A5, E53: End Task answered 404 means nobody will send CLOSED: closed at once',
    given: [...toQueued, end],
    steps: [{ fails: 'endTask', code: 'notFound' }],
    ends: 'closed.closingConversation',
    sent: closedNotice,
  },
  {
    title: 'A5, E53: End Task that failed otherwise waits for CLOSED like any other',
    given: [...toQueued, end],
    steps: [{ fails: 'endTask', code: 'failed' }],
    ends: 'inQueue.ending.awaitingClosed',
    sent: [],
  },
  {
    title: 'A5: End Task that is never answered waits for CLOSED too',
    given: [...toTalking, end],
    steps: [{ timer: 'askTimeout' }],
    ends: 'active.ending.awaitingClosed',
    sent: [],
  },
  ...(
    [
      ['in the queue', toQueued],
      ['with an agent', toTalking],
    ] as const
  ).map(
    ([where, given]): Story => ({
      title: `A5, E41: CLOSED that never comes after End Task is not waited for for ever (${where})`,
      given: [...given, end, { answers: 'endTask' }],
      steps: [{ timer: 'closedWait' }],
      ends: 'closed.closingConversation',
      sent: closedNotice,
    }),
  ),
])

stories('While it is ending', [
  {
    title: 'E49: ROUTED after End Task adds nobody',
    given: [...toQueued, end, { answers: 'endTask' }],
    steps: [{ task: 'routed' }, { task: 'created' }, { task: 'queued', estimatedWaitSeconds: 60 }],
    ends: 'inQueue.ending.awaitingClosed',
    sent: [],
  },
  {
    title: 'E55: TRANSFERRED after End Task puts nothing back in',
    given: [...toTalking, end],
    steps: [{ task: 'transferred' }],
    ends: 'active.ending.askingEnd',
    sent: [],
  },
  {
    title: 'E54: what the customer writes waits for CLOSED and then begins a new conversation',
    given: [...toQueued, end],
    steps: [
      { says: 'Wait, one more' },
      { answers: 'endTask' },
      { says: 'Hello?' },
      { task: 'closed' },
      { answers: 'closeConversation' },
      { answers: 'createConversation', with: { conversationId: 'NEW2' } },
    ],
    ends: 'noConversation.menu',
    sent: [
      ...closedNotice,
      'createConversation: Wait, one more',
      'append Inbound: Hello?',
      ...bot('menu', '<welcome> <menu>'),
    ],
  },
  {
    title: 'SM9: ending it twice ends it once',
    given: [...toTalking, end],
    steps: [end, { answers: 'endTask' }, end],
    ends: 'active.ending.awaitingClosed',
    sent: [],
  },
])

stories('A conversation in which nobody speaks', [
  {
    title: 'policy idleTimeoutSeconds: it is ended, with the task',
    policy: { idleTimeoutSeconds: 600 },
    given: toTalking,
    steps: [{ timer: 'idleTimeout' }],
    ends: 'active.ending.askingEnd',
    sent: ['endTask CD_NORMAL_END_TASK'],
  },
  {
    title: 'policy idleTimeoutSeconds: every text starts the time anew',
    policy: { idleTimeoutSeconds: 600 },
    given: [...toTalking, { later: 500 }, { says: 'Still here' }],
    steps: [{ lateTimer: 'idleTimeout' }],
    ends: 'active.talking',
    sent: [],
  },
  {
    title: 'SM11: an agent who was replaced before is the one that counts',
    given: [...toTalking, { task: 'routed', agentId: '5022' }, { answers: 'addParticipant' }],
    steps: [{ task: 'routed', agentId }, end],
    ends: 'active.ending.askingEnd',
    sent: [`addParticipant ${agentId}`, ...ended],
  },
])
