/**
 * What a chaos run leaves behind, as data: the streams, the calls on the wire, and what the load was told. Types only:
 * `read-history.ts` makes one from a broker, tests write others by hand, the checks read both.
 */
import type { Entry } from '../../adapters/desk/entries.ts'
import type { Address } from '../../machines/events.ts'
import type { DeadLetter } from '../../runtime/dead-letters.ts'
import type { Envelope } from '../../runtime/envelope.ts'
import type { LedgerEntry } from '../../runtime/ledger.ts'
import type { TurnRecord } from '../../runtime/record.ts'

export interface History {
  /** TURNS, EFFECTS, INBOX, DEAD and DESK, each in stored order. */
  turns: StoredTurn[]
  outcomes: StoredOutcomes[]
  waiting: Waiting[]
  deadLetters: DeadLetter[]
  journal: JournalEntry[]
  /** Every call to a far side, in the order of arrival. */
  calls: WireCall[]
  /** Positions of turns, dead letters and journal entries that are stored in clear where all should be encrypted. */
  inClear: string[]
  /** What the load was answered 200 for. */
  accepted: Accepted[]
}

export interface StoredTurn {
  sequence: number
  /** The broker's time. */
  stored_ms: number
  record: HistoryTurn
}
/** As much of a record as the checks look at. */
export type HistoryTurn = Pick<
  TurnRecord,
  'actor' | 'machine' | 'address' | 'turn' | 'input' | 'before' | 'state' | 'heard'
> & {
  cause: Pick<Envelope, 'id' | 'source' | 'type' | 'data'>
  effects: Pick<TurnRecord['effects'][number], 'type' | 'payload'>[]
}

export interface StoredOutcomes extends LedgerEntry {
  actor: string
}

export interface Waiting {
  actor: string
  sequence: number
  /** Id of the event. */
  id: string
}

export interface JournalEntry {
  sequence: number
  entry: Entry
}

export interface WireCall {
  at_ms: number
  method: string
  path: string
  /** Empty without one. */
  key: string
  /** Hash of method, path and body. */
  body: string
  /** 0 when nobody answered. */
  status: number
}

export interface Accepted {
  eventId: string
  address: Pick<Address, 'channel' | 'asset' | 'customer'>
  /** A token in its text that no other message has; empty for an answer to a menu or a form. */
  token: string
  /** When it was first sent, and when it was answered 200. */
  sent_ms: number
  answered_ms: number
}

/** One rule that the history breaks, and by which records. Never customer text. */
export interface Violation {
  rule: string
  /** Actor, customer's place or conversation: whoever it happened to. */
  actor: string
  what: string
  /** Positions such as `TURNS 17`, keys, event ids. */
  records: string[]
}

/** A token as messages of the load carry it, such as `#12.3`. */
export const tokensIn = (text: string): string[] => text.match(/#\d+\.\d+/g) ?? []

/** The words that end a conversation of the load. */
export const end_phrase = 'End Conversation'
