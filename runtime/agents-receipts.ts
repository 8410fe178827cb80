/**
 * Receipts of what agents of the embedded desk wrote: no conversation's, so they are told to the desk, wherever it runs,
 * and answered once it has them. Speaks to the desk over core NATS. One whose text no desk knows goes the way of others.
 */
import type { NatsConnection } from '@nats-io/transport-node'
import type { Door } from '../adapters/adapter.ts'
import { type AgentsReceipt, agentsCorrelation } from '../adapters/agents-texts.ts'
import { problem } from './problem.ts'
import type { AcceptAnswer } from './stages/accept.ts'

type Accept = (traceparent: string | undefined, door: Door, raw: Uint8Array) => Promise<AcceptAnswer>

const desk_ms_max = 5_000
const retry_seconds = 2

/** `accept`, but for agents' receipts. Never rejects. */
export function withAgentsReceipts(nc: NatsConnection, accept: Accept): Accept {
  return async (traceparent, door, raw) => {
    const receipt = door.name === 'receipts' ? agentsReceiptIn(door, raw) : undefined
    if (!receipt) return accept(traceparent, door, raw)
    const { id: eventId, correlationId, status, code } = receipt
    const told: AgentsReceipt = { correlationId, status, code }
    try {
      const answer = await nc.request('desk.receipt', JSON.stringify(told), { timeout: desk_ms_max })
      if (answer.json<{ known: boolean }>().known) return { status: 200, body: { eventId, duplicate: false } }
    } catch (error) {
      if (!/no responders/i.test(String(error))) {
        const detail = 'the desk did not store the receipt; send it again'
        return { status: 503, body: problem('not-stored', detail), retryAfterSeconds: retry_seconds }
      }
    }
    return accept(traceparent, door, raw)
  }
}

function agentsReceiptIn(door: Door, raw: Uint8Array) {
  try {
    const heard = door.parse(JSON.parse(new TextDecoder().decode(raw)), '')
    if (heard.kind !== 'receipt' || heard.actor !== undefined || heard.event.type !== 'receipt.updated')
      return undefined
    return agentsCorrelation.read(heard.event.correlationId) && heard.event
  } catch {
    return undefined // `accept` says what is wrong with it.
  }
}
