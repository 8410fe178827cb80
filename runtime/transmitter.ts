/**
 * The loop of transmit: every turn of every partition, in stored order, to its adapters. Speaks to the TURNS consumers and
 * the ledger. A record is acked once all its effects have ended and the ledger says so; one that comes again because an
 * ack was lost is recognised by the ledger and not carried out again (T5, T6). The record of a conversation whose retention
 * is over, or whose customer is to be forgotten, is acked once all that is stored of it is deleted.
 */
import { setMaxListeners } from 'node:events'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { crashPoint } from './crash-points.ts'
import type { EffectOutcome, Ledger } from './ledger.ts'
import { type Delivery, ownConsumer } from './owned-consumer.ts'
import { leaveAll, type OwnedPartition } from './owned-partition.ts'
import { partitionOf } from './partition.ts'
import type { TurnRecord } from './record.ts'
import { erase, forget, isRetentionOver } from './retention.ts'
import { LeftToNextOwner, type TransmitParts, transmit } from './stages/transmit.ts'
import { stream, subject, turnsConsumer } from './streams.ts'
import { type UnderWay, underWay } from './under-way.ts'

export interface TransmitterParts extends Omit<TransmitParts, 'leaving'> {
  nc: NatsConnection
  js: JetStreamClient
  jsm: JetStreamManager
  partitions: number
  ledger: Ledger
}

export interface Transmitter {
  partitions: readonly OwnedPartition[]
  /** The part of all partitions that is this node's, 0 to 1. */
  share(): number
  /**
   * Stops pulling, lets go of what is being retried, and waits up to `ms` for calls under way; what is left comes again at
   * the next owner.
   */
  stop(ms: number): Promise<void>
}

const broker_retry_ms = 200
const working_ms = 10_000
/** A customer who writes without end does not put off being forgotten. */
const inbox_looks_max = 20

export function startTransmitter(given: TransmitterParts): Transmitter {
  const leaving = new AbortController()
  setMaxListeners(0, leaving.signal) // whatever is being retried listens
  // What was given up must be a letter before its record is acked, however long the broker has no room (T9).
  const setAside: TransmitterParts['setAside'] = async (letter, messageId) => {
    await untilAnswered(given, () => given.setAside(letter, messageId))
  }
  const parts: Parts = { ...given, setAside, leaving: leaving.signal }
  const { wallClock } = parts
  const lanes: Lanes = new Map()
  const records = new Map<string, Delivery>()

  const deliver = (delivery: Delivery, inHand: UnderWay, isKnown: (record: TurnRecord) => Promise<boolean>) => {
    const record = read(delivery)
    if (record?.effects.length) parts.activity.met(handOver(record.actor, delivery.sequence))
    if (!record || (record.effects.length === 0 && !record.erased && !isRetentionOver(record))) return delivery.ack()
    const name = handOver(record.actor, delivery.sequence)
    if (records.has(name)) return delivery.working()
    records.set(name, delivery)
    const known = parts.activity.during(() => isKnown(record))
    inHand.add(carryOut(parts, lanes, delivery, record, known).finally(() => records.delete(name)))
  }

  const partitions = Array.from({ length: parts.partitions }, (_, partition) => ownPartition(parts, partition, deliver))
  const stopBeat = beat(parts, records)
  return {
    partitions,
    share: () => partitions.filter(({ consumer }) => consumer.isOwner()).length / parts.partitions,
    async stop(ms) {
      leaving.abort()
      await leaveAll(partitions, wallClock, ms)
      stopBeat()
    },
  }
}

type Parts = TransmitterParts & TransmitParts

/** Names one record on its way from the commit to its effects. */
export const handOver = (actor: string, revision: number): string => `${actor}.${revision}`

/**
 * Until a new owner has passed what was stored before it began, each record is looked up in the ledger first: its effects
 * may have ended at the last owner.
 */
function ownPartition(
  parts: Parts,
  partition: number,
  deliver: (delivery: Delivery, inHand: UnderWay, isKnown: (record: TurnRecord) => Promise<boolean>) => void,
): OwnedPartition {
  const inHand = underWay()
  let caughtUpAt = Number.POSITIVE_INFINITY
  const consumer = ownConsumer(parts.nc, parts.jsm, stream.turns, turnsConsumer(partition), parts.wallClock, {
    acquired() {
      caughtUpAt = Number.POSITIVE_INFINITY
      void untilAnswered(parts, () => parts.jsm.streams.info(stream.turns)).then((info) => {
        caughtUpAt = info?.state.last_seq ?? caughtUpAt
      })
    },
    deliver: (delivery) =>
      deliver(delivery, inHand, async (record) => {
        if (delivery.sequence > caughtUpAt && delivery.deliveries === 1) return false
        const last = await untilAnswered(parts, () => parts.ledger.last(record.actor))
        return last !== undefined && last.revision >= delivery.sequence
      }),
  })
  return { consumer, inHand }
}

/** What later effects of the same actor wait for. */
interface Lane {
  /** Every earlier effect has ended or stepped aside: to be retried, or to wait for one that is, at its destination. */
  clear: Promise<unknown>
  /** The last effect to each destination. */
  byDestination: Map<string, { ended: Promise<unknown>; isOver: boolean }>
  /** Every earlier record is in the ledger. */
  completed: Promise<void>
  records: number
}
type Lanes = Map<string, Lane>

/**
 * One record to its ack. Effects are begun at once and wait for those before them; the ledger keeps the order of turns.
 * Rejects, unacked and not in the ledger, when an effect of it or of a record before it was left to the next owner.
 */
async function carryOut(
  parts: Parts,
  lanes: Lanes,
  delivery: Delivery,
  record: TurnRecord,
  known: Promise<boolean>,
): Promise<void> {
  const { actor } = record
  const lane = lanes.get(actor) ?? { clear: known, byDestination: new Map(), completed: Promise.resolve(), records: 0 }
  lanes.set(actor, lane)
  lane.records++
  const ended = allEnded(record.effects.map((_, index) => begin(parts, lane, delivery, record, index, known)))
  lane.completed = Promise.all([lane.completed, ended]).then(async ([, outcomes]) => {
    const entry = { revision: delivery.sequence, outcomes: outcomes.filter((outcome) => outcome !== undefined) }
    const write = () => untilAnswered(parts, () => parts.ledger.write(actor, entry))
    if (entry.outcomes.length > 0) await parts.activity.during(write)
    if (record.erased) await parts.activity.during(() => eraseUntilDone(parts, record, delivery.sequence))
    else if (isRetentionOver(record))
      await parts.activity.during(() => forgetUntilDone(parts, actor, delivery.sequence))
    crashPoint('transmit.before-ack')
    delivery.ack()
  })
  await lane.completed.finally(() => {
    if (--lane.records === 0) lanes.delete(actor)
  })
}

/** The values in order; rejects if one did, but not before all have settled. */
async function allEnded<Value>(promises: Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

const forgetUntilDone = (parts: TransmitterParts, actor: string, revision: number) =>
  untilAnswered(parts, () => forget(parts.jsm, parts.partitions, actor, revision))

/** What the past still has to say is heard first: it may name what was left open at a far side (T10). */
async function eraseUntilDone(parts: TransmitterParts, record: TurnRecord, revision: number): Promise<void> {
  const { jsm, wallClock, partitions } = parts
  const subjects_filter = subject.inbox(partitionOf(record.actor, partitions), record.actor)
  const waiting = async () => (await jsm.streams.info(stream.inbox, { subjects_filter })).state.subjects
  for (let looks = 0; looks < inbox_looks_max; looks++) {
    if (Object.keys((await untilAnswered(parts, waiting)) ?? {}).length === 0) break
    await wallClock.sleep(broker_retry_ms)
  }
  await untilAnswered(parts, () => erase(parts.js, jsm, partitions, record, revision))
}

/** Resolves to the effect's outcome, or undefined when the ledger knew it already. */
function begin(
  parts: Parts,
  lane: Lane,
  delivery: Delivery,
  record: TurnRecord,
  index: number,
  known: Promise<boolean>,
): Promise<EffectOutcome | undefined> {
  const { destination } = parts.adapterFor(record.effects[index]!)
  const before = lane.byDestination.get(destination)
  let stepAside = () => {}
  const aside = new Promise<void>((resolve) => {
    stepAside = resolve
  })
  // When all earlier ones are out of the way and this one still has to wait, it must not stand in the way of others.
  void lane.clear.then(() => {
    if (before?.isOver === false) stepAside()
  })
  const self = { isOver: false, ended: Promise.resolve<EffectOutcome | undefined>(undefined) }
  self.ended = Promise.all([known, lane.clear, before?.ended])
    .then(([isKnown]) => {
      if (parts.nc.isClosed()) throw new LeftToNextOwner()
      if (isKnown) return undefined
      return parts.activity.during(() => transmit(parts, record, delivery.sequence, index, stepAside))
    })
    .finally(() => {
      self.isOver = true
      stepAside()
    })
  lane.clear = Promise.all([lane.clear, aside])
  lane.byDestination.set(destination, self)
  return self.ended
}

const utf8 = new TextDecoder()

function read(delivery: Delivery): TurnRecord | undefined {
  try {
    return JSON.parse(utf8.decode(delivery.data)) as TurnRecord
  } catch {
    return undefined // not ours: only persist writes TURNS
  }
}

/** Asks the broker until it answers; undefined only when the connection is closed for good. */
async function untilAnswered<Value>(parts: TransmitterParts, ask: () => Promise<Value>): Promise<Value | undefined> {
  while (!parts.nc.isClosed()) {
    try {
      return await ask()
    } catch (error) {
      parts.log.warn({ code: 'broker-unavailable', err: error }, 'transmit waits for the broker')
      await parts.wallClock.sleep(broker_retry_ms)
    }
  }
  return undefined
}

/** Keeps what is in hand from being delivered again while it is being retried. */
function beat({ nc, wallClock }: TransmitterParts, records: Map<string, Delivery>): () => void {
  let cancel = () => {}
  const next = () => {
    cancel = wallClock.after(working_ms, () => {
      if (nc.isClosed()) return
      for (const delivery of records.values()) delivery.working()
      next()
    })
  }
  next()
  return () => cancel()
}
