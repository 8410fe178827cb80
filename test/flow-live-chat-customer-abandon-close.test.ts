/**
 * Live_Chat_Customer_Abandon_Close_Flow: the customer closes the window, in every stage of a chat (flows.md section 9,
 * LX1-LX7). Every story is told of both machines of live chat; while a callback is under way, closing the window has its
 * stories in `flow-live-chat-inbound-with-web-callback.test.ts`.
 */
import type { SearchOutput } from '../machines/effects.ts'
import {
  chats,
  endsIt,
  form,
  leaves,
  toChatClosed,
  toChatCreated,
  toChatQueued,
  toChatRecreating,
  toChatTalking,
  toChatTask,
  toChatTransferring,
  toForm,
} from './chat.ts'
import { agentId, type Step } from './drive.ts'
import { closedNotice, failedTransfer, routedNotice, type Story } from './story.ts'

const abandoned: Step = { task: 'closed', disposition: 'CD_TASK_CUSTOMER_ABANDON' }
const abandon = ['endTask CD_TASK_CUSTOMER_ABANDON']
const toldAgent = ['append Announcement: <customerLeft>']
const backIn: Step = { says: 'Back again', thread: 'T2' }

chats('before there is a task', [
  {
    title: 'LX5, E52: with no conversation nothing happens',
    steps: [leaves],
    ends: 'noConversation.idle',
    sent: [],
  },
  {
    title:
      'LX6, E17: during the form the conversation is closed, with no task and nothing said to a closed window (A23)',
    given: toForm,
    steps: [leaves],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  {
    title: 'LX6: a form that was under way then makes no task',
    given: toForm,
    steps: [leaves, { form: { Query: 'Billing' } }, { answers: 'closeConversation' }],
    ends: 'closed.resting',
    sent: ['closeConversation'],
  },
  {
    title: 'LX5: during the search nothing is created any more',
    given: [{ says: 'Hello' }],
    steps: [leaves, { answers: 'searchConversation' }],
    ends: 'closed.resting',
    sent: [],
  },
  {
    title: 'LX6: while the conversation is being created it is closed as soon as it exists, without a form',
    given: toForm.slice(0, 2),
    steps: [leaves, { answers: 'createConversation' }],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  {
    title: 'E1: who writes again from a new window before it is created goes on there',
    given: toForm.slice(0, 2),
    steps: [leaves, backIn, { answers: 'createConversation' }],
    ends: 'noConversation.preChatForm',
    sent: ['append Inbound: Back again', `${form[0]} @T2`],
  },
])

const found = (outcome: SearchOutput['outcome']): Step[] => {
  const output: SearchOutput = {
    outcome,
    conversationId: 'ELSEWHERE1',
    agentId: outcome === 'conversationInQueue' ? '' : agentId,
  }
  return [{ says: 'Hello' }, leaves, { answers: 'searchConversation', with: output }]
}

chats('during a search that finds one', [
  ...(['conversationActive', 'conversationOnHold'] as const).map(
    (outcome): Story => ({
      title: `LX2: ${outcome}: the message is appended, the agent is told, and nothing is ended`,
      steps: found(outcome),
      ends: 'active.customerLeft',
      sent: ['searchConversation', 'append Inbound: Hello', ...toldAgent],
    }),
  ),
  {
    title: 'LX3, A45: conversationInQueue: its task is ended as soon as a webhook names it',
    steps: [...found('conversationInQueue'), { task: 'queued', taskId: 'theirs' }],
    ends: 'inQueue.ending.askingEnd',
    sent: ['searchConversation', 'append Inbound: Hello', ...abandon],
  },
])

chats('waiting for an agent (LX3, A3)', [
  {
    title: 'E33, LX3: while the task is being created, it is ended as soon as it exists',
    given: toChatTask,
    steps: [leaves, { answers: 'createTask' }],
    ends: 'inQueue.ending.askingEnd',
    sent: abandon,
  },
  {
    title: 'E33, E36: also when a webhook proves it first',
    given: toChatTask,
    steps: [leaves, { task: 'created' }],
    ends: 'inQueue.ending.askingEnd',
    sent: abandon,
  },
  {
    title: 'E33: a task that could not be created needs no end, and nothing is said to a closed window (A23)',
    given: toChatTask,
    steps: [leaves, { fails: 'createTask' }],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  {
    title: 'E33: nor does one that was never answered; made late it is ended (T10)',
    given: toChatTask,
    steps: [leaves, { timer: 'askTimeout' }, { late: 'createTask' }],
    ends: 'closed.closingConversation',
    sent: ['closeConversation', ...abandon],
  },
  ...([toChatCreated, toChatQueued] as const).map(
    (given): Story => ({
      title: `LX3, LX7, E48: ${given === toChatCreated ? 'accepted' : 'queued'}, the task is abandoned; CLOSED closes, and nothing is said`,
      given,
      steps: [leaves, { answers: 'endTask' }, abandoned, { answers: 'closeConversation' }],
      ends: 'closed.resting',
      sent: [...abandon, 'closeConversation'],
    }),
  ),
  {
    title: 'E49: ROUTED after it adds nobody',
    given: toChatQueued,
    steps: [leaves, { answers: 'endTask' }, { task: 'routed' }, { task: 'closed' }],
    ends: 'closed.closingConversation',
    sent: [...abandon, 'closeConversation'],
  },
  {
    title: 'E51: closed twice it is ended once, before and after End Task was answered',
    given: toChatQueued,
    steps: [leaves, leaves, { answers: 'endTask' }, leaves],
    ends: 'inQueue.ending.awaitingClosed',
    sent: abandon,
  },
  {
    title: 'E51, E74: after "End Conversation" it ends nothing again, and closed is not told to a closed window (A23)',
    given: [...toChatQueued, endsIt],
    steps: [leaves, { answers: 'endTask' }, abandoned],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  {
    title:
      'E54, A23: what was written while it ended begins a conversation; closed before that, its window gets no form',
    given: [...toChatQueued, { says: 'End Conversation' }, { says: 'One more thing' }, leaves],
    steps: [
      { answers: 'endTask' },
      abandoned,
      { answers: 'closeConversation' },
      { answers: 'createConversation', with: { conversationId: 'NEW2' } },
    ],
    ends: 'closed.closingConversation',
    sent: ['closeConversation', 'createConversation: One more thing', 'closeConversation'],
  },
  {
    title: 'E53, A5: a task that is gone closes at once',
    given: [...toChatQueued, leaves],
    steps: [{ fails: 'endTask', code: 'notFound' }],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  {
    title: 'E53, A5: an End Task that fails still waits for CLOSED, and closes without it after a while',
    given: [...toChatQueued, leaves],
    steps: [{ fails: 'endTask' }, { timer: 'closedWait' }],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  {
    title:
      'E54: who writes again before CLOSED waits for it, then begins anew in the new window, and reads no old farewell',
    given: [...toChatQueued, leaves, { answers: 'endTask' }],
    steps: [backIn, abandoned, { answers: 'closeConversation' }, { answers: 'createConversation' }],
    ends: 'noConversation.preChatForm',
    sent: ['closeConversation', 'createConversation: Back again', `${form[0]} @T2`],
  },
  {
    title: 'E55: while an agent is being removed, the task is ended and not put back in',
    given: toChatTransferring,
    steps: [leaves, { late: 'removeParticipant' }],
    ends: 'inQueue.ending.askingEnd',
    sent: abandon,
  },
  {
    title: 'E55: while the task is being put back in, it is ended',
    given: toChatRecreating,
    steps: [leaves, { late: 'recreateTask' }],
    ends: 'inQueue.ending.askingEnd',
    sent: abandon,
  },
  {
    title: 'E51, A21: after a transfer failed the task is being ended already',
    given: [...toChatRecreating, { fails: 'recreateTask' }],
    steps: [leaves, { answers: 'endTask' }, leaves, { task: 'closed' }],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  {
    title: 'TR5, A23: a transfer that fails after the customer has left is not told to a closed window',
    given: [...toChatTalking, leaves, { task: 'transferred' }, { answers: 'removeParticipant' }],
    steps: [{ fails: 'recreateTask' }],
    ends: 'inQueue.transferFailed.askingEnd',
    sent: abandon,
  },
])

chats('with an agent (LX2, A3, A4)', [
  {
    title: 'LX2, LX7, E50: the agent is told, and no task is ended',
    given: toChatTalking,
    steps: [leaves],
    ends: 'active.customerLeft',
    sent: toldAgent,
  },
  {
    title: 'E51: twice is told once',
    given: toChatTalking,
    steps: [leaves, leaves],
    ends: 'active.customerLeft',
    sent: toldAgent,
  },
  {
    title: 'LX2: the agent completes the task; nothing is said to a closed window (A23)',
    given: [...toChatTalking, leaves],
    steps: [{ task: 'closed' }, { answers: 'closeConversation' }],
    ends: 'closed.resting',
    sent: ['closeConversation'],
  },
  {
    title: 'LX2: on the way in, the agent finds the note, and the customer is not told of them (A23)',
    given: [...toChatQueued, { task: 'routed' }],
    steps: [leaves, leaves, { answers: 'addParticipant' }],
    ends: 'active.customerLeft',
    sent: toldAgent,
  },
  {
    title: 'LX2: a window that does not say which one it was is the one there is',
    given: toChatTalking,
    steps: [{ closes: undefined }],
    ends: 'active.customerLeft',
    sent: toldAgent,
  },
  {
    title: 'LX1: who writes again from a new window talks on with the agent, and may leave again',
    given: [...toChatTalking, leaves],
    steps: [backIn, { closes: 'T2' }],
    ends: 'active.customerLeft',
    sent: ['append Inbound: Back again', ...toldAgent],
  },
  {
    title: 'CL2: what is said then goes to the new window',
    given: [...toChatTalking, leaves, backIn],
    steps: [{ task: 'closed' }],
    ends: 'closed.closingConversation',
    sent: [`${closedNotice[0]} @T2`, ...closedNotice.slice(1)],
  },
  {
    title: 'TR1-TR4, A23: the agent may still hand over; the next one is added, and the customer told nothing',
    given: [...toChatTalking, leaves],
    steps: [
      { task: 'transferred', scriptSelector: 'Support' },
      { answers: 'removeParticipant' },
      { answers: 'recreateTask' },
      { task: 'created' },
      { task: 'routed', agentId: '5022' },
      { answers: 'addParticipant' },
    ],
    ends: 'active.customerLeft',
    sent: ['removeParticipant 5021', 'createTask Support', 'addParticipant 5022'],
  },
  {
    title: 'E51, A4: after "End Conversation" the agent is told too, and closed is not told to a closed window (A23)',
    given: [...toChatTalking, endsIt],
    steps: [leaves, { answers: 'endTask' }, { task: 'closed' }],
    ends: 'closed.closingConversation',
    sent: [...toldAgent, 'closeConversation'],
  },
  {
    title: 'policy idleTimeoutSeconds: an agent who never completes it does not keep it for ever',
    policy: { idleTimeoutSeconds: 600 },
    given: [...toChatTalking, leaves],
    steps: [{ timer: 'idleTimeout' }],
    ends: 'active.ending.askingEnd',
    sent: ['endTask CD_NORMAL_END_TASK'],
  },
])

chats('an earlier window', [
  ...(
    [
      ['the form', toForm, 'noConversation.preChatForm', form.map((line) => `${line} @T2`)],
      ['the queue', toChatQueued, 'inQueue.queued', []],
      ['a talk', toChatTalking, 'active.talking', []],
    ] as const
  ).map(
    ([where, given, ends, again]): Story => ({
      title: `LX1: in ${where}, closing the window that the customer has left for another ends nothing`,
      given,
      steps: [backIn, leaves],
      ends,
      sent: ['append Inbound: Back again', ...again],
    }),
  ),
  {
    title: 'LX1: nor while the conversation is being found',
    given: [{ says: 'Hello' }, backIn],
    steps: [leaves, { answers: 'searchConversation' }],
    ends: 'noConversation.creatingConversation',
    sent: ['createConversation: Hello'],
  },
  {
    title: 'RO3: nor while an agent is on the way in',
    given: [...toChatQueued, backIn, { task: 'routed' }],
    steps: [leaves, { answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: [`${routedNotice[0]} @T2`, ...routedNotice.slice(1)],
  },
])

chats('afterwards', [
  {
    title: 'LX5, E52: closed, nothing happens',
    given: toChatClosed,
    steps: [leaves],
    ends: 'closed.resting',
    sent: [],
  },
  {
    title: 'LX5, E52: nor while it is being closed',
    given: [...toChatTalking, { task: 'closed' }],
    steps: [leaves],
    ends: 'closed.closingConversation',
    sent: [],
  },
  {
    title: 'LX5, E52: nor once it is archived',
    policy: { retentionDays: 1 },
    given: [...toChatClosed, { timer: 'retention' }],
    steps: [leaves],
    ends: 'closed.archived',
    sent: [],
  },
  {
    title: 'A23, LX5: a message that turns out lost after the window was closed is not told of there',
    given: [...toChatClosed, leaves],
    steps: [{ lost: 'appendConversation', direction: 'Inbound' }],
    ends: 'closed.resting',
    sent: [],
  },
  {
    title: 'A23, E54: who wrote from a new window while it ended, and closed that too, gets nothing there',
    given: [...toChatTalking, endsIt, backIn, { closes: 'T2' }, { answers: 'endTask' }, { task: 'closed' }],
    steps: [{ answers: 'closeConversation' }, { answers: 'createConversation' }],
    ends: 'closed.closingConversation',
    sent: ['createConversation: Back again', 'closeConversation'],
  },
  {
    title: 'A23, E54: the same where the closed window is not named',
    given: [...toChatTalking, { task: 'closed' }, backIn, { closes: undefined }],
    steps: [{ answers: 'closeConversation' }, { answers: 'createConversation' }],
    ends: 'closed.closingConversation',
    sent: ['createConversation: Back again', 'closeConversation'],
  },
  {
    title: 'E54, A7: who has written again, and then ends that too, is told that it is over and gets no form',
    given: [...toChatTalking, { task: 'closed' }, { says: 'Hello' }, leaves, endsIt],
    steps: [{ answers: 'closeConversation' }, { answers: 'createConversation' }],
    ends: 'closed.closingConversation',
    sent: [
      'createConversation: Hello',
      'append Inbound: End Conversation',
      'send closed: <ClosedMessage>',
      'append Outbound: <ClosedMessage>',
      'closeConversation',
    ],
  },
  {
    title: 'A23, A1: who writes again in a window that was closed is there again',
    given: [...toChatTalking, leaves, { task: 'closed' }],
    steps: [{ says: 'Hello' }, { answers: 'closeConversation' }, { answers: 'createConversation' }],
    ends: 'noConversation.preChatForm',
    sent: ['createConversation: Hello', ...form],
  },
  {
    title: 'E54: a window closed earlier does not end the conversation that another one waits for',
    given: [...toChatTalking, { task: 'closed' }, backIn, leaves],
    steps: [{ answers: 'closeConversation' }, { answers: 'createConversation' }],
    ends: 'noConversation.preChatForm',
    sent: ['createConversation: Back again', `${form[0]} @T2`],
  },
  {
    title: 'A1: who writes again later begins anew, and is told of it again',
    given: [...toChatTalking, leaves, { task: 'closed' }, { answers: 'closeConversation' }],
    steps: [backIn, { answers: 'createConversation' }],
    ends: 'noConversation.preChatForm',
    sent: ['createConversation: Back again', `${form[0]} @T2`],
  },
  {
    title: 'A21: an apology for a failed transfer was told while the window was open; what follows is not',
    given: toChatRecreating,
    steps: [{ fails: 'recreateTask' }, leaves, { timer: 'askTimeout' }, { timer: 'closedWait' }],
    ends: 'closed.closingConversation',
    sent: [...failedTransfer, ...abandon, 'closeConversation'],
  },
])
