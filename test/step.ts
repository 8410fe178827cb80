/**
 * The words in which a conversation is driven: its steps, what a turn did, and all that is known in between. Data only.
 */
import type { Context } from '../machines/context.ts'
import type { AskErrorCode } from '../machines/effects.ts'
import type { Attachment, Mail } from '../machines/events.ts'
import type { Asset } from '../machines/policy.ts'
import type { AskAnswer, Cause } from '../runtime/envelope.ts'
import type { Loaded, StoredEffect } from '../runtime/record.ts'

export type Step =
  | {
      says: string
      scan?: 'clean' | 'masked' | 'failed'
      attachments?: Attachment[]
      thread?: string
      /** What differs from the customer's usual mail. */
      mail?: Partial<Mail>
    }
  /** The pre-chat form comes back, by field name. */
  | { form: Record<string, string>; scan?: 'clean' | 'masked'; thread?: string }
  /** A button of the callback offer, of this task or of another one. */
  | { press: string; taskId?: string }
  /** The window of that thread is closed; without a thread, a window that does not say which. */
  | { closes: string | undefined }
  | { answers: string; with?: object }
  | { fails: string; code?: AskErrorCode }
  | { timer: string }
  | ({ task: 'created' | 'queued' | 'routed' | 'transferred' | 'closed' } & Partial<TaskFields>)
  /** A tell was given up for good. */
  | { lost: string; direction?: string }
  | { receipt: string }
  /** The answer to an earlier ask of that name, that nobody waits for any more; a success unless it has a code. */
  | { late: string; with?: object; code?: AskErrorCode }
  /** A timer of that name as it was armed earlier. */
  | { lateTimer: string }
  /** Seconds pass and nothing happens. */
  | { later: number }

/** What a webhook says; what a step leaves out is about the conversation's own task, now. */
interface TaskFields {
  at: string
  taskId: string
  mediaResourceId: string
  variables: Record<string, string>
  scriptSelector: string
  estimatedWaitSeconds: number | null
  agentId: string
  disposition: string
  cause: string
}

/** What a turn did: where it went and what it sent, as `type purpose-or-direction: text`. */
export interface Trace {
  /** What happened, as the step says and as the machine heard it. */
  step: Exclude<Step, { later: number }>
  /** As it was sent, before what it says together with earlier messages was masked. */
  came: Cause
  cause: Cause
  at_ms: number
  /** The asks that wait for an answer after it. */
  pending: string[]
  /** What they are, by type. */
  asks: string[]
  /** The timers that are armed after it, by the name of their delay. */
  timers: { delay: string; due_ms: number }[]
  state: string
  heard: string
  sent: string[]
  effects: StoredEffect[]
}

export interface Drive {
  /** Whose conversation it is: the id of its machine, and its asset. */
  machine: string
  asset: Asset
  /** Plays the steps in order; gives the trace of the last one that was a turn. */
  play(...steps: Step[]): Trace
  readonly history: readonly Trace[]
  context(): Context
  timers(): string[]
  pending(): string[]
  at_ms: number
  /** What a crash leaves of it: JSON, and the revision. */
  loaded(): Loaded | undefined
  /** One a turn, as they would be stored. */
  records: readonly Loaded[]
  /** All that the drive knows, to go on from later, more than once if need be. */
  memory(): DriveMemory
}

/** A step that cannot happen now: nobody waits for that answer, no such timer is armed. */
export class ImpossibleStep extends Error {
  override readonly name = 'ImpossibleStep'
}

/** Plain JSON: the record, and what the far side and the clock have been told so far. */
export interface DriveMemory {
  loaded: Loaded | undefined
  events: number
  asked: readonly Asked[]
  armed: readonly Armed[]
  history: readonly Trace[]
  at_ms: number
}

/** One ask or timer of the past, as the answer or the due timer would name it. */
export type Asked = Required<Pick<AskAnswer, 'ask' | 'type' | 'key' | 'input'>>
export type Armed = { timer: string; generation: number }
