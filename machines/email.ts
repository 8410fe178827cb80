/**
 * The machine of an email asset: Email_Inbound and the five webhook flows, composed. What is told by mail, and what only
 * by SMS and live chat, is `tells.ts`'s to know. Its chart is drawn in `machines/email.mmd`, which a test keeps true.
 * Bump `version` with every change of shape (T8).
 */
import { activeMail } from './active.ts'
import { alwaysHeard } from './always-heard.ts'
import { initialContext } from './context.ts'
import { closed } from './flows/closed.ts'
import { emailInbound } from './flows/email-inbound.ts'
import { inQueueOfMail } from './in-queue.ts'
import { conversation } from './setup.ts'

export const email = conversation.createMachine({
  id: 'email',
  version: '2',
  context: initialContext,
  initial: 'noConversation',
  options: { maxIterations: 100 },
  on: alwaysHeard,
  states: { noConversation: emailInbound, inQueue: inQueueOfMail, active: activeMail, closed },
})
