/**
 * The loop of transmit: every turn of every partition, in stored order, to its adapters. Speaks to the TURNS consumers and
 * the ledger. A record is acked once all its effects have ended and the ledger says so; one that comes again because an
 * ack was lost is recognised by the ledger and not carried out again (T5, T6). The record of a conversation whose retention
 * is over, or whose customer is to be forgotten, is acked once all that is stored of it is deleted.
 */
import { setMaxListeners } from 'node:events'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Broker } from './broker.ts'
import { crashPoint } from './crash-points.ts'
import { effectLanes, type Known, knownBy, nothingKnown } from './effect-lanes.ts'
import type { Ledger } from './ledger.ts'
import { type Delivery, ownConsumer } from './owned-consumer.ts'
import { leaveAll, type OwnedPartition } from './owned-partition.ts'
import { partitionOf } from './partition.ts'
import type { TurnRecord } from './record.ts'
import { erase, forget, isRetentionOver } from './retention.ts'
import type { TransmitParts } from './stages/transmit.ts'
import { stream, subject, turnsConsumer } from './streams.ts'
import { type UnderWay, underWay } from './under-way.ts'
import { untilAnswered } from './until-answered.ts'

export interface TransmitterParts extends Omit<TransmitParts, 'leaving'> {
  nc: NatsConnection
  js: JetStreamClient
  jsm: JetStreamManager
  opening: Broker['opening']
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

const waits = 'transmit waits for the broker'
const broker_retry_ms = 200
const working_ms = 10_000
/** A customer who writes without end does not put off being forgotten. */
const inbox_looks_max = 20

export function startTransmitter(given: TransmitterParts): Transmitter {
  const leaving = new AbortController()
  setMaxListeners(0, leaving.signal) // whatever is being retried listens
  // What was given up must be a letter before its record is acked, however long the broker has no room (T9).
  const setAside: TransmitterParts['setAside'] = async (letter, messageId) => {
    await untilAnswered(given, waits, () => given.setAside(letter, messageId))
  }
  const parts: Parts = { ...given, setAside, leaving: leaving.signal }
  const { wallClock } = parts
  const lanes = effectLanes({
    ...parts,
    write: (actor, entry) =>
      untilAnswered(parts, waits, () => parts.ledger.write(actor, Object.assign({}, entry, positionOf(actor)))),
    leave: (actor, begun) =>
      untilAnswered(parts, waits, () => parts.ledger.leave(actor, { begun, ...positionOf(actor) })),
  })
  const records = new Map<string, Delivery>()
  /** How far the actor's partition has come, for whoever owns it next. */
  const positionOf = (actor: string) => {
    const endedUpTo = partitions[partitionOf(actor, parts.partitions)]?.consumer.endedUpTo()
    return endedUpTo === undefined ? {} : { endedUpTo }
  }

  const deliver: Deliver = (delivery, inHand, lookUp) => {
    const record = read(delivery)
    if (record?.effects.length) parts.activity.met(handOver(record.actor, delivery.sequence))
    if (!record || (record.effects.length === 0 && !record.erased && !isRetentionOver(record))) return delivery.ack()
    const name = handOver(record.actor, delivery.sequence)
    if (records.has(name)) return delivery.working()
    records.set(name, delivery)
    const known = parts.activity.during(() => lookUp(record.actor))
    const work = { record, revision: delivery.sequence, known, complete: () => complete(parts, record, delivery) }
    inHand.add(lanes.carryOut(work).finally(() => records.delete(name)))
  }

  const partitions: OwnedPartition[] = Array.from({ length: parts.partitions }, (_, partition) =>
    ownPartition(parts, partition, deliver),
  )
  const stopBeat = beat(parts, records)
  return {
    partitions,
    share: () => partitions.filter(({ consumer }) => consumer.isOwner()).length / parts.partitions,
    async stop(ms) {
      leaving.abort()
      await leaveAll(partitions, wallClock, ms, lanes.close)
      stopBeat()
    },
  }
}

type Parts = TransmitterParts & TransmitParts

/** `lookUp`: what the ledger knows of that delivery's record. */
type Deliver = (delivery: Delivery, inHand: UnderWay, lookUp: (actor: string) => Promise<Known>) => void

/** Names one record on its way from the commit to its effects. */
export const handOver = (actor: string, revision: number): string => `${actor}.${revision}`

/**
 * Until a new owner has passed what was stored before it began, each record is looked up in the ledger first: its effects
 * may have ended at the last owner.
 */
function ownPartition(parts: Parts, partition: number, deliver: Deliver): OwnedPartition {
  const inHand = underWay()
  let caughtUpAt = Number.POSITIVE_INFINITY
  const owner = parts.opening({
    acquired() {
      caughtUpAt = Number.POSITIVE_INFINITY
      void untilAnswered(parts, waits, () => parts.jsm.streams.info(stream.turns)).then((info) => {
        caughtUpAt = info?.state.last_seq ?? caughtUpAt
      })
    },
    beginsAt: () => parts.ledger.owedSince(partition),
    deliver: (delivery) =>
      deliver(delivery, inHand, async (actor) => {
        if (delivery.sequence > caughtUpAt && delivery.deliveries === 1) return nothingKnown
        return knownBy(await untilAnswered(parts, waits, () => parts.ledger.last(actor)), delivery.sequence)
      }),
  })
  const { nc, jsm, wallClock } = parts
  const consumer = ownConsumer(nc, jsm, stream.turns, turnsConsumer(partition), wallClock, owner)
  return { consumer, inHand }
}

/** The record's last step, once the ledger knows what became of its effects. */
async function complete(parts: Parts, record: TurnRecord, delivery: Delivery): Promise<void> {
  const { actor } = record
  if (record.erased) await parts.activity.during(() => eraseUntilDone(parts, record, delivery.sequence))
  else if (isRetentionOver(record)) await parts.activity.during(() => forgetUntilDone(parts, actor, delivery.sequence))
  crashPoint('transmit.before-ack')
  delivery.ack()
}

const forgetUntilDone = (parts: TransmitterParts, actor: string, revision: number) =>
  untilAnswered(parts, waits, () => forget(parts.jsm, parts.partitions, actor, revision))

/** What the past still has to say is heard first: it may name what was left open at a far side (T10). */
async function eraseUntilDone(parts: TransmitterParts, record: TurnRecord, revision: number): Promise<void> {
  const { jsm, wallClock, partitions } = parts
  const subjects_filter = subject.inbox(partitionOf(record.actor, partitions), record.actor)
  const waiting = async () => (await jsm.streams.info(stream.inbox, { subjects_filter })).state.subjects
  for (let looks = 0; looks < inbox_looks_max; looks++) {
    if (Object.keys((await untilAnswered(parts, waits, waiting)) ?? {}).length === 0) break
    await wallClock.sleep(broker_retry_ms)
  }
  await untilAnswered(parts, waits, () => erase(parts.js, jsm, partitions, record, revision))
}

const utf8 = new TextDecoder()

function read(delivery: Delivery): TurnRecord | undefined {
  try {
    return JSON.parse(utf8.decode(delivery.data)) as TurnRecord
  } catch {
    return undefined // not ours: only persist writes TURNS
  }
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
