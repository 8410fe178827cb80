/**
 * The contract between Parley and the outside: a door parses what comes in, an adapter performs what goes out.
 * Speaks to `machines/events.ts` and `machines/effects.ts` on one side; provider words live only in the folders beside.
 */
import type { AnyEffect, AskErrorCode, Effect } from '../machines/effects.ts'
import type { Address, ConversationEvent } from '../machines/events.ts'

/** One attempt to carry out an effect. `signal` aborts it when its time is up. */
export interface Call {
  /** T6: the same on every attempt of one effect, never reused for another. */
  idempotencyKey: string
  trackingId: string
  traceparent: string
  signal: AbortSignal
}

/** `Carried`: the effects it carries out; those of the conversations here unless another machine is hosted. */
export interface Adapter<Carried extends AnyEffect = Effect> {
  /** The name of the far side; breakers and logs go by it: `digital-routing`, `engage`, `connect`. */
  destination: string
  performs: readonly Carried['type'][]
  /** Which of those are its own; all unless said. */
  takes?(effect: Carried): boolean
  /**
   * Carries out one attempt. Resolves to the ask's output once the far side has agreed; for a tell to `{}`, or to
   * `{heard: event}` where the far side answers with something the conversation should hear.
   * Throws `EffectError`, retryable or terminal. Does not retry: that is `runtime/stages/transmit.ts`.
   */
  perform(effect: Carried, call: Call): Promise<object>
}

/** Why one attempt failed. The runtime reads `family` and `retryAfterMs`, the machine gets `code`; neither reads `message`. */
export class EffectError extends Error {
  override readonly name = 'EffectError'
  readonly family: 'retryable' | 'terminal'
  readonly code: AskErrorCode
  readonly retryAfterMs: number | undefined

  constructor(
    family: 'retryable' | 'terminal',
    code: AskErrorCode,
    message: string,
    options: { retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.family = family
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}

/** A door turns one request body into at most one event for one conversation. */
export interface Door {
  name: 'sms' | 'live-chat' | 'email' | 'digital-routing' | 'receipts'
  body_bytes_max: number
  /** Pure. Throws `MalformedBody` for what no sender could mean; extra fields are normal. */
  parse(body: unknown, receivedAt: string): Heard
}

export type Heard =
  /** A customer wrote, or did something, at an asset. */
  | { kind: 'customer'; address: Address; event: ConversationEvent; files?: InboundFiles }
  /** The routing service speaks of a task. `actor` when the task carries our extension variable. */
  | { kind: 'task'; task: TaskIdentity; event: ConversationEvent }
  /** What became of something we sent; `actor` from the call-back data we gave. */
  | { kind: 'receipt'; actor: string | undefined; event: ConversationEvent }
  /** Well-formed and known to mean nothing to a conversation (typing, profile updates): no trace but a count. */
  | { kind: 'ignored'; eventId: string; reason: string }
  /** Well-formed, but nothing here handles it: set aside as a dead letter. */
  | { kind: 'unhandled'; eventId: string; reason: string }

/** What is known of the files of a message beyond what its event says. */
export interface InboundFiles {
  /** Bytes that came inside the body, by the place of their attachment in the event; the others are at their address. */
  bytes: (Uint8Array | undefined)[]
  /** The provider looked into all of them and found nothing (flows.md 7.1). */
  isCleared: boolean
}

export interface TaskIdentity {
  actor: string | undefined
  taskId: string
  channel: Address['channel'] | undefined
  /** The asset id. */
  destination: string
  origin: string
  /** Email: what the task's mail is about, as `Address` has it. */
  topic?: string
}

/** What was wrong with a body: where, what was expected, what was found (its kind, never its content). */
export class MalformedBody extends Error {
  override readonly name = 'MalformedBody'
  readonly errors: { path: string; expected: string; found: string }[]
  constructor(errors: { path: string; expected: string; found: string }[]) {
    super(errors.map((e) => `${e.path || 'body'}: expected ${e.expected}, found ${e.found}`).join('; '))
    this.errors = errors
  }
}
