/**
 * ROUTED_Flow: the agent joins the conversation, then the customer is told (flows.md section 9, RO1-RO3).
 */
import { expect, test } from 'vitest'
import { at, conversationId, drive, type Step, toCreated, toQueued, toRecreating, toTalking } from './drive.ts'
import { closedNotice, routedNotice, stories } from './story.ts'

const routed = (more: object = {}): Step => ({ task: 'routed', ...more })
const missing = [
  'append Announcement: The assigned agent could not be added to this conversation.',
  'alert agent-not-added',
]
const failedOnce: Step[] = [routed(), { fails: 'addParticipant' }]
const failedThrice: Step[] = [
  ...failedOnce,
  { timer: 'addAgentAgain' },
  { fails: 'addParticipant' },
  { timer: 'addAgentAgain' },
  { fails: 'addParticipant' },
]

stories('An agent is found', [
  {
    title: 'RO1: the agent is added to the conversation, and nothing is told yet',
    given: toQueued,
    steps: [routed()],
    ends: 'active.addingAgent.asking',
    sent: ['addParticipant 5021'],
  },
  {
    title: 'RO3, A18: the customer is told once the agent could be added',
    given: [...toQueued, routed()],
    steps: [{ answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: routedNotice,
  },
  {
    title: 'E35: ROUTED may come before QUEUED; the late QUEUED changes nothing',
    given: toCreated,
    steps: [routed(), { task: 'queued', estimatedWaitSeconds: 60 }, { answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: ['addParticipant 5021', ...routedNotice],
  },
  {
    title: 'SM3: what the customer writes meanwhile is appended',
    given: [...toQueued, routed()],
    steps: [{ says: 'Hello?' }, { answers: 'addParticipant' }, { says: 'My bill' }],
    ends: 'active.talking',
    sent: ['append Inbound: Hello?', ...routedNotice, 'append Inbound: My bill'],
  },
  {
    title: 'E57: the same agent again adds nobody, before and after the agent has joined',
    given: [...toQueued, routed()],
    steps: [routed(), { answers: 'addParticipant' }, routed()],
    ends: 'active.talking',
    sent: routedNotice,
  },
  {
    title: 'E58: a second agent is added and told',
    given: toTalking,
    steps: [routed({ agentId: '5022' }), { answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: ['addParticipant 5022', ...routedNotice],
  },
  {
    title: 'E58, T10: when a second agent comes before the first was added, the answer about the first changes nothing',
    given: [...toQueued, routed()],
    steps: [routed({ agentId: '5022' }), { late: 'addParticipant' }],
    ends: 'active.addingAgent.asking',
    sent: ['addParticipant 5022'],
  },
  {
    title: 'E58, T10: ROUTED of the agent who has left since, arriving late, adds nobody',
    given: [...toRecreating, { answers: 'recreateTask' }],
    steps: [routed({ at: at(3) })],
    ends: 'inQueue.created',
    sent: [],
  },
  {
    title: 'E59: the agent who did not answer may be found again, later',
    given: [...toRecreating, { answers: 'recreateTask' }],
    steps: [routed()],
    ends: 'active.addingAgent.asking',
    sent: ['addParticipant 5021'],
  },
  {
    title: 'E38: ROUTED after CLOSED adds nobody',
    given: [...toTalking, { task: 'closed' }],
    steps: [routed(), { answers: 'closeConversation' }, routed()],
    ends: 'closed.resting',
    sent: [],
  },
  {
    title: "E75: another task's agent is not added",
    given: toQueued,
    steps: [routed({ taskId: 'another' })],
    ends: 'inQueue.queued',
    sent: [],
  },
])

stories('An agent who cannot be added (A19, E56)', [
  {
    title: 'A19: after a pause the agent is asked for again, and the customer is not told before',
    given: toQueued,
    steps: [...failedOnce, { timer: 'addAgentAgain' }, { answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: ['addParticipant 5021', 'addParticipant 5021', ...routedNotice],
  },
  {
    title: 'A19: after the fourth failure the transcript and people are told, the customer is not, and the task stays',
    given: [...toQueued, ...failedThrice, { timer: 'addAgentAgain' }],
    steps: [{ fails: 'addParticipant' }],
    ends: 'active.talking',
    sent: missing,
  },
  {
    title: 'A19: a call that is never answered counts as a failure',
    given: [...toQueued, routed()],
    steps: [{ timer: 'askTimeout' }],
    ends: 'active.addingAgent.pausing',
    sent: [],
  },
  {
    title: 'A19, T10: an answer that comes during the pause changes nothing; asking again does no harm',
    given: [...toQueued, routed(), { timer: 'askTimeout' }],
    steps: [{ late: 'addParticipant' }, { timer: 'addAgentAgain' }, { answers: 'addParticipant' }],
    ends: 'active.talking',
    sent: ['addParticipant 5021', ...routedNotice],
  },
  {
    title: 'E58: another agent during the pause is asked for at once',
    given: [...toQueued, ...failedOnce],
    steps: [routed({ agentId: '5022' })],
    ends: 'active.addingAgent.asking',
    sent: ['addParticipant 5022'],
  },
  {
    title: 'E37, A19: CLOSED during the pause closes',
    given: [...toQueued, ...failedOnce],
    steps: [{ task: 'closed', disposition: 'CD_TASK_INVALID_MEDIA_RESOURCE_ID' }],
    ends: 'closed.closingConversation',
    sent: closedNotice,
  },
])

const pauses: [failures: number, pause_ms: number][] = [
  [1, 5_000],
  [2, 15_000],
  [3, 45_000],
]
test.each(pauses)('A19: the pause after failure %i is %i ms', (failures, pause_ms) => {
  const conversation = drive()
  conversation.play(...toQueued, ...failedThrice.slice(0, failures * 2))
  const [timer] = conversation.timers()
  expect(timer).toContain('addAgentAgain')
  expect(conversation.loaded()!.record.timers[timer!]!.due_ms - conversation.at_ms).toBe(pause_ms)
})

test("RO2: the conversation is the one that the task's media resource id names", () => {
  const conversation = drive()
  const { effects } = conversation.play(...toQueued, routed())
  expect(effects[0]?.payload).toEqual({ conversationId, agentId: '5021' })
})
