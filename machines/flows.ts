/**
 * The eleven flows of the seed as a table: the name it gives them, their file in `flows/`, the events that set them off,
 * and the machines that run them. A machine runs one inbound flow and, of every event, one flow that hears it (DE4), so
 * that to name an asset's machine is to bind its flows. Pure data; `test/bindings.test.ts` keeps it true.
 */
import type { ConversationEvent } from './events.ts'

export interface Flow {
  name: string
  /** `flows/<stem>.ts` */
  stem: string
  hears: readonly ConversationEvent['type'][]
  /** Ids of machines. Webhook flows run in all of them, whatever the channel (G7). */
  machines: readonly string[]
}

const everywhere = ['sms', 'live-chat', 'live-chat-with-web-callback', 'email']
const withoutCallback = ['sms', 'live-chat', 'email']
const chats = ['live-chat', 'live-chat-with-web-callback']
const withCallback = ['live-chat-with-web-callback']

export const flows: readonly Flow[] = [
  { name: 'SMS_Inbound', stem: 'sms-inbound', hears: ['message.received'], machines: ['sms'] },
  {
    name: 'Live_Chat_Inbound',
    stem: 'live-chat-inbound',
    hears: ['message.received', 'form.submitted'],
    machines: ['live-chat'],
  },
  {
    name: 'Live_Chat_Inbound_With_Web_Callback',
    stem: 'live-chat-inbound-with-web-callback',
    hears: ['message.received', 'form.submitted', 'postback.received'],
    machines: withCallback,
  },
  {
    name: 'Live_Chat_Customer_Abandon_Close',
    stem: 'live-chat-customer-abandon-close',
    hears: ['thread.closed'],
    machines: chats,
  },
  { name: 'Email_Inbound', stem: 'email-inbound', hears: ['message.received'], machines: ['email'] },
  { name: 'CREATED', stem: 'created', hears: ['task.created'], machines: everywhere },
  { name: 'QUEUED', stem: 'queued', hears: ['task.queued'], machines: everywhere },
  { name: 'ROUTED', stem: 'routed', hears: ['task.routed'], machines: everywhere },
  { name: 'TRANSFERRED', stem: 'transferred', hears: ['task.transferred'], machines: everywhere },
  { name: 'CLOSED', stem: 'closed', hears: ['task.closed'], machines: withoutCallback },
  {
    name: 'CLOSED_Webhook_for_Web_Callback',
    stem: 'closed-webhook-for-web-callback',
    hears: ['task.closed'],
    machines: withCallback,
  },
]

/** The flows that a machine runs; none for a machine that is not of this project. */
export const flowsOf = (machine: string): Flow[] => flows.filter(({ machines }) => machines.includes(machine))
