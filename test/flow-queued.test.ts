/**
 * QUEUED_Flow: the task waits, and a usable estimate reaches the customer as the policy says (flows.md section 9,
 * QU1-QU6). What counts as an estimate is told by the door's tests, how it reads by the texts'.
 */
import { expect, test } from 'vitest'
import { at, drive, type Step, toCreated, toQueued, toRecreating, toTalking } from './drive.ts'
import { type Story, stories, waitNotice } from './story.ts'

const estimate = (seconds: number | null, more: object = {}): Step => ({
  task: 'queued',
  estimatedWaitSeconds: seconds,
  ...more,
})

stories('The estimate', [
  {
    title: 'QU2: the first QUEUED has none and is silent',
    given: toCreated,
    steps: [estimate(null)],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'QU1, QU4: a later one is told, and recorded as an announcement',
    given: toQueued,
    steps: [estimate(170)],
    ends: 'inQueue.queued',
    sent: waitNotice(3),
  },
  {
    title: 'QU1: a first QUEUED that has one is told',
    given: toCreated,
    steps: [estimate(60)],
    ends: 'inQueue.queued',
    sent: waitNotice(1),
  },
  ...(
    [
      [0, 0],
      [1, 1],
      [60, 1],
      [61, 2],
      [12.5, 1],
      [86_400, 1_440],
    ] as const
  ).map(
    ([seconds, minutes]): Story => ({
      title: `A15, E42: ${seconds} s are told as ${minutes} minutes`,
      given: toQueued,
      steps: [estimate(seconds)],
      ends: 'inQueue.queued',
      sent: waitNotice(minutes),
    }),
  ),
  {
    title: 'QU3, QU6, E44: variables without an estimate are kept and not told',
    given: [...toQueued, estimate(120)],
    steps: [estimate(null, { variables: { cv_3: 'Silver' } })],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'E40: an estimate that is older than the last is not told',
    given: [...toQueued, estimate(60, { at: at(100) })],
    steps: [estimate(300, { at: at(90) })],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'E39, E41: an estimate that is told again, as when it was asked for, is told to the customer once',
    given: [...toQueued, estimate(300, { at: at(100) })],
    steps: [estimate(300, { at: at(100) })],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'E35, E46: after ROUTED no estimate is told',
    given: toTalking,
    steps: [estimate(60)],
    ends: 'active.talking',
    sent: [],
  },
  {
    title: "E75: another task's estimate is not told",
    given: toQueued,
    steps: [estimate(60, { taskId: 'another' })],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'E47: what the customer writes while waiting is appended',
    given: toQueued,
    steps: [{ says: 'How long?' }],
    ends: 'inQueue.queued',
    sent: ['append Inbound: How long?'],
  },
  {
    title: 'SM12, PC4: card data while waiting is appended masked and noticed',
    given: toQueued,
    steps: [{ says: 'It is ************1111', scan: 'masked' }],
    ends: 'inQueue.queued',
    sent: [
      'append Inbound: It is ************1111',
      'send sensitive-data-notice: <sensitiveDataNotice>',
      'append Outbound: <sensitiveDataNotice>',
    ],
  },
])

const changed = { ewtRelay: 'changed' } as const
const told: Step[] = [...toQueued, estimate(600)]

stories('How often (A16)', [
  {
    title: 'A16 representative, QU5, E43: every estimate is told',
    given: toQueued,
    steps: [estimate(600), estimate(590), estimate(590)],
    ends: 'inQueue.queued',
    sent: [...waitNotice(10), ...waitNotice(10), ...waitNotice(10)],
  },
  {
    title: 'A16 hardened: the first is told',
    policy: changed,
    given: toQueued,
    steps: [estimate(600)],
    ends: 'inQueue.queued',
    sent: waitNotice(10),
  },
  {
    title: 'A16 hardened, E43: a burst is not',
    policy: changed,
    given: told,
    steps: [estimate(300), estimate(60), estimate(1_200)],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'A16 hardened: a change of a fifth is told after two minutes',
    policy: changed,
    given: told,
    steps: [{ later: 119 }, estimate(480)],
    ends: 'inQueue.queued',
    sent: waitNotice(8),
  },
  {
    title: 'A16 hardened: a change of less than a fifth is not',
    policy: changed,
    given: told,
    steps: [{ later: 600 }, estimate(481)],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'A16 hardened: less than two minutes after the last one is too early',
    policy: changed,
    given: told,
    steps: [{ later: 118 }, estimate(60)],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'A16 hardened: a change of less than a minute is not told, however large its share',
    policy: changed,
    given: [...toQueued, estimate(90)],
    steps: [{ later: 600 }, estimate(31)],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'A16 hardened, E40: an estimate that is older than one that was not worth telling is not told either',
    policy: changed,
    given: [...told, { later: 300 }, estimate(590, { at: at(400) })],
    steps: [estimate(60, { at: at(350) })],
    ends: 'inQueue.queued',
    sent: [],
  },
  {
    title: 'A16 hardened: after a transfer the wait is a new one, and its first estimate is told',
    policy: changed,
    given: [...toRecreating, { answers: 'recreateTask' }, { task: 'queued' }],
    steps: [estimate(600)],
    ends: 'inQueue.queued',
    sent: waitNotice(10),
  },
])

test('QU6: updated variables travel with the task when it goes in again', () => {
  const conversation = drive()
  conversation.play(...toQueued, estimate(null, { variables: { cv_3: 'Silver' } }))
  conversation.play({ task: 'transferred', variables: { cv_4: 'Late' } }, { answers: 'removeParticipant' })
  const created = conversation.history.flatMap(({ effects }) => effects).findLast(({ type }) => type === 'createTask')
  expect(created?.payload).toMatchObject({
    variables: expect.arrayContaining([
      { key: 'cv_3', value: 'Silver' },
      { key: 'cv_4', value: 'Late' },
    ]),
  })
})
