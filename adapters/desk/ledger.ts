/**
 * What was asked of the desk: one row per Idempotency-Key with its count of attempts, for tests and for people.
 * First attempts come from the journal and survive a restart; the count of later ones is of this run only.
 */
import type { About, CallName } from './entries.ts'
import { type Floor, normalised } from './floor.ts'

export interface LedgerRow extends About {
  at: string
  call: CallName
  /** Null for a call without an Idempotency-Key; such rows are of this run only. */
  key: string | null
  attempts: number
  /** HTTP status of the last attempt; 0 when it was left unanswered. */
  status: number
}

export interface Ledger {
  /** Counts one attempt. `first`: its journal entry counts it already. */
  count(row: About & { at: string; call: CallName; key: string | null; status: number; first: boolean }): void
  /** Oldest first. Empty filter values do not narrow. */
  rows(filter: Partial<About>): LedgerRow[]
}

export function openLedger(floor: Floor): Ledger {
  const repeats = new Map<string, { more: number; status: number }>()
  let keyless: LedgerRow[] = []
  return {
    count({ first, ...attempt }) {
      if (first) return
      if (attempt.key === null) {
        keyless = [...keyless.slice(1 - keyless_rows_max), { ...attempt, attempts: 1 }]
        return
      }
      const more = (repeats.get(attempt.key)?.more ?? 0) + 1
      repeats.set(attempt.key, { more, status: attempt.status })
    },
    rows(filter) {
      const keyed = [...floor.calls.values()].map(({ at, call, key, taskId, conversationId, customer, status }) => {
        const repeated = repeats.get(key)
        const last = repeated?.status ?? status
        return { at, call, key, attempts: 1 + (repeated?.more ?? 0), status: last, taskId, conversationId, customer }
      })
      return [...keyed, ...keyless]
        .filter((row) => concerns(row, filter))
        .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    },
  }
}

function concerns(row: LedgerRow, { taskId, conversationId, customer }: Partial<About>): boolean {
  if (taskId && row.taskId !== taskId) return false
  if (conversationId && row.conversationId !== conversationId) return false
  return !customer || normalised(row.customer) === normalised(customer)
}

const keyless_rows_max = 1_000
