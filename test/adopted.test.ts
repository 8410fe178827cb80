/**
 * Conversations that began elsewhere: Engage knows them and we did not (SM2, SM3). They are ours from then on; their task
 * is known once a webhook names it, matched by the conversation's id (user_DR_MediaResourceID).
 */
import type { SearchOutput } from '../machines/effects.ts'
import { actor, agentId, type Step } from './drive.ts'
import {
  bot,
  closedByBot,
  closedNotice,
  createdNotice,
  routedNotice,
  type Story,
  stories,
  waitNotice,
} from './story.ts'

const found = (outcome: SearchOutput['outcome'], says = 'Hi'): Step[] => [
  { says },
  {
    answers: 'searchConversation',
    with: {
      outcome,
      conversationId: 'ELSEWHERE1',
      agentId: outcome === 'conversationInQueue' ? '' : agentId,
    } satisfies SearchOutput,
  },
]
const inQueue = found('conversationInQueue')
const active = found('conversationActive')
const onHold = found('conversationOnHold')
const taskId = 'a-task-of-theirs'
const closed: Step = { task: 'closed', taskId }

stories('The search found one (SM2, SM3)', [
  {
    title: 'SM2 conversationActive: the text is appended, and the agent talks on',
    steps: active,
    ends: 'active.talking',
    sent: ['searchConversation', 'append Inbound: Hi'],
  },
  {
    title: 'SM2 conversationInQueue: the text is appended, and the task waits on',
    steps: inQueue,
    ends: 'inQueue.queued',
    sent: ['searchConversation', 'append Inbound: Hi'],
  },
  {
    title: 'SM2 conversationOnHold, A36: the text is appended, nothing else',
    steps: onHold,
    ends: 'active.onHold',
    sent: ['searchConversation', 'append Inbound: Hi'],
  },
  {
    title: 'SM2 conversationClosed: it is not ours; a new one is begun',
    steps: found('conversationClosed'),
    ends: 'noConversation.creatingConversation',
    sent: ['searchConversation', 'createConversation: Hi'],
  },
  {
    title: 'E1, SM3: all texts that came during the search are appended in order',
    steps: [{ says: 'First' }, ...active],
    ends: 'active.talking',
    sent: ['searchConversation', 'append Inbound: First', 'append Inbound: Hi'],
  },
  {
    title: 'SM3, A36: what comes later is appended, and held stays held',
    given: onHold,
    steps: [{ says: 'Are you there?' }],
    ends: 'active.onHold',
    sent: ['append Inbound: Are you there?'],
  },
  {
    title: 'SM12: a masked text is noticed',
    steps: [{ says: '************1111', scan: 'masked' }, active[1]!],
    ends: 'active.talking',
    sent: [
      'searchConversation',
      'append Inbound: ************1111',
      ...bot('sensitive-data-notice', '<sensitiveDataNotice>'),
    ],
  },
])

stories('Webhooks of its task, matched by the conversation id (A40, A45)', [
  {
    title: 'RO2: ROUTED adds the agent',
    given: inQueue,
    steps: [{ task: 'routed', taskId }, { answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: ['addParticipant 5021', ...routedNotice],
  },
  {
    title: 'E57: ROUTED of the agent who is there already adds nobody',
    given: active,
    steps: [{ task: 'routed', taskId }],
    ends: 'active.talking',
    sent: [],
  },
  {
    title: 'CR1, QU1: CREATED and estimates are told',
    given: inQueue,
    steps: [
      { task: 'created', taskId },
      { task: 'queued', taskId, estimatedWaitSeconds: 60 },
    ],
    ends: 'inQueue.queued',
    sent: [...createdNotice, ...waitNotice(1)],
  },
  {
    title: 'TR3: TRANSFERRED puts the same task back in',
    given: active,
    steps: [{ task: 'transferred', taskId, scriptSelector: 'Sales' }, { answers: 'removeParticipant' }],
    ends: 'inQueue.transferring.recreatingTask',
    sent: ['removeParticipant 5021', 'createTask Sales'],
  },
  ...[inQueue, active, onHold].map(
    (given): Story => ({
      title: `CL1, CL2: CLOSED closes ${Object.values((given[1] as { with: SearchOutput }).with)[0]}`,
      given,
      steps: [closed],
      ends: 'closed.closingConversation',
      sent: closedNotice,
    }),
  ),
  {
    title: 'A40: a webhook of another conversation changes nothing',
    given: inQueue,
    steps: [{ ...closed, mediaResourceId: 'ANOTHER' }],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'A40: once the task is known, its id alone decides',
    given: [...inQueue, { task: 'queued', taskId }],
    steps: [
      { task: 'routed', taskId: 'another' },
      { task: 'closed', taskId, mediaResourceId: '' },
    ],
    ends: 'closed.closingConversation',
    sent: closedNotice,
  },
])

const endIn = (outcome: SearchOutput['outcome']) => found(outcome, 'End Conversation')
const end: Step = { says: 'End Conversation' }

stories('"End Conversation" of one whose task nobody told us (A45)', [
  {
    title: 'A45: it waits for the task id; a webhook brings it, and the task is ended',
    given: inQueue,
    steps: [end, { task: 'queued', taskId }],
    ends: 'inQueue.ending.askingEnd',
    sent: ['append Inbound: End Conversation', 'endTask CD_TASK_CUSTOMER_ABANDON'],
  },
  {
    title: 'A45, SM11: with an agent the task ends normally',
    given: active,
    steps: [end, { task: 'routed', taskId }],
    ends: 'active.ending.askingEnd',
    sent: ['append Inbound: End Conversation', 'endTask CD_NORMAL_END_TASK'],
  },
  {
    title: 'A45: when no webhook brings it in time, the conversation closes',
    given: inQueue,
    steps: [end, { timer: 'taskIdWait' }],
    ends: 'closed.closingConversation',
    sent: ['append Inbound: End Conversation', ...closedNotice],
  },
  {
    title: 'A45: with the task known already, it is ended at once',
    given: [...inQueue, { task: 'queued', taskId }],
    steps: [end],
    ends: 'inQueue.ending.askingEnd',
    sent: ['append Inbound: End Conversation', 'endTask CD_TASK_CUSTOMER_ABANDON'],
  },
  {
    title: 'A7, A45: as the first text to a conversation that waits it ends that conversation',
    steps: [...endIn('conversationInQueue'), { timer: 'taskIdWait' }],
    ends: 'closed.closingConversation',
    sent: ['searchConversation', 'append Inbound: End Conversation', ...closedNotice],
  },
  ...(['conversationActive', 'conversationOnHold'] as const).map(
    (outcome): Story => ({
      title: `A7, A36, A45: as the first text to ${outcome} it ends that conversation`,
      steps: [...endIn(outcome), closed],
      ends: 'closed.closingConversation',
      sent: ['searchConversation', 'append Inbound: End Conversation', ...closedNotice],
    }),
  ),
  {
    title: 'A6: as the first text to a closed one it says closed once and begins nothing',
    steps: endIn('conversationClosed'),
    ends: 'closed.resting',
    sent: ['searchConversation', closedByBot[0]!],
  },
])

stories('A task of theirs', [
  {
    title: `E75: that has ended does not take the new conversation of ${actor.slice(0, 4)} with it`,
    given: [...inQueue, closed, { answers: 'closeConversation' }, { says: 'New' }],
    steps: [closed, { answers: 'createConversation' }],
    ends: 'noConversation.menu',
    sent: bot('menu', '<welcome> <menu>'),
  },
])
