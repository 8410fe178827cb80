/**
 * Turns a second of the real thing: the worker and the transmitter of `runtime/`, as a node runs them, hosting the bench
 * machine. The driver stands where gateways stand: it stores events of a conversation one after another, the next one
 * when the turn is committed and all its effects have ended, and many conversations beside each other.
 */
import { stopwatch, systemClock } from '../../adapters/clock.ts'
import { actorIdOf } from '../../adapters/identity.ts'
import { presets } from '../../machines/policy.ts'
import { activity } from '../activity.ts'
import { actorCache, recordReader } from '../actor-cache.ts'
import { breaker } from '../breaker.ts'
import { type Broker, connectBroker } from '../broker.ts'
import { deadLetters } from '../dead-letters.ts'
import { effectsLedger } from '../ledger.ts'
import { openLog } from '../log.ts'
import { pacing } from '../pacing.ts'
import { stop_ms_max } from '../running.ts'
import type { Binding } from '../stages/activate.ts'
import { ensureStreams, subject } from '../streams.ts'
import { scheduledTimers } from '../timers.ts'
import { startTransmitter } from '../transmitter.ts'
import { startWorker } from '../worker.ts'
import type { BenchFarSide } from './far-side.ts'
import { benchDefinition } from './machine.ts'
import { type BenchConversation, bench_asset, conversationsOf } from './workload.ts'

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

export async function startBenchNode(natsUrl: string, partitions: number, farSide: BenchFarSide): Promise<BenchNode> {
  const [broker, driver] = await Promise.all(
    ['bench', 'bench-driver'].map((name) => connectBroker([natsUrl], no_creds, name)),
  )
  await ensureStreams(broker!.jsm, { replicas: 1, partitions })
  const node = startParts(broker!, partitions, farSide)
  const ended = await followEnds(driver!)
  const recordOf = recordReader(driver!.jsm, partitions)

  return {
    drive: (run, count, concurrency) => drive(driver!, ended, conversationsOf(run, count), concurrency),
    async wrong(run, count) {
      const actors = conversationsOf(run, count).map(({ address }) => actorIdOf(address))
      const records = await Promise.all(actors.map(recordOf))
      return actors.filter((_, place) => records[place]?.record.state !== 'closed' || records[place].record.turn !== 6)
    },
    async stop() {
      await node.stop()
      await Promise.all([broker!.nc.close(), driver!.nc.close()])
    },
  }
}

function startParts(broker: Broker, partitions: number, farSide: BenchFarSide) {
  const { js, jsm } = broker
  const clock = systemClock()
  const asset = {
    channel: 'live-chat',
    id: bench_asset,
    appId: '',
    menu: [],
    menuDefault: '',
    liveChatDomain: '',
    address: '',
    senderName: '',
    scriptSelector: '',
    form: { scriptSelectors: {}, default: '' },
    policy: presets.representative,
    context: [],
  } as const
  const binding: Binding = { machine: benchDefinition.id, asset: { ...asset, menu: [], context: [] }, say: () => '' }
  const common = {
    ...broker,
    clock,
    wallClock: clock,
    partitions,
    bindings: () => binding,
    definitions: [benchDefinition],
    setAside: deadLetters(js),
    activity: activity(false),
    log: openLog('silent'),
  }
  const worker = startWorker({
    ...common,
    cache: actorCache(recordReader(jsm, partitions), partitions),
    timers: scheduledTimers(js, jsm, partitions),
    pacing: pacing(clock, partitions, 0),
  })
  const toFarSide = breaker(clock)
  const transmitter = startTransmitter({
    ...common,
    ledger: effectsLedger(js, jsm, partitions),
    adapterFor: () => farSide.adapter,
    breakerFor: () => toFarSide,
    policyOf: () => presets.representative,
    tell: async (actor, envelope) => void (await js.publish(subject.in(actor), JSON.stringify(envelope))),
    random: Math.random,
  })
  return {
    async stop() {
      await worker.stop(stop_ms_max)
      await transmitter.stop(stop_ms_max)
    },
  }
}

type Ended = Map<string, () => void>

/** The ledger is written when a committed turn's effects have all ended: hearing of it is hearing of the whole turn. */
async function followEnds({ nc }: Broker): Promise<Ended> {
  const ended: Ended = new Map()
  nc.subscribe('parley.effects.*.*', {
    callback: (_error, message) => ended.get(message.subject.slice(message.subject.lastIndexOf('.') + 1))?.(),
  })
  await nc.flush()
  return ended
}

async function drive(driver: Broker, ended: Ended, all: BenchConversation[], concurrency: number): Promise<Turns> {
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

function* envelopesOf({ address, events }: BenchConversation) {
  const actor = actorIdOf(address)
  for (const { type, id, at, ...data } of events) {
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
    yield { actor, id, body: JSON.stringify(envelope) }
  }
}
