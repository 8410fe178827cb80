/**
 * T9 and T1 from the customer's side: what was answered 200 is turned once, waits, or is a dead letter; and what was sent
 * after the answer to an earlier message is turned after it. Pure.
 */
import { grouped } from '../grouped.ts'
import type { Accepted, History, StoredTurn, Violation } from '../history.ts'
import { nameOf } from './turns.ts'

export function lostMessages(history: History): Violation[] {
  const turned = new Set(history.turns.map(({ record }) => record.cause.id))
  const waiting = new Set(history.waiting.map(({ id }) => id))
  const buried = JSON.stringify(history.deadLetters)
  return history.accepted.flatMap((message) => {
    const { eventId } = message
    if (turned.has(eventId) || waiting.has(eventId) || buried.includes(JSON.stringify(eventId))) return []
    const what = 'a message was answered 200, and is neither turned nor waiting nor a dead letter'
    return [{ rule: 'T9', actor: whoSent(message), what, records: [eventId] }]
  })
}

export function overtakenMessages({ turns, accepted }: History): Violation[] {
  const turnOf = new Map(turns.map((turn) => [turn.record.cause.id, turn]))
  return [...grouped(accepted, whoSent)].flatMap(([sender, messages]) => {
    const inOrder = messages.toSorted((a, b) => a.answered_ms - b.answered_ms)
    return inOrder.flatMap((message, index) =>
      inOrder.slice(0, index).flatMap((earlier) => overtaken(sender, earlier, message, turnOf)),
    )
  })
}

function overtaken(actor: string, earlier: Accepted, later: Accepted, turnOf: Map<string, StoredTurn>): Violation[] {
  const [first, second] = [turnOf.get(earlier.eventId), turnOf.get(later.eventId)]
  if (!first || !second || first.record.actor !== second.record.actor) return []
  if (later.sent_ms <= earlier.answered_ms || first.sequence < second.sequence) return []
  const what = 'a message was turned before one that was answered before it was sent'
  return [{ rule: 'T1', actor, what, records: [nameOf(second), nameOf(first)] }]
}

export const whoSent = ({ address: { channel, asset, customer } }: Accepted): string =>
  `${channel}/${asset}/${customer}`
