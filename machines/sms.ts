/**
 * The machine of an SMS asset: SMS_Inbound and the five webhook flows, composed. Its chart is drawn in
 * `machines/sms.mmd`, which a test keeps true. Bump `version` with every change of shape (T8).
 */
import { active } from './active.ts'
import { alwaysHeard } from './always-heard.ts'
import { initialContext } from './context.ts'
import { closedSms } from './flows/closed.ts'
import { smsInbound } from './flows/sms-inbound.ts'
import { inQueue } from './in-queue.ts'
import { conversation } from './setup.ts'

export const sms = conversation.createMachine({
  id: 'sms',
  version: '2',
  context: initialContext,
  initial: 'noConversation',
  options: { maxIterations: 100 },
  on: alwaysHeard,
  states: { noConversation: smsInbound, inQueue, active, closed: closedSms },
})
