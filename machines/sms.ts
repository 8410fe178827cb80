/**
 * The machine of an SMS asset: SMS_Inbound and the five webhook flows, composed. Its chart is drawn in
 * `machines/sms.mmd`, which a test keeps true. Bump `version` with every change of shape (T8).
 */
import { active } from './active.ts'
import { initialContext } from './context.ts'
import { closed, onGivenUpTask } from './flows/closed.ts'
import { smsInbound } from './flows/sms-inbound.ts'
import { inQueue } from './in-queue.ts'
import { conversation } from './setup.ts'

export const sms = conversation.createMachine({
  id: 'sms',
  version: '1',
  context: initialContext,
  initial: 'noConversation',
  options: { maxIterations: 100 },
  on: {
    ...onGivenUpTask,
    /** What the customer wrote did not reach the transcript, so no agent will read it (seed l.124-137). */
    'effect.failed': {
      guard: 'customerMessageLost',
      actions: { type: 'sendText', params: { text: 'errorSendingMessage' } },
    },
  },
  states: { noConversation: smsInbound, inQueue, active, closed },
})
