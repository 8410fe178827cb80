/**
 * The loop of transmit: every turn of every partition, in stored order, to its adapters. Speaks to the TURNS consumers and
 * the ledger. A record is acked once all its effects have ended and the ledger says so; one that comes again because an
 * ack was lost is recognised by the ledger and not carried out again (T5, T6). The record of a conversation whose retention
 * is over is acked once all that is stored of it is deleted.
 */
import type { JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { crashPoint } from './crash-points.ts'
import type { EffectOutcome, Ledger } from './ledger.ts'
import { type Delivery, type OwnedConsumer, ownConsumer } from './owned-consumer.ts'
import type { TurnRecord } from './record.ts'
import { forget, isRetentionOver } from './retention.ts'
import { type TransmitParts, transmit } from './stages/transmit.ts'
import { stream, turnsConsumer } from './streams.ts'

export interface TransmitterParts extends TransmitParts {
  nc: NatsConnection
  jsm: JetStreamManager
  partitions: number
  ledger: Ledger
}

export interface Transmitter {
  /** The part of all partitions that is this node's, 0 to 1. */
  share(): number
  /** Stops pulling and waits a while for effects under way; what is left comes again at the next owner. */
  stop(): Promise<void>
}

const stop_ms_max = 5_000
const broker_retry_ms = 200
const working_ms = 10_000

export function startTransmitter(given: TransmitterParts): Transmitter {
  // What was given up must be a letter before its record is acked, however long the broker has no room (T9).
  const setAside: TransmitterParts['setAside'] = async (letter, messageId) => {
    await untilAnswered(given, () => given.setAside(letter, messageId))
  }
  const parts = { ...given, setAside }
  const lanes: Lanes = new Map()
  const inHand = new Map<string, Delivery>()
  const underWay = new Set<Promise<void>>()

  const deliver = (delivery: Delivery, known: (record: TurnRecord) => Promise<boolean>) => {
    const record = read(delivery)
    if (record?.effects.length) parts.activity.met(handOver(record.actor, delivery.sequence))
    if (!record || (record.effects.length === 0 && !isRetentionOver(record))) return delivery.ack()
    const name = handOver(record.actor, delivery.sequence)
    if (inHand.has(name)) return delivery.working()
    inHand.set(name, delivery)
    const over = carryOut(
      parts,
      lanes,
      delivery,
      record,
      parts.activity.during(() => known(record)),
    ).finally(() => {
      inHand.delete(name)
      underWay.delete(over)
    })
    underWay.add(over)
  }

  const consumers = Array.from({ length: parts.partitions }, (_, partition) => ownPartition(parts, partition, deliver))
  const stopBeat = beat(parts, inHand)
  return {
    share: () => consumers.filter((consumer) => consumer.isOwner()).length / parts.partitions,
    async stop() {
      for (const consumer of consumers) consumer.stop()
      const ended = new AbortController()
      const all = Promise.all(underWay).finally(() => ended.abort())
      await Promise.race([all, parts.wallClock.sleep(stop_ms_max, ended.signal)])
      await Promise.all(consumers.map((consumer) => consumer.release()))
      stopBeat()
    },
  }
}

/** Names one record on its way from the commit to its effects. */
export const handOver = (actor: string, revision: number): string => `${actor}.${revision}`

/**
 * Until a new owner has passed what was stored before it began, each record is looked up in the ledger first: its effects
 * may have ended at the last owner.
 */
function ownPartition(
  parts: TransmitterParts,
  partition: number,
  deliver: (delivery: Delivery, known: (record: TurnRecord) => Promise<boolean>) => void,
): OwnedConsumer {
  let caughtUpAt = Number.POSITIVE_INFINITY
  return ownConsumer(parts.nc, parts.jsm, stream.turns, turnsConsumer(partition), parts.wallClock, {
    acquired() {
      caughtUpAt = Number.POSITIVE_INFINITY
      void untilAnswered(parts, () => parts.jsm.streams.info(stream.turns)).then((info) => {
        caughtUpAt = info?.state.last_seq ?? caughtUpAt
      })
    },
    deliver: (delivery) =>
      deliver(delivery, async (record) => {
        if (delivery.sequence > caughtUpAt && delivery.deliveries === 1) return false
        const last = await untilAnswered(parts, () => parts.ledger.last(record.actor))
        return last !== undefined && last.revision >= delivery.sequence
      }),
  })
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

/** One record to its ack. Effects are begun at once and wait for those before them; the ledger keeps the order of turns. */
async function carryOut(
  parts: TransmitterParts,
  lanes: Lanes,
  delivery: Delivery,
  record: TurnRecord,
  known: Promise<boolean>,
): Promise<void> {
  const { actor } = record
  const lane = lanes.get(actor) ?? { clear: known, byDestination: new Map(), completed: Promise.resolve(), records: 0 }
  lanes.set(actor, lane)
  lane.records++
  const ended = Promise.all(record.effects.map((_, index) => begin(parts, lane, delivery, record, index, known)))
  lane.completed = Promise.all([lane.completed, ended]).then(async ([, outcomes]) => {
    const entry = { revision: delivery.sequence, outcomes: outcomes.filter((outcome) => outcome !== undefined) }
    const write = () => untilAnswered(parts, () => parts.ledger.write(actor, entry))
    if (entry.outcomes.length > 0) await parts.activity.during(write)
    if (isRetentionOver(record)) await parts.activity.during(() => forgetUntilDone(parts, actor, delivery.sequence))
    crashPoint('transmit.before-ack')
    delivery.ack()
  })
  await lane.completed
  if (--lane.records === 0) lanes.delete(actor)
}

const forgetUntilDone = (parts: TransmitterParts, actor: string, revision: number) =>
  untilAnswered(parts, () => forget(parts.jsm, parts.partitions, actor, revision))

/** Resolves to the effect's outcome, or undefined when the ledger knew it already. */
function begin(
  parts: TransmitterParts,
  lane: Lane,
  delivery: Delivery,
  record: TurnRecord,
  index: number,
  known: Promise<boolean>,
): Promise<EffectOutcome | undefined> {
  const { destination } = parts.adapterFor(record.effects[index]!.type)
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
    .then(([isKnown]) =>
      isKnown ? undefined : parts.activity.during(() => transmit(parts, record, delivery.sequence, index, stepAside)),
    )
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
function beat({ wallClock }: TransmitterParts, inHand: Map<string, Delivery>): () => void {
  let cancel = () => {}
  const next = () => {
    cancel = wallClock.after(working_ms, () => {
      for (const delivery of inHand.values()) delivery.working()
      next()
    })
  }
  next()
  return () => cancel()
}
