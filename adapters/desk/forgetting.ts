/**
 * What the desk remembers of a customer, and how it forgets it: every journal entry that speaks of them, of their tasks or
 * of their conversations. Asked over core NATS (`desk.dump`, `desk.forget`). Speaks to the journal.
 * Invariant: afterwards the floor is what the remaining entries give, here and after a restart.
 */
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import type { Entry } from './entries.ts'
import { normalised } from './floor.ts'
import type { Journal } from './journal.ts'

/** Well below the default `max_payload` of a broker. */
const answer_bytes_max = 900_000

/** Answers until it is closed. */
export function openForgetting(nats: NatsConnection, journal: Journal): () => void {
  const answering = (act: (customer: string) => Promise<object>) => (error: Error | null, message: Msg) => {
    if (error) return
    void act(message.json<{ customer: string }>().customer).then(
      (answer) => message.respond(JSON.stringify(answer)),
      () => {}, // whoever asked hears nothing, and asks again
    )
  }
  const subscriptions = [
    nats.subscribe('desk.forget', {
      callback: answering(async (customer) => ({ entries: await journal.forget((all) => thoseOf(all, customer)) })),
    }),
    nats.subscribe('desk.dump', {
      callback: answering(async (customer) => fitting(thoseOf(await journal.entries(), customer))),
    }),
  ]
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe()
  }
}

/** The entries that speak of a customer, by name or by the id of a task or a conversation of theirs. */
export function thoseOf<One extends Entry>(entries: readonly One[], customer: string): One[] {
  const who = normalised(customer)
  const isWho = (text: string) => normalised(text) === who
  const ids = new Set<string>()
  for (const entry of entries) {
    const { task, conversation } = entry.data as { task?: Named; conversation?: Named }
    if (task && anyText(task, isWho)) ids.add(task.taskId ?? '').add(task.conversationId ?? '')
    if (conversation && isWho(conversation.customer ?? '')) ids.add(conversation.conversationId ?? '')
  }
  ids.delete('')
  return entries.filter((entry) => anyText(entry, (text) => isWho(text) || ids.has(text)))
}

type Named = { taskId?: string; conversationId?: string; customer?: string }

function anyText(value: unknown, isMeant: (text: string) => boolean): boolean {
  if (typeof value === 'string') return isMeant(value)
  return typeof value === 'object' && value !== null && Object.values(value).some((one) => anyText(one, isMeant))
}

function fitting(entries: readonly Entry[]): { entries: Entry[]; more: boolean } {
  let bytes = 0
  const kept = entries.filter((entry) => {
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1
    return bytes <= answer_bytes_max
  })
  return { entries: kept, more: kept.length < entries.length }
}
