/**
 * Paths that planted faults asked for: what only these steps tell from a machine without the fault, and no criterion of
 * coverage leads along. Found by `parley paths --mutants`, which names the steps that a suite lacks for every survivor.
 */
import type { Step } from '../drive.ts'
import type { PolicyName } from './line.ts'

export interface AskedFor {
  /** The fault that shows. */
  because: string
  policy: PolicyName
  steps: Step[]
}

const isFound = (outcome: string): Step => ({
  answers: 'searchConversation',
  with: { outcome, conversationId: outcome === 'noConversationFound' ? '' : 'ELSEWHERE1' },
})
const says: Step = { says: 'Hello there' }
const queuedAtOnce = { task: 'queued', estimatedWaitSeconds: 0 } as const

const sameEstimateTwice: AskedFor = {
  because: 'the estimate that was told is forgotten',
  policy: 'others',
  steps: [says, isFound('conversationInQueue'), { ...queuedAtOnce, taskId: 'task-of-elsewhere' }, queuedAtOnce],
}
const notReopened: AskedFor = {
  because: 'what waits is relayed before there is a conversation',
  policy: 'waits',
  steps: [
    { says: 'my card is ************1111', scan: 'masked' },
    isFound('conversationClosed'),
    { timer: 'askTimeout' },
  ],
}

export const askedFor: Record<string, AskedFor[]> = {
  email: [sameEstimateTwice, notReopened],
  sms: [
    sameEstimateTwice,
    notReopened,
    {
      because: 'a closed conversation is reopened to be ended',
      policy: 'waits',
      steps: [{ says: 'please  END conversation now' }, isFound('conversationClosed')],
    },
    {
      because: 'the last try is a wrong answer, whatever is chosen',
      policy: 'others',
      steps: [
        says,
        isFound('noConversationFound'),
        { answers: 'createConversation', with: {} },
        says,
        says,
        { says: '1' },
      ],
    },
  ],
}
