/**
 * transmit: what a stored turn asked for goes out, in order, with the same idempotency key on every attempt (T4, T6).
 * Order: effects of one conversation start one after the other; one that is being retried holds back only what goes to
 * the same destination, so that an outage of one far side does not stop the conversation at the others.
 * Every effect ends as done or given up; an ask's end goes back to its conversation as an event, a tell's only when it
 * was given up, together with a dead letter that can be retried.
 */
import { hash } from 'node:crypto'
import { type Adapter, EffectError } from '../../adapters/adapter.ts'
import type { Clock } from '../../adapters/clock.ts'
import { type Definition, definitionOf, latestDefinition } from '../../machines/definitions.ts'
import type { AnyEffect, AskErrorCode } from '../../machines/effects.ts'
import type { ConversationEvent } from '../../machines/events.ts'
import type { Policy } from '../../machines/policy.ts'
import type { Activity } from '../activity.ts'
import type { Breaker } from '../breaker.ts'
import { crashPoint } from '../crash-points.ts'
import type { SetAside } from '../dead-letters.ts'
import { answerEnvelope, type Envelope, envelopeOf } from '../envelope.ts'
import type { EffectOutcome } from '../ledger.ts'
import type { Log } from '../log.ts'
import { idempotencyKey, keyOf, type StoredEffect, type TurnRecord } from '../record.ts'
import { pauseMs } from '../retry.ts'
import { effectSpan } from '../spans.ts'
import { traceOfEffect, traceparentOf } from '../trace-context.ts'
import type { Traces } from '../traces.ts'
import type { Turnstile } from '../turnstile.ts'

export interface TransmitParts {
  definitions: readonly Definition[]
  clock: Clock
  wallClock: Clock
  adapterFor: (effect: AnyEffect) => Adapter<AnyEffect>
  breakerFor: (destination: string) => Breaker
  turnstileFor: (destination: string) => Turnstile
  policyOf: (record: TurnRecord) => Policy
  /** Stores an event for the conversation; resolves once it is stored. */
  tell: (actor: string, envelope: Envelope) => Promise<void>
  setAside: SetAside
  activity: Activity
  traces: Traces
  log: Log
  random: () => number
  /** Aborts when this node leaves: what is being retried is then left to the next owner. */
  leaving: AbortSignal
}

/** An effect was neither done nor given up: its record stays unacked and comes again, under the same keys (T5, T6). */
export class LeftToNextOwner extends Error {
  override readonly name = 'LeftToNextOwner'
}

/** One effect to its end. `stepAside` is called when it begins to be retried. Throws `LeftToNextOwner` and nothing else. */
export async function transmit(
  parts: TransmitParts,
  record: TurnRecord,
  revision: number,
  index: number,
  stepAside: () => void,
): Promise<EffectOutcome> {
  const effect = record.effects[index]!
  const key = keyOf(record, revision, index)
  const begin_ms = parts.wallClock.now()
  const result = await attemptUntilOver(parts, record, effect, key, stepAside)
  const { destination } = parts.adapterFor(effect)
  parts.traces.ended(() =>
    effectSpan(record, revision, index, { destination, ...result }, { begin_ms, end_ms: parts.wallClock.now() }),
  )
  await crashPoint('transmit.after-perform', record, index)
  if (effect.ask) await answer(parts, record, effect, key, result)
  else if (result.status === 'failed')
    await giveUp(parts, record, { ...effect, key }, idempotencyKey(record.actor, revision, index), result)
  else await passOn(parts, record, key, result.output)
  crashPoint('transmit.answered')
  const { status, attempts } = result
  return result.status === 'failed' ? { index, status, attempts, code: result.code } : { index, status, attempts }
}

/** A tell's output may carry an event for the conversation (`adapter.ts`). */
type Heard = { heard?: ConversationEvent }

type Result =
  | { status: 'done'; attempts: number; output: object }
  | { status: 'failed'; attempts: number; code: AskErrorCode; reason: string }

async function attemptUntilOver(
  parts: TransmitParts,
  record: TurnRecord,
  effect: StoredEffect,
  key: string,
  stepAside: () => void,
): Promise<Result> {
  const { clock, activity } = parts
  const { retry } = parts.policyOf(record)
  const adapter = parts.adapterFor(effect)
  const breaker = parts.breakerFor(adapter.destination)
  const deadline_ms = Date.parse(record.at) + effect.withinMs

  for (let attempts = 1; ; attempts++) {
    if (breaker.isOpen()) {
      stepAside()
      await activity.pausing(() => breaker.pass(parts.leaving))
      if (parts.leaving.aborted) throw new LeftToNextOwner()
    }
    const leave = await enter(parts, adapter.destination, effect.withinMs, stepAside)
    const left_ms = Math.max(first_attempt_ms_min, deadline_ms - clock.now())
    const error = await attempt(parts, adapter, record, effect, key, Math.min(retry.attemptTimeoutMs, left_ms)).finally(
      leave,
    )
    if (!(error instanceof EffectError)) {
      breaker.succeeded()
      return { status: 'done', attempts, output: error }
    }
    if (error.code === 'tooManyRequests' || error.family === 'terminal') breaker.succeeded()
    else breaker.failed()
    const pause_ms = pauseMs(retry, attempts, error.retryAfterMs, parts.random)
    const over = error.family === 'terminal' || attempts >= retry.attempts || clock.now() + pause_ms >= deadline_ms
    const { traceId: trace } = traceOfEffect(record, key).own
    const facts = {
      actor: record.actor,
      trace,
      key,
      type: effect.type,
      attempts,
      code: error.code,
      reason: error.message,
    }
    if (over) {
      parts.log.warn(facts, 'effect given up')
      return { status: 'failed', attempts, code: error.code, reason: error.message }
    }
    parts.log.info({ ...facts, pause_ms }, 'effect will be tried again')
    stepAside()
    await activity.pausing(() => clock.sleep(pause_ms, parts.leaving))
    if (parts.leaving.aborted) throw new LeftToNextOwner()
  }
}

/** A place at the far side; who has to wait for one does not hold up what goes elsewhere. Throws `LeftToNextOwner`. */
async function enter(
  { turnstileFor, activity, leaving }: TransmitParts,
  destination: string,
  within_ms: number,
  stepAside: () => void,
): Promise<() => void> {
  const turnstile = turnstileFor(destination)
  if (!turnstile.isFull()) return turnstile.pass(within_ms)
  stepAside()
  const leave = await activity.pausing(() => turnstile.pass(within_ms))
  if (!leaving.aborted) return leave
  leave()
  throw new LeftToNextOwner()
}

/** An effect that has waited past its deadline still gets one honest attempt: nothing stored goes unattempted. */
const first_attempt_ms_min = 1_000

/** One attempt: the output, or the error. Its time is up by the conversation's clock or by the wall's, whichever is first. */
async function attempt(
  parts: TransmitParts,
  adapter: Adapter<AnyEffect>,
  record: TurnRecord,
  { type, payload }: StoredEffect,
  key: string,
  timeout_ms: number,
): Promise<object | EffectError> {
  const abort = new AbortController()
  const cancels = [...new Set([parts.clock, parts.wallClock])].map((clock) =>
    clock.after(timeout_ms, () => abort.abort()),
  )
  crashPoint('transmit.before-perform')
  try {
    return await adapter.perform(
      { type, payload },
      {
        trackingId: trackingIdOf(key),
        traceparent: traceparentOf(traceOfEffect(record, key).own),
        idempotencyKey: key,
        signal: abort.signal,
      },
    )
  } catch (error) {
    if (error instanceof EffectError) return error
    parts.log.error({ key, type, err: error }, 'an adapter threw what is no EffectError')
    return new EffectError('terminal', 'failed', `${adapter.destination}: the adapter failed`, { cause: error })
  } finally {
    for (const cancel of cancels) cancel()
  }
}

async function answer(
  parts: TransmitParts,
  record: TurnRecord,
  effect: StoredEffect,
  key: string,
  result: Result,
): Promise<void> {
  const { actor } = record
  const asked = { ask: effect.ask!, type: effect.type, key }
  const said =
    result.status === 'done'
      ? { ...asked, output: result.output, ...(isUndoable(parts, record, effect) ? { input: effect.payload } : {}) }
      : { ...asked, error: { code: result.code } }
  const envelope = answerEnvelope(actor, new Date(parts.clock.now()).toISOString(), said)
  await parts.tell(actor, { ...envelope, traceparent: traceparentOf(traceOfEffect(record, key).own) })
}

/**
 * T10: then its answer says what was asked, so that it can be undone if nobody waits for it any more. Of a version of the
 * past that is for the newest one to say: its conversations are migrated.
 */
function isUndoable({ definitions }: TransmitParts, { machine: { id, version } }: TurnRecord, { type }: StoredEffect) {
  const definition = definitionOf(id, version, definitions) ?? latestDefinition(id, definitions)
  return Object.hasOwn(definition?.asks.undo ?? {}, type)
}

/** What a far side said of itself when it was told something: heard like everything else that comes from outside. */
async function passOn(parts: TransmitParts, record: TurnRecord, key: string, output: Heard): Promise<void> {
  const { actor } = record
  if (!output.heard) return
  const envelope = envelopeOf(actor, '/transmit', { ...output.heard, id: `${key}.heard` })
  await parts.tell(actor, { ...envelope, traceparent: traceparentOf(traceOfEffect(record, key).own) })
}

/** `name` is the effect's own among all turns; a retried one has another key, that of its first time. */
async function giveUp(
  parts: TransmitParts,
  record: TurnRecord,
  effect: StoredEffect & { key: string },
  name: string,
  { attempts, code, reason }: Extract<Result, { status: 'failed' }>,
): Promise<void> {
  const { actor } = record
  const at = new Date(parts.clock.now()).toISOString()
  const direction = (effect.payload as { direction?: string }).direction
  await parts.setAside({ kind: 'effect', actor, reason, at, attempts, content: effect }, name)
  if (effect.key !== name) return // the conversation was told the first time, and has gone on
  const event = {
    type: 'effect.failed',
    id: `${name}.failed`,
    at,
    effect: effect.type,
    code,
    ...(direction === undefined ? {} : { direction }),
  } as const
  const traceparent = traceparentOf(traceOfEffect(record, effect.key).own)
  await parts.tell(actor, { ...envelopeOf(actor, '/transmit', event), traceparent })
}

/** A UUID from the key: the same on every attempt, on any node. */
function trackingIdOf(key: string): string {
  const digest = hash('sha256', key)
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`
}
