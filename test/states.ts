/**
 * One way into every state that an SMS conversation can be found in, for tests that hold in every state.
 * `decide.test.ts` checks that none is missing.
 */
import type { Policy } from '../machines/policy.ts'
import {
  assetWith,
  type Drive,
  drive,
  type Step,
  toClosed,
  toCreated,
  toMenu,
  toQueued,
  toRecreating,
  toTalking,
  toTask,
  toTransferring,
} from './drive.ts'

const end: Step = { says: 'End Conversation' }
const adopt = (outcome: string): Step[] => [
  { says: 'Hi' },
  { answers: 'searchConversation', with: { outcome, conversationId: 'ELSEWHERE1' } },
]
const failedTransfer: Step[] = [...toRecreating, { fails: 'recreateTask' }]

export const waysInto: Record<string, Step[]> = {
  /** Hardly ever stored: a first event that is no message. */
  'noConversation.idle': [{ receipt: 'Delivered' }],
  'noConversation.searching': [{ says: 'Hi' }],
  'noConversation.reopening': [...toClosed, { says: 'Hi' }],
  'noConversation.creatingConversation': toMenu.slice(0, 2),
  'noConversation.menu': toMenu,
  'noConversation.creatingTask.wanted': toTask,
  'noConversation.creatingTask.unwanted': [...toTask, end],
  'inQueue.created': toCreated,
  'inQueue.queued': toQueued,
  'inQueue.transferring.removingAgent': toTransferring,
  'inQueue.transferring.recreatingTask': toRecreating,
  'inQueue.transferFailed.askingEnd': failedTransfer,
  'inQueue.transferFailed.awaitingClosed': [...failedTransfer, { answers: 'endTask' }],
  'inQueue.ending.awaitingTaskId': [...adopt('conversationInQueue'), end],
  'inQueue.ending.askingEnd': [...toQueued, end],
  'inQueue.ending.awaitingClosed': [...toQueued, end, { answers: 'endTask' }],
  'active.addingAgent.asking': [...toQueued, { task: 'routed' }],
  'active.addingAgent.pausing': [...toQueued, { task: 'routed' }, { fails: 'addParticipant' }],
  'active.talking': toTalking,
  'active.onHold': adopt('conversationOnHold'),
  'active.ending.awaitingTaskId': [...adopt('conversationActive'), end],
  'active.ending.askingEnd': [...toTalking, end],
  'active.ending.awaitingClosed': [...toTalking, end, { answers: 'endTask' }],
  'closed.closingConversation': [...toTalking, { task: 'closed' }],
  'closed.resting': toClosed,
  'closed.archived': [...toClosed, { timer: 'retention' }],
}

/** Every timer is armed, and the way through `reopening` is open. */
export const everyWait: Partial<Policy> = { onClosed: 'reopen', idleTimeoutSeconds: 600, retentionDays: 1 }

/** A conversation in that state, with no step played since. */
export function driveInto(state: string): Drive {
  const conversation = drive(assetWith(everyWait))
  conversation.play(...waysInto[state]!)
  return conversation
}
