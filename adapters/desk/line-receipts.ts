/**
 * What became of a text that an agent wrote, told by the line it went out on (`runtime/agents-receipts.ts`) over core NATS
 * (`desk.receipt`), so that it does not matter which node heard of it and which one runs a desk. Speaks to the journal.
 * Invariant: a line of the transcript never goes backwards, in whatever order receipts come.
 */
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { type AgentsReceipt, agentsCorrelation } from '../agents-texts.ts'
import { isFurther, messageStatusOf } from '../message-status.ts'
import type { Draft, TranscriptLine } from './entries.ts'
import type { Floor } from './floor.ts'
import type { Journal } from './journal.ts'

/** Answers {known} once it is stored; one desk of all answers. Until it is closed. */
export function openLineReceipts(nats: NatsConnection, journal: Journal): () => void {
  const take = (receipt: AgentsReceipt) =>
    journal.write((floor, at) => {
      const told = agentsCorrelation.read(receipt.correlationId)
      const line = told && lineOf(floor, told.conversationId, told.transid)
      const entry = told && line && newsOf(line, told, receipt, at)
      return { ...(entry && { entry }), result: { known: line !== undefined } }
    })
  const callback = (error: Error | null, message: Msg) => {
    if (error) return
    // Whoever asked hears nothing, and is told again by the line.
    void take(message.json<AgentsReceipt>())
      .then((answer) => message.respond(JSON.stringify(answer)))
      .catch(() => {})
  }
  const subscription = nats.subscribe('desk.receipt', { queue: 'desk', callback })
  return () => subscription.unsubscribe()
}

/** Undefined when it says nothing new. */
function newsOf(
  line: TranscriptLine,
  { conversationId, transid }: { conversationId: string; transid: string },
  { status: told, code }: AgentsReceipt,
  at: string,
): Draft<'lineTold'> | undefined {
  const status = messageStatusOf(told)
  if (status === undefined || !isFurther(status, line.delivery?.status)) return undefined
  const delivery = { status, at, ...(code === '' ? {} : { code }) }
  return { type: 'lineTold', data: { conversationId, transid, delivery } }
}

export function lineOf(floor: Floor, conversationId: string, transid: string): TranscriptLine | undefined {
  return floor.conversations.get(conversationId)?.transcript.findLast((line) => line.transid === transid)
}
