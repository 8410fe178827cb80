/**
 * TRANSFERRED_Flow: the agent leaves, the task goes back in, the customer is told; or an apology and an end
 * (flows.md section 9, TR1-TR6).
 */
import { describe, expect, test } from 'vitest'
import type { AskErrorCode } from '../machines/effects.ts'
import {
  agentId,
  at,
  conversationId,
  drive,
  type Step,
  toQueued,
  toRecreating,
  toTalking,
  toTransferring,
} from './drive.ts'
import { failedTransfer, routedNotice, type Story, stories, transferredNotice } from './story.ts'

const transferred: Step = { task: 'transferred', scriptSelector: 'Support' }
const failed = [...failedTransfer, 'endTask CD_TASK_CUSTOMER_ABANDON']

const causes = ['CD_TASK_TRANSFER', 'CD_RING_NO_ANSWER', 'CD_TASK_TRANSFERRED_ON_AGENT_LOGOUT']

stories('A transfer', [
  ...causes.map(
    (cause): Story => ({
      title: `TR1-TR4: ${cause} removes the agent, then puts the task back in, then tells the customer`,
      given: toTalking,
      steps: [{ ...transferred, cause }, { answers: 'removeParticipant' }, { answers: 'recreateTask' }],
      ends: 'inQueue.created',
      sent: ['removeParticipant 5021', 'createTask Support', ...transferredNotice],
    }),
  ),
  {
    title: 'TR2: the task is not put back in before the agent has left',
    given: toTalking,
    steps: [transferred],
    ends: 'inQueue.transferring.removingAgent',
    sent: ['removeParticipant 5021'],
  },
  {
    title: 'TR2, E59: with nobody to remove, the task goes back in at once',
    given: toQueued,
    steps: [{ ...transferred, agentId: '' }],
    ends: 'inQueue.transferring.recreatingTask',
    sent: ['createTask Support'],
  },
  {
    title: 'TR6, E60: without a selector of its own (logout) the task keeps the old one',
    given: toTalking,
    steps: [{ task: 'transferred' }, { answers: 'removeParticipant' }],
    ends: 'inQueue.transferring.recreatingTask',
    sent: ['removeParticipant 5021', 'createTask Billing'],
  },
  {
    title: 'E58: the next agent joins and is announced like the first',
    given: [...toRecreating, { answers: 'recreateTask' }, { task: 'queued' }],
    steps: [{ task: 'routed', agentId: '5022' }, { answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: ['addParticipant 5022', ...routedNotice],
  },
  {
    title: 'E59: an agent who never answers may do so any number of times; each round is told once',
    given: toTalking,
    steps: [
      transferred,
      { answers: 'removeParticipant' },
      { answers: 'recreateTask' },
      { task: 'routed' },
      transferred,
      { answers: 'removeParticipant' },
      { answers: 'recreateTask' },
    ],
    ends: 'inQueue.created',
    sent: [
      'removeParticipant 5021',
      'createTask Support',
      ...transferredNotice,
      'addParticipant 5021',
      'removeParticipant 5021',
      'createTask Support',
      ...transferredNotice,
    ],
  },
  {
    title: 'E65: TRANSFERRED twice puts the task back in once',
    given: toTalking,
    steps: [
      { ...transferred, at: at(20) },
      { ...transferred, at: at(20) },
      { answers: 'removeParticipant' },
      { ...transferred, at: at(20) },
      { answers: 'recreateTask' },
      { ...transferred, at: at(20) },
    ],
    ends: 'inQueue.created',
    sent: ['removeParticipant 5021', 'createTask Support', ...transferredNotice],
  },
  {
    title: 'E65: a transfer of before the last one, arriving with the next agent, changes nothing',
    given: [
      ...toTalking,
      { ...transferred, at: at(20) },
      { answers: 'removeParticipant' },
      { answers: 'recreateTask' },
      { task: 'routed', agentId: '5022', at: at(40) },
    ],
    steps: [{ ...transferred, at: at(19) }],
    ends: 'active.addingAgent.asking',
    sent: [],
  },
  {
    title: 'E75: the transfer of another task changes nothing',
    given: toTalking,
    steps: [{ ...transferred, taskId: 'another' }],
    ends: 'active.talking',
    sent: [],
  },
  {
    title: 'A44, E68: what the customer writes meanwhile is appended',
    given: toTransferring,
    steps: [{ says: 'Hello?' }, { answers: 'removeParticipant' }, { says: 'Anybody?' }],
    ends: 'inQueue.transferring.recreatingTask',
    sent: ['append Inbound: Hello?', 'createTask Support', 'append Inbound: Anybody?'],
  },
  {
    title: 'E36, TR4: QUEUED before the answer to the re-creation proves it; the answer then changes nothing',
    given: toRecreating,
    steps: [{ task: 'queued' }, { late: 'recreateTask' }],
    ends: 'inQueue.queued',
    sent: transferredNotice,
  },
  {
    title: 'E36, TR4: so does ROUTED, and the next agent is added',
    given: toRecreating,
    steps: [{ task: 'routed', agentId: '5022' }],
    ends: 'active.addingAgent.asking',
    sent: [...transferredNotice, 'addParticipant 5022'],
  },
  {
    title: 'E36, T10: QUEUED and ROUTED of before the transfer prove nothing',
    given: toRecreating,
    steps: [
      { task: 'queued', at: at(5) },
      { task: 'routed', at: at(6) },
    ],
    ends: 'inQueue.transferring.recreatingTask',
    sent: [],
  },
  {
    title: 'E58, T10: ROUTED while the agent is leaving adds nobody',
    given: toTransferring,
    steps: [{ task: 'routed', at: at(6) }],
    ends: 'inQueue.transferring.removingAgent',
    sent: [],
  },
])

const codes: AskErrorCode[] = ['queueFull', 'tooManyRequests', 'serviceUnavailable', 'refused', 'notFound', 'failed']

stories('A transfer that fails (TR5)', [
  ...codes.map(
    (code): Story => ({
      title: `TR5, A21, E63: the task cannot go back in (${code}): the customer is told, and the task is ended`,
      given: toRecreating,
      steps: [{ fails: 'recreateTask', code }],
      ends: 'inQueue.transferFailed.askingEnd',
      sent: failed,
    }),
  ),
  {
    title: 'TR5, A20, E62: the agent cannot be removed: the same, and the task is not put back in',
    given: toTransferring,
    steps: [{ fails: 'removeParticipant' }],
    ends: 'inQueue.transferFailed.askingEnd',
    sent: failed,
  },
  {
    title: 'TR6, E64: 14 s over while the agent is leaving: the same',
    given: toTransferring,
    steps: [{ timer: 'transferDeadline' }],
    ends: 'inQueue.transferFailed.askingEnd',
    sent: failed,
  },
  {
    title: 'TR6, E64: 14 s over while the task goes back in: the same, and the late answer is left at the End Task',
    given: toRecreating,
    steps: [{ timer: 'transferDeadline' }, { late: 'recreateTask' }],
    ends: 'inQueue.transferFailed.askingEnd',
    sent: failed,
  },
  {
    title: 'E64: CLOSED with CD_TASK_TRANSFER_TIMEOUT: one message, and no End Task for a task that is gone',
    given: toRecreating,
    steps: [{ task: 'closed', disposition: 'CD_TASK_TRANSFER_TIMEOUT' }],
    ends: 'closed.closingConversation',
    sent: [...failedTransfer, 'closeConversation'],
  },
  {
    title: 'A21: the CLOSED that follows closes the conversation and says nothing more',
    given: [...toRecreating, { fails: 'recreateTask' }, { answers: 'endTask' }],
    steps: [{ task: 'closed' }],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  {
    title: 'A21: CLOSED before the answer to End Task does the same',
    given: [...toRecreating, { fails: 'recreateTask' }],
    steps: [{ task: 'closed' }],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  {
    title: 'A21, E53: End Task answered 404 closes at once',
    given: [...toRecreating, { fails: 'recreateTask' }],
    steps: [{ fails: 'endTask', code: 'notFound' }],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  {
    title: 'A21: CLOSED that never comes is not waited for for ever',
    given: [...toRecreating, { fails: 'recreateTask' }, { fails: 'endTask' }],
    steps: [{ timer: 'closedWait' }],
    ends: 'closed.closingConversation',
    sent: ['closeConversation'],
  },
  {
    title: 'A21: End Task that is never answered waits for CLOSED too',
    given: [...toRecreating, { fails: 'recreateTask' }],
    steps: [{ timer: 'askTimeout' }],
    ends: 'inQueue.transferFailed.awaitingClosed',
    sent: [],
  },
  {
    title: 'TR5, E54: what the customer writes after the apology begins a new conversation once this one is closed',
    given: [...toRecreating, { fails: 'recreateTask' }],
    steps: [{ says: 'Then again' }, { task: 'closed' }, { answers: 'closeConversation' }],
    ends: 'noConversation.creatingConversation',
    sent: ['closeConversation', 'createConversation: Then again'],
  },
  {
    title: 'TR5: webhooks of a transfer that failed change nothing',
    given: [...toRecreating, { fails: 'recreateTask' }],
    steps: [{ task: 'created' }, { task: 'queued', estimatedWaitSeconds: 60 }, { task: 'routed' }, transferred],
    ends: 'inQueue.transferFailed.askingEnd',
    sent: [],
  },
])

describe('What the calls of a transfer carry', () => {
  test('TR2: the leaving agent is removed from the conversation of the task', () => {
    const { effects } = drive().play(...toTransferring)
    expect(effects[0]?.payload).toEqual({ conversationId, agentId })
  })

  test('TR2, E58: who leaves is the agent that the event names, not the one we knew', () => {
    const { effects } = drive().play(...toTalking, { ...transferred, agentId: '5099' })
    expect(effects[0]?.payload).toEqual({ conversationId, agentId: '5099' })
  })

  test('TR3, TR6, E61: the task goes back in under its own id, with the new selector and the changed variables', () => {
    const conversation = drive()
    conversation.play(...toQueued, { task: 'routed', variables: { cv_1: 'Silver', user_DR_Primary: 'a.example' } })
    const { taskId } = conversation.context()
    const { effects } = conversation.play(
      { ...transferred, variables: { cv_1: 'Gold', Note: 'angry' } },
      { answers: 'removeParticipant' },
    )
    const payload = effects[0]?.payload as { variables: { key: string }[] }
    expect(payload).toMatchObject({
      taskId,
      scriptSelector: 'Support',
      variables: expect.arrayContaining([
        { key: 'cv_1', value: 'Gold' },
        { key: 'Note', value: 'angry' },
        { key: 'user_DR_MediaResourceID', value: conversationId },
      ]),
    })
    expect(payload.variables.map(({ key }) => key)).not.toContain('user_DR_Primary')
  })

  test('A20, TR6: the removal has 10 s, the re-creation what is left of 14 s', () => {
    const conversation = drive()
    expect(conversation.play(...toTransferring).effects[0]?.withinMs).toBe(10_000)
    expect(conversation.play({ later: 5 }, { answers: 'removeParticipant' }).effects[0]?.withinMs).toBe(8_000)
  })

  test('TR6: with no agent to remove the re-creation has all of it', () => {
    expect(drive().play(...toQueued, { ...transferred, agentId: '' }).effects[0]?.withinMs).toBe(14_000)
  })

  test('TR6: the deadline counts from the moment TRANSFERRED was heard, over both calls', () => {
    const conversation = drive()
    conversation.play(...toTransferring)
    const heard_ms = conversation.at_ms
    conversation.play({ later: 5 }, { answers: 'removeParticipant' })
    const timers = Object.values(conversation.loaded()!.record.timers)
    expect(timers.map(({ due_ms }) => due_ms - heard_ms)).toEqual([14_000])
  })

  test('TR5: what a failed transfer asks for has the time of any other ask', () => {
    const { effects } = drive().play(...toRecreating, { fails: 'recreateTask' })
    expect(effects.find(({ type }) => type === 'endTask')?.withinMs).toBe(60_000)
  })
})
