/**
 * The loop of a turn: activate → mask → decide → persist → settle, one delivery at a time per actor, in stored order (T1),
 * other actors beside it. Speaks to the inbox consumers of every partition; transmit has its own loop.
 * A broker that is away makes a turn wait in its place; nothing is given back and nothing overtakes.
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '../adapters/clock.ts'
import type { Definition } from '../machines/definitions.ts'
import { envelopeAsHeard, hearAcrossMessages } from './across-messages.ts'
import type { Activity } from './activity.ts'
import type { ActorCache } from './actor-cache.ts'
import { crashPoint } from './crash-points.ts'
import type { SetAside } from './dead-letters.ts'
import type { Envelope } from './envelope.ts'
import { lanes } from './lanes.ts'
import type { Log } from './log.ts'
import { type Delivery, ownConsumer } from './owned-consumer.ts'
import { leaveAll, type OwnedPartition } from './owned-partition.ts'
import type { Pacing } from './pacing.ts'
import { record_format, seen_ids_max, type TurnRecord } from './record.ts'
import { type Activation, activate, type Bindings, seenId } from './stages/activate.ts'
import { decide } from './stages/decide.ts'
import { type Persisted, persist } from './stages/persist.ts'
import { settle } from './stages/settle.ts'
import { inboxConsumer, stream } from './streams.ts'
import type { Timers } from './timers.ts'
import { handOver } from './transmitter.ts'
import { underWay } from './under-way.ts'

export interface WorkerParts {
  nc: NatsConnection
  js: JetStreamClient
  jsm: JetStreamManager
  partitions: number
  clock: Clock
  /** Real time, for what has to do with the broker and not with conversations. */
  wallClock: Clock
  cache: ActorCache
  bindings: Bindings
  /** The machine versions this process can run. */
  definitions: readonly Definition[]
  timers: Timers
  pacing: Pacing
  setAside: SetAside
  activity: Activity
  log: Log
}

const broker_retry_ms = 200
const working_ms = 10_000

export interface Worker {
  partitions: readonly OwnedPartition[]
  /** Stops pulling and waits up to `ms` for turns under way; what is left comes again at the next owner. */
  stop(ms: number): Promise<void>
}

export function startWorker(parts: WorkerParts): Worker {
  const { nc, jsm, wallClock, cache, activity } = parts
  const perActor = lanes()

  const own = (partition: number): OwnedPartition => {
    const inHand = underWay()
    const consumer = ownConsumer(nc, jsm, stream.inbox, inboxConsumer(partition), wallClock, {
      deliver(delivery) {
        const actor = delivery.subject.split('.').at(-1) ?? ''
        inHand.add(activity.during(() => perActor.run(actor, () => turnUntilSettled(parts, delivery))))
      },
      acquired() {
        cache.dropPartition(partition)
        parts.pacing.dropPartition(partition)
      },
    })
    return { consumer, inHand }
  }
  const partitions = Array.from({ length: parts.partitions }, (_, partition) => own(partition))
  return { partitions, stop: (ms) => leaveAll(partitions, wallClock, ms) }
}

/** One delivery to its end. A broker that does not answer is asked again; a fenced turn is decided again (T3). */
async function turnUntilSettled(parts: WorkerParts, delivery: Delivery): Promise<void> {
  const stillWorking = keepWorking(parts.wallClock, delivery)
  try {
    while (!parts.nc.isClosed()) {
      try {
        if (await turn(parts, delivery)) return
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

/** Returns whether the delivery is settled; false when the turn was fenced and must be decided again. */
async function turn(parts: WorkerParts, delivery: Delivery): Promise<boolean> {
  const activation = await activate(delivery, parts.cache, parts.bindings, parts.definitions)
  if (activation.kind === 'seen') {
    const { loaded, last } = activation
    if (last) await settle(parts.timers, delivery, loaded.record, undefined)
    else delivery.ack()
    parts.cache.keep(activation.actor, loaded)
    return true
  }
  if (activation.kind === 'setAside') {
    await setAside(parts, delivery, activation.as, activation.actor, activation.reason, activation.content)
    return true
  }
  const heard = hearAcrossMessages(activation.cause, activation.loaded?.record.tail)
  const isAsItCame = heard.cause === activation.cause
  const envelope = isAsItCame ? activation.envelope : envelopeAsHeard(activation.envelope, heard.cause)
  const ready = { ...activation, ...heard, envelope }
  const record = decideRecord(parts, delivery, ready)
  if (record instanceof Error) {
    const reason = `the machine ${ready.definition.id} threw: ${record.message}`
    await setAside(parts, delivery, 'poison', ready.actor, reason, ready.envelope)
    return true
  }
  if (record === 'nothing') {
    delivery.ack()
    return true
  }
  if (await putOff(parts, delivery, ready, record)) return true
  const { loaded } = ready
  const persisted = await persistOrForget(parts, record, loaded?.revision ?? 0)
  if (persisted.kind === 'fenced') return false
  if (persisted.kind === 'tooLarge') {
    const reason = `the turn would take ${persisted.bytes} bytes, more than one stored message may have`
    await setAside(parts, delivery, 'poison', ready.actor, reason, ready.envelope)
    return true
  }
  parts.cache.keep(record.actor, persisted.loaded)
  if (record.effects.length > 0) parts.activity.handed(handOver(record.actor, persisted.loaded.revision))
  await settle(parts.timers, delivery, record, loaded?.record)
  parts.log.debug({ actor: record.actor, turn: record.turn, state: record.state, cause: record.cause.type }, 'turn')
  return true
}

type Ready = Extract<Activation, { kind: 'ready' }> & { tail: TurnRecord['tail'] | undefined }

/** The record this delivery makes; `nothing` for a stale answer or timer that leaves no trace (T10). */
function decideRecord(parts: WorkerParts, delivery: Delivery, ready: Ready): TurnRecord | Error | 'nothing' {
  const { actor, address, binding, cause, definition, envelope, loaded, tail } = ready
  const at_ms = parts.clock.now()
  let decision: ReturnType<typeof decide>
  try {
    decision = decide(definition, actor, address, loaded, cause, { at_ms, asset: binding.asset, say: binding.say })
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
  crashPoint('decide.decided')
  if (decision.heard === 'stale' && decision.effects.length === 0) return 'nothing'
  const seen = loaded?.record.seen ?? []
  return {
    format: record_format,
    actor,
    machine: { id: definition.id, version: definition.version, shape: definition.shape },
    address,
    turn: (loaded?.record.turn ?? 0) + 1,
    at: new Date(at_ms).toISOString(),
    input: { sequence: delivery.sequence, time_ns: delivery.time_ns },
    seen: cause.kind === 'event' ? [...seen, seenId(envelope)].slice(-seen_ids_max) : seen,
    ...(tail && { tail }),
    cause: envelope,
    ...decision,
  }
}

/** Whether it is not yet this conversation's turn to ask: then nothing has happened, and its timer fires again (E41). */
async function putOff(
  { pacing, timers }: WorkerParts,
  delivery: Delivery,
  { actor, cause }: Ready,
  { effects }: TurnRecord,
): Promise<boolean> {
  if (cause.kind !== 'timer') return false
  const due_ms = pacing.putOffUntil(actor, cause, effects)
  if (due_ms === undefined) return false
  await timers.putOff(actor, cause.timer, { due_ms, generation: cause.generation })
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

async function setAside(
  parts: WorkerParts,
  delivery: Delivery,
  kind: 'unreadable' | 'unhandled' | 'poison' | 'record' | 'effect',
  actor: string,
  reason: string,
  content: Envelope | unknown,
): Promise<void> {
  const at = new Date(parts.clock.now()).toISOString()
  const letter = { kind, actor, reason, at, attempts: delivery.deliveries, content }
  await parts.setAside(letter, `inbox.${delivery.sequence}.${delivery.time_ns}`)
  delivery.ack()
  parts.log.warn({ code: `dead-letter-${kind}`, actor }, reason)
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
