/**
 * The line of email, and the steps that most stories about it begin with.
 */
import type { Address } from '../machines/events.ts'
import { assetWith, type Line, type Step } from './drive.ts'
import { usualMail } from './usual-mail.ts'

export const mailAddress: Address = {
  channel: 'email',
  asset: 'a_637512345678901234',
  customer: usualMail.from,
  topic: 'claim 4471',
}
export const mailbox = 'support@corp.example'

export const mailLine: Line = {
  machine: 'email',
  address: mailAddress,
  assetWith: (policy, context) => ({
    ...assetWith(policy, context),
    channel: 'email',
    id: mailAddress.asset,
    appId: '',
    menu: [],
    address: mailbox,
    senderName: 'Corp Support',
    scriptSelector: 'Insurance',
  }),
}

export const mailed: Step = { says: 'Where is my claim?' }
export const mailSearched: Step[] = [mailed, { answers: 'searchConversation' }]
export const toMailTask: Step[] = [...mailSearched, { answers: 'createConversation' }]
export const toMailCreated: Step[] = [...toMailTask, { answers: 'createTask' }]
export const toMailQueued: Step[] = [...toMailCreated, { task: 'created' }, { task: 'queued' }]
export const toMailTalking: Step[] = [...toMailQueued, { task: 'routed' }, { answers: 'addParticipant' }]
export const toMailTransferring: Step[] = [...toMailTalking, { task: 'transferred', scriptSelector: 'Claims' }]
export const toMailClosed: Step[] = [...toMailTalking, { task: 'closed' }, { answers: 'closeConversation' }]
