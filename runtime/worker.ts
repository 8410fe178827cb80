/**
 * The loop of a turn: activate → mask → decide → persist → settle, one delivery at a time per actor, in stored order (T1),
 * other actors beside it. Speaks to the inbox consumers of every partition; transmit has its own loop.
 * A broker that is away makes a turn wait in its place; nothing is given back and nothing overtakes.
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '../adapters/clock.ts'
import { envelopeAsHeard, hearAcrossMessages } from './across-messages.ts'
import type { Activity } from './activity.ts'
import type { ActorCache } from './actor-cache.ts'
import type { Broker } from './broker.ts'
import { crashPoint } from './crash-points.ts'
import type { DeadLetters, SetAside } from './dead-letters.ts'
import type { Turned } from './domain-metrics.ts'
import type { Cause } from './envelope.ts'
import { keepSwept, type Reached } from './inbox-progress.ts'
import { lanes } from './lanes.ts'
import type { Log } from './log.ts'
import type { IsTooFarAhead } from './owed-turns.ts'
import { type Delivery, ownConsumer } from './owned-consumer.ts'
import { leaveAll, type OwnedPartition } from './owned-partition.ts'
import type { Pacing } from './pacing.ts'
import { type Loaded, record_format, seen_ids_max, type TurnRecord } from './record.ts'
import { whyNotRestorable } from './restorable.ts'
import { archived_state, forgottenOf } from './retention.ts'
import { turnSpan } from './spans.ts'
import { type Activated, activate, type Bindings, seenId } from './stages/activate.ts'
import { type Decision, decide, NotRestorable } from './stages/decide.ts'
import { type Persisted, persist } from './stages/persist.ts'
import type { Versions } from './stages/restore.ts'
import { settle } from './stages/settle.ts'
import { inboxConsumer, stream, subject } from './streams.ts'
import type { Timers } from './timers.ts'
import { traceOfTurn } from './trace-context.ts'
import type { Traces } from './traces.ts'
import { handOver } from './transmitter.ts'
import { isHeldBack, letterTurned, poisoned, setAside } from './turn-letters.ts'
import { underWay } from './under-way.ts'
import { untilAnswered } from './until-answered.ts'
import { waitingActors, waitingEvents, wakingTimer } from './waiting-events.ts'

export interface WorkerParts {
  nc: NatsConnection
  js: JetStreamClient
  jsm: JetStreamManager
  opening: Broker['opening']
  partitions: number
  clock: Clock
  /** Real time, for what has to do with the broker and not with conversations. */
  wallClock: Clock
  /** The time at which a turn of that conversation is decided. */
  timeOf: (actor: string) => number
  cache: ActorCache
  bindings: Bindings
  versions: Versions
  timers: Timers
  pacing: Pacing
  letters: DeadLetters
  isTooFarAhead: IsTooFarAhead
  /** Hears of every turn once it is stored. */
  turned: Turned
  traces: Traces
  activity: Activity
  log: Log
}

const waits = 'events that wait wait for the broker'
const broker_retry_ms = 200
const effects_look_again_ms = 500
const working_ms = 10_000
/** Whoever leaves while the broker is away does not wait for it. */
const tidy_ms_max = 1_000
/** The last attempt is made on the record as it is stored: what was remembered of it may have been the fault (E115). */
export const poison_attempts_max = 2

export interface Worker {
  partitions: readonly OwnedPartition[]
  /** Stops pulling and waits up to `ms` for turns under way; what is left comes again at the next owner. */
  stop(ms: number): Promise<void>
}

export function startWorker(parts: WorkerParts): Worker {
  const { nc, jsm, wallClock, cache, activity } = parts
  const perActor = lanes()
  const waiting = waitingEvents(
    jsm,
    parts.partitions,
    (ask) => untilAnswered(parts, waits, ask),
    (delivery) => turnWaiting(parts, delivery),
  )

  const swept = keepSwept(parts, () => partitions.map(({ reached }) => reached()))
  const own = (partition: number): OwnedPartition & { reached: () => Reached } => {
    const inHand = underWay()
    const inLane = (actor: string, work: () => Promise<void> = async () => {}) =>
      inHand.add(activity.during(() => perActor.run(actor, () => waiting.takeUp(actor).then(work))))
    const takeUpWaiting = async () => {
      for (const actor of await waiting.look(partition)) inLane(actor)
    }
    const owner = parts.opening({
      deliver: (delivery) => inLane(delivery.subject.split('.').at(-1) ?? '', () => turnUntilSettled(parts, delivery)),
      acquired() {
        cache.dropPartition(partition)
        parts.pacing.dropPartition(partition)
        void activity.during(takeUpWaiting)
      },
      // What has ended is swept, so the inbox begins at what is left of it.
      beginsAt: async () => 1,
    })
    const consumer = ownConsumer(nc, jsm, stream.inbox, inboxConsumer(partition), wallClock, owner)
    const reached = () => [partition, consumer.endedUpTo()] as const
    const tidyUp = async () => {
      const sweeping = underWay()
      sweeping.add(swept.sweep([reached()]))
      await sweeping.ended(wallClock, tidy_ms_max)
    }
    return { consumer, inHand, reached, tidyUp }
  }
  const partitions = Array.from({ length: parts.partitions }, (_, partition) => own(partition))
  void activity.during(() => untilAnswered(parts, waits, () => wakeRestorable(parts)))
  return {
    partitions,
    async stop(ms) {
      swept.stop()
      await leaveAll(partitions, wallClock, ms)
    },
  }
}

/** One delivery to its end. A broker that does not answer is asked again; a fenced turn is decided again (T3). */
async function turnUntilSettled(parts: WorkerParts, delivery: Delivery): Promise<void> {
  const stillWorking = keepWorking(parts.wallClock, delivery)
  try {
    for (let attempt = 1; !parts.nc.isClosed(); ) {
      try {
        if (await turn(parts, delivery, attempt)) return
        attempt++
      } catch (error) {
        parts.log.warn(
          { code: 'broker-unavailable', sequence: delivery.sequence, err: error },
          'turn waits for the broker',
        )
        await parts.wallClock.sleep(broker_retry_ms)
      }
    }
  } finally {
    stillWorking()
  }
}

/** An event that waited; it goes on waiting, in its place, while its conversation cannot be restored. */
async function turnWaiting(parts: WorkerParts, delivery: Delivery): Promise<boolean> {
  let waitsOn = false
  const setAside: SetAside = async (letter, id) => {
    if (letter.kind === 'record') waitsOn = true
    else await parts.letters.setAside(letter, id)
  }
  await turnUntilSettled({ ...parts, letters: { ...parts.letters, setAside } }, delivery)
  return !waitsOn
}

async function wakeRestorable({ jsm, js, cache, versions, clock }: WorkerParts): Promise<void> {
  for (const actor of await waitingActors(jsm)) {
    const loaded = await cache.load(actor)
    if (loaded && whyNotRestorable(loaded, versions) !== undefined) continue
    await js.publish(subject.in(actor), JSON.stringify(wakingTimer(actor, new Date(clock.now()).toISOString())))
  }
}

/** Returns whether the delivery is settled; false when the turn was fenced, or threw, and must be decided again. */
async function turn(parts: WorkerParts, delivery: Delivery, attempt: number): Promise<boolean> {
  const begin_ms = parts.wallClock.now()
  const activation = await activate(delivery, parts.cache, parts.bindings, parts.versions)
  if (activation.kind === 'seen') {
    const { loaded, last } = activation
    await letterTurned(parts, delivery, activation.actor)
    if (last) await settle(parts.timers, delivery, loaded.record, undefined)
    else delivery.ack()
    parts.cache.keep(activation.actor, loaded)
    return true
  }
  if (activation.kind === 'setAside') {
    await setAside(parts, delivery, activation.as, activation)
    return true
  }
  if (await isHeldBack(parts, delivery, activation)) return true
  await effectsFollow(parts, activation.loaded?.record)
  const heard = hearAcrossMessages(activation.cause, activation.loaded?.record.tail)
  const isAsItCame = heard.cause === activation.cause
  const envelope = isAsItCame ? activation.envelope : envelopeAsHeard(activation.envelope, heard.cause)
  const ready = { tail: heard.tail, ...activation, cause: heard.cause, envelope }
  const tasksBefore = ready.loaded ? 0 : ((await forgottenOf(parts.jsm, ready.actor))?.tasks ?? 0)
  const record = decideRecord(parts, delivery, ready, tasksBefore)
  if (record instanceof NotRestorable) {
    const { actor, envelope: content } = ready
    await setAside(parts, delivery, 'record', { actor, reason: record.message, content })
    return true
  }
  if (record instanceof Error && attempt < poison_attempts_max) {
    parts.cache.drop(ready.actor)
    return false
  }
  if (record instanceof Error) {
    await poisoned(parts, delivery, ready, `the machine ${ready.definition.id} threw: ${record.message}`)
    return true
  }
  await crashPoint('decide.decided', record === 'nothing' ? undefined : record)
  if (record === 'nothing') {
    if (await isBehind(parts, ready)) return false
    await letterTurned(parts, delivery, ready.actor)
    delivery.ack()
    return true
  }
  if (await putOff(parts, delivery, ready, record)) return true
  const { loaded } = ready
  const persisted = await persistOrForget(parts, record, loaded?.revision ?? 0)
  if (persisted.kind === 'fenced') return false
  if (persisted.kind === 'tooLarge') {
    const reason = `the turn would take ${persisted.bytes} bytes, more than one stored message may have`
    await poisoned(parts, delivery, ready, reason)
    return true
  }
  parts.cache.keep(record.actor, persisted.loaded)
  const { revision } = persisted.loaded
  parts.turned(record, loaded?.record)
  parts.traces.ended(() => turnSpan(record, revision, { begin_ms, end_ms: parts.wallClock.now() }))
  if (record.effects.length > 0) parts.activity.handed(handOver(record.actor, revision))
  await letterTurned(parts, delivery, record.actor)
  await settle(parts.timers, delivery, record, loaded?.record)
  logTurn(parts.log, record)
  return true
}

function logTurn(log: Log, record: TurnRecord): void {
  if (!log.isLevelEnabled('debug')) return // the name of its trace is a hash
  const { actor, turn, state, cause } = record
  log.debug({ actor, turn, trace: traceOfTurn(record).own.traceId, state, cause: cause.type }, 'turn')
}

/** A conversation whose effects are far behind its turns waits for them in its place. */
async function effectsFollow(
  { isTooFarAhead, activity, wallClock, log }: WorkerParts,
  record: TurnRecord | undefined,
): Promise<void> {
  while (record && (await isTooFarAhead(record))) {
    log.info({ actor: record.actor, turn: record.turn }, 'a conversation waits for its effects')
    await activity.pausing(() => wallClock.sleep(effects_look_again_ms))
  }
}

/** Whether another owner has committed since this record was read: what is stale by it may be valid by theirs (T9). */
async function isBehind({ cache }: WorkerParts, { actor, loaded }: Ready): Promise<boolean> {
  cache.drop(actor)
  const stored = await cache.load(actor)
  return (stored?.revision ?? 0) !== (loaded?.revision ?? 0)
}

type Ready = Activated & { tail: TurnRecord['tail'] | undefined }

/** The record this delivery makes; `nothing` for a stale answer or timer that leaves no trace (T10). */
function decideRecord(
  parts: WorkerParts,
  delivery: Delivery,
  ready: Ready,
  tasksBefore: number,
): TurnRecord | Error | 'nothing' {
  const { actor, address, binding, cause, definition, envelope, loaded, tail } = ready
  const at_ms = parts.timeOf(actor)
  let decision: ReturnType<typeof decide>
  try {
    const { asset, say } = binding
    decision = decide(definition, actor, address, loaded, cause, { at_ms, asset, say, tasksBefore })
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
  if (decision.heard === 'stale' && decision.effects.length === 0) return 'nothing'
  const seen = cause.kind === 'erase' ? [] : (loaded?.record.seen ?? [])
  return {
    format: record_format,
    actor,
    machine: { id: definition.id, version: definition.version, shape: definition.shape },
    address,
    turn: (loaded?.record.turn ?? 0) + 1,
    at: new Date(at_ms).toISOString(),
    input: { sequence: delivery.sequence, time_ns: delivery.time_ns },
    seen: cause.kind === 'event' ? [...seen, seenId(envelope)].slice(-seen_ids_max) : seen,
    ...(staysErased(cause, loaded, decision) ? { erased: true } : tail && { tail }),
    cause: envelope,
    ...decision,
  }
}

/** Until the customer writes again, whatever is still heard of the past is forgotten with the rest. */
const staysErased = (cause: Cause, loaded: Loaded | undefined, { state }: Decision): boolean =>
  cause.kind === 'erase' || (loaded?.record.erased === true && state === archived_state)

/** Whether it is not yet this conversation's turn to ask: then nothing has happened, and its timer fires again (E41). */
async function putOff(
  parts: WorkerParts,
  delivery: Delivery,
  { actor, cause }: Ready,
  { effects }: TurnRecord,
): Promise<boolean> {
  if (cause.kind !== 'timer') return false
  const due_ms = parts.pacing.putOffUntil(actor, cause, effects)
  if (due_ms === undefined) return false
  await parts.timers.putOff(actor, cause.timer, { due_ms, generation: cause.generation })
  await letterTurned(parts, delivery, actor)
  delivery.ack()
  return true
}

async function persistOrForget(parts: WorkerParts, record: TurnRecord, revision: number): Promise<Persisted> {
  try {
    const persisted = await persist(parts.js, parts.partitions, record, revision)
    if (persisted.kind === 'fenced') {
      parts.cache.drop(record.actor)
      parts.log.info(
        { code: 'fenced', actor: record.actor, turn: record.turn },
        'another node was first; decided again',
      )
    }
    return persisted
  } catch (error) {
    parts.cache.drop(record.actor) // the append may have been stored: only the stream knows
    throw error
  }
}

/** Keeps a delivery that takes its time from being delivered again. The returned function stops it. */
function keepWorking(clock: Clock, delivery: Delivery): () => void {
  let cancel = () => {}
  const beat = () => {
    cancel = clock.after(working_ms, () => {
      delivery.working()
      beat()
    })
  }
  beat()
  return () => cancel()
}
