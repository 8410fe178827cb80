/**
 * Turns a second of the real thing: the worker and the transmitter of `runtime/`, as a node runs them, hosting the bench
 * machine. The driver stands where gateways stand: it stores events of a conversation one after another, the next one
 * when the turn is committed and all its effects have ended, and many conversations beside each other.
 */
import { stopwatch, systemClock } from '../../adapters/clock.ts'
import { actorIdOf } from '../../adapters/identity.ts'
import type { Address } from '../../machines/events.ts'
import { recordReader } from '../actor-cache.ts'
import { type Broker, connectBroker } from '../broker.ts'
import { type AtRestSettings, atRest } from '../encryption/at-rest.ts'
import { openLog } from '../log.ts'
import { ensureStreams, subject } from '../streams.ts'
import { untilBrokerAnswers } from '../until-broker-answers.ts'
import type { BenchFarSide } from './far-side.ts'
import type { BenchEvent } from './machine.ts'
import { startHostedNode } from './node.ts'
import { type BenchConversation, conversationsOf } from './workload.ts'

export interface Turns {
  seconds: number
  turns: number
  /** Milliseconds from sending an event: until it is stored, and until its turn is committed and its effects have ended. */
  ack_ms: number[]
  done_ms: number[]
}

export interface BenchNode {
  /** Runs `count` new conversations to their end. */
  drive(run: string, count: number, concurrency: number): Promise<Turns>
  /** Conversations of a run whose record is not what six turns make of it. */
  wrong(run: string, count: number): Promise<string[]>
  stop(): Promise<void>
}

const no_creds = {}

/** What is stored is encrypted where there are master keys, in `settings`. */
export async function startBenchNode(
  natsUrls: string[],
  settings: AtRestSettings,
  farSide: BenchFarSide,
): Promise<BenchNode> {
  const { partitions, replicas } = settings
  const connect = async (name: string) => {
    const inClear = await connectBroker(natsUrls, no_creds, name)
    await untilBrokerAnswers(systemClock(), () => ensureStreams(inClear.jsm, { replicas, partitions }))
    return (await atRest(inClear, settings, systemClock(), openLog('silent'))).broker
  }
  const broker = await connect('bench')
  const driver = await connect('bench-driver')
  const node = startHostedNode(broker, partitions, farSide)
  const ended = await followEnds(driver)
  const recordOf = recordReader(driver.jsm, partitions)

  return {
    drive: (run, count, concurrency) => drive(driver, ended, conversationsOf(run, count), concurrency),
    wrong: (run, count) => wrongOf(conversationsOf(run, count), recordOf),
    async stop() {
      await node.stop()
      await Promise.all([broker.nc.close(), driver.nc.close()])
    },
  }
}

/** Those whose record is not what six turns make of it. */
export async function wrongOf(all: BenchConversation[], recordOf: ReturnType<typeof recordReader>): Promise<string[]> {
  const actors = all.map(({ address }) => actorIdOf(address))
  const records = await Promise.all(actors.map(recordOf))
  return actors.filter((_, place) => records[place]?.record.state !== 'closed' || records[place].record.turn !== 6)
}

export type Ended = Map<string, () => void>

/** The ledger is written when a committed turn's effects have all ended: hearing of it is hearing of the whole turn. */
export async function followEnds({ nc }: Broker): Promise<Ended> {
  const ended: Ended = new Map()
  nc.subscribe('parley.effects.*.*', {
    callback: (_error, message) => ended.get(message.subject.slice(message.subject.lastIndexOf('.') + 1))?.(),
  })
  await nc.flush()
  return ended
}

/** Whose events they are, in their order. */
export interface Driven {
  address: Address
  events: Iterable<BenchEvent>
}

/** Each conversation's events one after another, `concurrency` conversations at a time. */
export async function drive(driver: Broker, ended: Ended, all: Driven[], concurrency: number): Promise<Turns> {
  const ack_ms: number[] = []
  const done_ms: number[] = []
  const waiting = all.values()
  const whole = stopwatch()
  const lane = async () => {
    for (const one of waiting) {
      for (const sent of envelopesOf(one)) {
        const elapsed = stopwatch()
        const done = new Promise<void>((resolve) => ended.set(sent.actor, resolve))
        await driver.js.publish(subject.in(sent.actor), sent.body, { msgID: sent.id })
        ack_ms.push(elapsed())
        await done
        done_ms.push(elapsed())
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return { seconds: whole() / 1_000, turns: done_ms.length, ack_ms, done_ms }
}

export function* envelopesOf({ address, events }: Driven) {
  for (const event of events) yield envelopeOf(address, event)
}

/** An event as gateways store it. */
export function envelopeOf(address: Address, { type, id, at, ...data }: BenchEvent) {
  const actor = actorIdOf(address)
  const envelope = {
    specversion: '1.0',
    id,
    source: '/bench',
    type: `parley.${type}`,
    subject: actor,
    time: at,
    datacontenttype: 'application/json',
    data,
    ...address,
  }
  return { actor, id, body: JSON.stringify(envelope) }
}
