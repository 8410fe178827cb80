/**
 * Email_Inbound_Flow: from the first mail to a task in the queue (EM1-EM10). Searches Engage when the actor has no record of
 * its own, appends to what exists (EM7), else creates the conversation and, without asking anything, the task with the
 * asset's script selector (EM6). A machine's mail begins nothing (E12).
 * Hears message.received and, early, webhooks; asks to search, create, reopen, create the task.
 */
import { creatingTask } from '../creating-task.ts'
import { findingMail } from '../finding-conversation.ts'
import { conversation } from '../setup.ts'

export const emailInbound = conversation.createStateConfig({
  id: 'noConversation',
  initial: 'idle',
  /** Whatever comes before there is a conversation waits for it, in order (E1, E24). */
  on: { 'message.received': { actions: ['learnThread', 'keepWaiting'] } },
  states: {
    idle: {
      id: 'idle',
      on: {
        'message.received': [{ guard: 'automatic' }, { target: 'searching', actions: ['learnThread', 'keepWaiting'] }],
      },
    },
    ...findingMail(),
    creatingTask: creatingTask('email'),
  },
})
