/**
 * The mail an agent writes: from the mailbox to the customer, into the thread of the mail that the task is about (EM8).
 * Pure but for the ids it draws. An agent is no machine, so nothing in it says Auto-Submitted.
 */
import { randomUUID } from 'node:crypto'
import { newMessageId } from '../mail-ids.ts'
import { replySubject } from '../mail-topic.ts'
import type { Conversation, MailItem, Task } from './entries.ts'
import { normalised } from './floor.ts'

/** `conversation` knows customer and mailbox; without it the task's own word is taken. */
export function agentMail(task: Task, conversation: Conversation | undefined, text: string, at: string): MailItem {
  const from = conversation?.business ?? task.destination
  const answered = variableOf(task, 'EmailMessageID')
  const thread = answered === '' ? {} : { 'In-Reply-To': answered, References: answered }
  return {
    at,
    from,
    fromName: '',
    to: [conversation?.customer ?? task.origin],
    cc: addressesIn(variableOf(task, 'EmailCCRecipients')).filter((one) => normalised(one) !== normalised(from)),
    bcc: [],
    subject: replySubject(variableOf(task, 'EmailSubject')),
    text,
    headers: { 'Message-ID': newMessageId(from), ...thread },
    transid: randomUUID(),
    correlationId: `agent:${task.taskId}`,
  }
}

/** Names are compared without case: the flows disagree on them (flows.md 2.9). */
function variableOf(task: Task, name: string): string {
  return task.variables.find(({ key }) => key.toLowerCase() === name.toLowerCase())?.value ?? ''
}

const addressesIn = (list: string): string[] =>
  list
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean)
