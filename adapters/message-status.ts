/**
 * How far a message of ours has come, folded from what was told of it in whatever order, and however often: receipts race
 * one another, and nothing may go backwards (flows.md 4.4). Pure; the furthest one told is the answer, so the order in
 * which they were told does not matter.
 */

/** Each goes over those before it. A failure is final, unless the customer read the message all the same. */
const order = ['queued', 'sent', 'delivered', 'failed', 'read'] as const
export type MessageStatus = (typeof order)[number]

/** What a receipt's status means, in any provider's spelling; undefined for one that says nothing new. */
export function messageStatusOf(told: string): MessageStatus | undefined {
  return words.get(told.toLowerCase())
}

/** Whether `next` is news after `known`; undefined is before everything. */
export function isFurther(next: MessageStatus, known: MessageStatus | undefined): boolean {
  return known === undefined || order.indexOf(next) > order.indexOf(known)
}

const words = new Map<string, MessageStatus>([
  ['queued', 'queued'],
  ['submitted', 'sent'],
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['failed', 'failed'],
  ['undelivered', 'failed'],
])
