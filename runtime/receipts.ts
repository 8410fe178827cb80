/**
 * How far the messages of a conversation have come, told beside the effects that sent them. Folded from the receipts in its
 * history, so that no machine remembers any: what comes twice, late or after the end changes no record. Pure.
 */
import { isFurther, type MessageStatus, messageStatusOf } from '../adapters/message-status.ts'
import type { TurnReading } from './history.ts'

export interface Delivery {
  status: MessageStatus
  at: string
  /** Of a failure, as its line says it: `7312`, `30003`. */
  code?: string
}

const receipt_type = 'parley.receipt.updated'

/** The same turns, each message with what was told of it last. A receipt that names no message tells nothing. */
export function withReceipts(turns: readonly TurnReading[]): TurnReading[] {
  const told = new Map<string, Delivery>()
  const latest = new Map<string, string>()
  for (const { event, effects } of turns) {
    if (event.type === receipt_type) tell(told, latest, event)
    for (const { type, key, payload } of effects) {
      if (type === 'sendMessage') latest.set((payload as { purpose: string }).purpose, key)
    }
  }
  if (told.size === 0) return [...turns]
  return turns.map((turn) => ({
    ...turn,
    effects: turn.effects.map((effect) => {
      const delivery = told.get(effect.key)
      return delivery ? { ...effect, delivery } : effect
    }),
  }))
}

/** `latest`: the newest message of a purpose, for far sides that give back the correlation id alone. */
function tell(told: Map<string, Delivery>, latest: ReadonlyMap<string, string>, event: TurnReading['event']): void {
  const receipt = event.data as { key?: string; correlationId: string; status: string; code: string }
  const key = receipt.key ?? latest.get(receipt.correlationId.split(':').at(-1) ?? '')
  const status = messageStatusOf(receipt.status)
  if (key === undefined || status === undefined || !isFurther(status, told.get(key)?.status)) return
  const code = status === 'failed' && receipt.code !== '' ? { code: receipt.code } : {}
  told.set(key, { status, at: event.time, ...code })
}
