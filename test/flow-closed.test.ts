/**
 * CLOSED_Flow: the task has ended, whoever ended it (flows.md section 9, CL1-CL4). "End Conversation" has its own tests.
 */
import { expect, test } from 'vitest'
import { type DispositionGroup, groupOf, dispositions as table } from '../machines/dispositions.ts'
import { conversationId, drive, type Step, type Texts, toCreated, toQueued, toTalking, toTask } from './drive.ts'
import { closedNotice, notice, type Story, stories } from './story.ts'

/** One disposition of each group of flows.md 2.8, and what no version of the product has sent yet. */
const dispositions = [
  'CD_NORMAL_END_TASK',
  'CD_TASK_TRANSFER_TIMEOUT',
  'CD_MAX_DIALOG_LIFETIME_EXCEEDED',
  'CD_TASK_CUSTOMER_ABANDON',
  'CD_TASK_ABANDONED_WHILE_OFFERED',
  'CD_TASK_INVALID_MEDIA_RESOURCE_ID',
  'CD_TASK_FAILED_SENDING_MR_REQUEST',
  'CD_FAILED_INVALID_SCRIPT_SELECTOR',
  'CD_FAILED_NO_TARGET',
  'CD_AGENT_LOGGED_OUT_DURING_DIALOG',
  'UNKNOWN',
  'CD_FAILED_OF_TOMORROW',
  '',
]

stories('Every disposition closes (CL3, CL4, A22, E69, E70)', [
  ...dispositions.flatMap((disposition): Story[] => [
    {
      title: `CL1-CL4, E69, E70: "${disposition}" closes a task that waits, and the customer is told once (E37)`,
      given: toQueued,
      steps: [{ task: 'closed', disposition }],
      ends: 'closed.closingConversation',
      sent: closedNotice,
    },
    {
      title: `CL1-CL4, E69, E70: "${disposition}" closes a conversation with an agent, and the customer is told once`,
      given: toTalking,
      steps: [{ task: 'closed', disposition }],
      ends: 'closed.closingConversation',
      sent: closedNotice,
    },
  ]),
])

const own: Texts = {
  ClosedMessageTimeout: '<in time>',
  ClosedMessageFailure: '<our fault>',
  ClosedMessageAbandon: '<as you wish>',
}
const inItsWords: Record<DispositionGroup, string> = {
  normal: '<ClosedMessage>',
  timeout: '<in time>',
  failure: '<our fault>',
  customer: '<as you wish>',
  unknown: '<ClosedMessage>',
}
const ways: [where: string, given: Step[]][] = [
  ['a task that is being created', toTask],
  ['a task that waits', toQueued],
  ['a conversation with an agent', toTalking],
]

stories('An asset with words of its own for how it ended (A22)', [
  ...dispositions.flatMap((disposition) =>
    ways.map(([where, given]): Story => {
      const text = inItsWords[groupOf(disposition)]
      return {
        title: `A22, CL4: "${disposition}" closes ${where} with ${text}`,
        texts: own,
        given,
        steps: [{ task: 'closed', disposition }],
        ends: 'closed.closingConversation',
        sent: [...(given === toTask ? ['updateConversation'] : []), ...notice('closed', text), 'closeConversation'],
      }
    }),
  ),
  {
    title: 'A22, A5: one that ends without CLOSED says nothing of how',
    texts: own,
    given: [...toQueued, { says: 'End Conversation' }, { answers: 'endTask' }],
    steps: [{ timer: 'closedWait' }],
    ends: 'closed.closingConversation',
    sent: closedNotice,
  },
])

const groups: [disposition: string, group: DispositionGroup][] = [
  ['CD_NORMAL_END_TASK', 'normal'],
  ['CD_MAX_DIALOG_LIFETIME_EXCEEDED', 'timeout'],
  ['CD_TASK_CUSTOMER_ABANDON', 'customer'],
  ['CD_TASK_ABANDONED_WHILE_OFFERED', 'customer'],
  ['CD_TASK_TRANSFER_TIMEOUT', 'failure'],
  ['CD_TASK_INVALID_MEDIA_RESOURCE_ID', 'failure'],
  ['CD_TASK_FAILED_SENDING_MR_REQUEST', 'failure'],
  ['CD_FAILED_INVALID_SCRIPT_SELECTOR', 'failure'],
  ['CD_FAILED_NO_TARGET', 'failure'],
  ['CD_AGENT_LOGGED_OUT_DURING_DIALOG', 'unknown'],
  ['CD_FAILED_OF_TOMORROW', 'unknown'],
  ['', 'unknown'],
  ['constructor', 'unknown'],
]
test.each(groups)('A22, E69, E70: "%s" is %s', (disposition, group) => expect(groupOf(disposition)).toBe(group))

test('A22: a disposition belongs to one group', () => {
  const codes = Object.values(table).flat()
  expect(new Set(codes).size).toBe(codes.length)
})

const closed: Step = { task: 'closed' }

stories('CLOSED', [
  {
    title: 'CL1: once Engage has closed it, the conversation rests',
    given: [...toTalking, closed],
    steps: [{ answers: 'closeConversation' }],
    ends: 'closed.resting',
    sent: [],
  },
  {
    title: 'E37: it may come before QUEUED and ROUTED',
    given: toCreated,
    steps: [closed],
    ends: 'closed.closingConversation',
    sent: closedNotice,
  },
  {
    title: 'E39: delivered twice it is told once',
    given: toTalking,
    steps: [closed, closed, { answers: 'closeConversation' }, closed],
    ends: 'closed.resting',
    sent: closedNotice,
  },
  {
    title: 'E38: webhooks that come after it change nothing',
    given: [...toTalking, closed, { answers: 'closeConversation' }],
    steps: [{ task: 'created' }, { task: 'queued', estimatedWaitSeconds: 60 }, { task: 'transferred' }],
    ends: 'closed.resting',
    sent: [],
  },
  {
    title: "E75: another task's end closes nothing",
    given: toTalking,
    steps: [{ task: 'closed', taskId: 'another' }],
    ends: 'active.talking',
    sent: [],
  },
  {
    title: "E75: the last conversation's task ends late and does not close the new one",
    given: [
      ...toTalking,
      closed,
      { answers: 'closeConversation' },
      { says: 'Again' },
      { answers: 'createConversation' },
    ],
    steps: [{ says: '1' }, { task: 'closed', taskId: '01234567-89ab-8cde-8f00-000100000000' }],
    ends: 'noConversation.creatingTask.wanted',
    sent: ['append Inbound: 1', 'createTask Billing'],
  },
  {
    title: 'E71: Engage that refuses to close is reported to people; nothing is told again, and the customer may write',
    given: [...toTalking, closed],
    steps: [{ fails: 'closeConversation' }, { says: 'Hi' }],
    ends: 'noConversation.creatingConversation',
    sent: ['alert conversation-not-closed', 'createConversation: Hi'],
  },
  {
    title: 'E71: Engage that never answers is reported the same way',
    given: [...toTalking, closed],
    steps: [{ timer: 'askTimeout' }, { late: 'closeConversation' }],
    ends: 'closed.resting',
    sent: ['alert conversation-not-closed'],
  },
  {
    title: 'policy retentionDays: a conversation that rests long enough is archived',
    policy: { retentionDays: 1 },
    given: [...toTalking, closed, { answers: 'closeConversation' }],
    steps: [{ timer: 'retention' }],
    ends: 'closed.archived',
    sent: [],
  },
])

test('CL1: the conversation that is closed is the one that was open', () => {
  const { effects } = drive().play(...toTalking, closed)
  expect(effects.find(({ type }) => type === 'closeConversation')?.payload).toEqual({ conversationId })
})
