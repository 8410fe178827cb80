/**
 * The webhook flows know no channel: on live chat, with callback or without, each does what it does on SMS.
 */
import { describe, expect, test } from 'vitest'
import { callbackLine, chatLine } from './chat.ts'
import { type Drive, driveOn, type Line, type Step, smsLine } from './drive.ts'
import { waysInto } from './states.ts'

interface Webhook {
  title: string
  /** The state it comes in, of whatever machine. */
  from: string
  steps: Step[]
}

const webhooks: Webhook[] = [
  { title: 'CREATED', from: 'inQueue.created', steps: [{ task: 'created' }] },
  { title: 'QUEUED without an estimate', from: 'inQueue.created', steps: [{ task: 'queued' }] },
  { title: 'QUEUED', from: 'inQueue.queued', steps: [{ task: 'queued', estimatedWaitSeconds: 150 }] },
  { title: 'ROUTED', from: 'inQueue.queued', steps: [{ task: 'routed' }, { answers: 'addParticipant' }] },
  {
    title: 'TRANSFERRED',
    from: 'active.talking',
    steps: [
      { task: 'transferred', scriptSelector: 'Support' },
      { answers: 'removeParticipant' },
      { answers: 'recreateTask' },
    ],
  },
  {
    title: 'TRANSFERRED that fails',
    from: 'active.talking',
    steps: [{ task: 'transferred', scriptSelector: 'Support' }, { fails: 'removeParticipant' }, { answers: 'endTask' }],
  },
  {
    title: 'CLOSED with an agent',
    from: 'active.talking',
    steps: [{ task: 'closed' }, { answers: 'closeConversation' }],
  },
  {
    title: 'CLOSED in the queue',
    from: 'inQueue.queued',
    steps: [{ task: 'closed', disposition: 'CD_MAX_DIALOG_LIFETIME_EXCEEDED' }],
  },
]

describe.each([chatLine, callbackLine])('G7, CC5: on $machine', (line) => {
  test.each(webhooks)('G7: $title says, asks and leads to what it does on SMS', ({ from, steps }) => {
    expect(played(line, from, steps)).toEqual(played(smsLine, from, steps))
  })
})

/** Where each step led, and what went out. */
function played(line: Line, from: string, steps: Step[]): Pick<Drive['history'][number], 'state' | 'sent'>[] {
  const conversation = driveOn(line)
  conversation.play(...waysInto(line.machine)[from]!)
  const begun = conversation.history.length
  conversation.play(...steps)
  return conversation.history.slice(begun).map(({ state, sent }) => ({ state, sent }))
}
