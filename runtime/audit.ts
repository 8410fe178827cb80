/**
 * Who read or did what: one entry on AUDIT for every use of the reading and acting doors, stored before anything is read or
 * done. Kept for a year; tells what was meant by an id, and a customer by a hash only. Speaks to AUDIT.
 * Keeps T7: what stands for an id in a path may be anything, and is masked.
 */
import { hash } from 'node:crypto'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { Clock } from '../adapters/clock.ts'
import { maskText } from '../machines/sensitive-data.ts'
import { readBatch } from './read-batch.ts'
import { stream, subject } from './streams.ts'

export interface AuditEntry {
  /** By the wall, not by the conversations' clock. */
  at: string
  /** The role that the token gives; `anyone` where no token is set. */
  who: 'admin' | 'agent' | 'anyone'
  /** The address that the request came from: perhaps a proxy's. */
  from: string
  act: string
  /** The id of a conversation or a dead letter; `customer:` and a hash of an identity; empty for lists. */
  target: string
}

export interface Audit {
  /** Resolves once it is stored; throws when the broker does not answer. */
  note(entry: Omit<AuditEntry, 'at'>): Promise<void>
  /** The same for a list that a page looks at again and again: one entry a minute for who looks from where. */
  noteLook(entry: Omit<AuditEntry, 'at'>): Promise<void>
  /** Oldest first, a page at a time: those behind the entry `after`. */
  read(after: number): Promise<(AuditEntry & { id: string })[]>
}

export const audit_entries_shown_max = 1_000
const store_ms_max = 3_000
const same_look_ms = 60_000
const looks_known_max = 10_000

export function auditTrail(js: JetStreamClient, jsm: JetStreamManager, clock: Clock): Audit {
  const looks = new Map<string, number>()
  const note: Audit['note'] = async (entry) => {
    const at = new Date(clock.now()).toISOString()
    const target = maskText(entry.target).text
    await js.publish(subject.audit(entry.act), JSON.stringify({ at, ...entry, target }), { timeout: store_ms_max })
  }
  return {
    note,
    async noteLook(entry) {
      const look = JSON.stringify(entry)
      const noted_ms = looks.get(look) ?? Number.NEGATIVE_INFINITY
      if (clock.now() - noted_ms < same_look_ms) return
      await note(entry)
      if (looks.size >= looks_known_max) looks.clear()
      looks.set(look, clock.now())
    },
    async read(after) {
      const found = await readBatch(jsm, stream.audit, subject.audits, audit_entries_shown_max, after + 1)
      return found.map((message) => ({ id: String(message.seq), ...message.json<AuditEntry>() }))
    },
  }
}

/** An identity that must not be kept, so that two entries about one customer can still be told to be so. */
export const customerHash = (customer: string): string => `customer:${hash('sha256', customer, 'hex').slice(0, 16)}`
