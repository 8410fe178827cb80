/**
 * What every conversation hears in whatever state it is: the handlers at the root of each machine.
 */
import { onGivenUpTask } from './flows/closed.ts'

export const alwaysHeard = {
  ...onGivenUpTask,
  /** What the customer wrote did not reach the transcript, so no agent will read it (seed l.124-137). */
  'effect.failed': {
    guard: 'customerMessageLost',
    actions: { type: 'sendText', params: { text: 'errorSendingMessage' } },
  },
} as const
