/**
 * A node of the benchmark: the worker and the transmitter of `runtime/`, as a node runs them, hosting the bench machine
 * instead of conversations, without a gateway. Shares partitions with the others on its broker.
 */
import { randomBytes } from 'node:crypto'
import { systemClock } from '../../adapters/clock.ts'
import { presets } from '../../machines/policy.ts'
import { activity } from '../activity.ts'
import { actorCache, recordReader } from '../actor-cache.ts'
import { type Balance, balance } from '../balance.ts'
import { breaker } from '../breaker.ts'
import type { Broker } from '../broker.ts'
import { far_side_limit_default } from '../config-schema.ts'
import { deadLetters } from '../dead-letters.ts'
import { effectsLedger } from '../ledger.ts'
import { openLog } from '../log.ts'
import { type NodeState, type Work, works } from '../node-state.ts'
import { joinNodes } from '../nodes.ts'
import { owedTurns } from '../owed-turns.ts'
import { pacing } from '../pacing.ts'
import { stop_ms_max } from '../running.ts'
import type { Binding } from '../stages/activate.ts'
import { subject } from '../streams.ts'
import { scheduledTimers } from '../timers.ts'
import { noTraces } from '../traces.ts'
import { startTransmitter, type Transmitter } from '../transmitter.ts'
import { turnstile } from '../turnstile.ts'
import { startWorker } from '../worker.ts'
import type { BenchFarSide } from './far-side.ts'
import { benchDefinition } from './machine.ts'
import { bench_asset } from './workload.ts'

export interface HostedNode {
  /** Those it hears, itself included. */
  live(): NodeState[]
  /** Hands over in order; the connection stays open. */
  stop(): Promise<void>
}

/** Begins at once; several on one broker share its partitions, as nodes do. `does`: what it owns them for. */
export function startHostedNode(
  broker: Broker,
  partitions: number,
  farSide: Pick<BenchFarSide, 'adapter'>,
  does: readonly Work[] = works,
): HostedNode {
  const { js, jsm, nc } = broker
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
  const letters = deadLetters(js, jsm)
  const ledger = effectsLedger(js, jsm, partitions)
  const definitions = [benchDefinition]
  const common = {
    ...broker,
    clock,
    wallClock: clock,
    partitions,
    bindings: () => binding,
    letters,
    setAside: letters.setAside,
    activity: activity(false),
    log: openLog('silent'),
  }
  const turn = () =>
    startWorker({
      traces: noTraces,
      ...common,
      versions: { definitions, migrations: [] },
      timeOf: clock.now,
      cache: actorCache(recordReader(jsm, partitions), partitions),
      timers: scheduledTimers(js, jsm, partitions),
      pacing: pacing(clock, partitions, 0),
      isTooFarAhead: owedTurns(jsm, partitions, ledger),
      turned: () => {},
    })
  const transmit = () => {
    const toFarSide = breaker(clock)
    const toFarSideAtOnce = turnstile(clock, far_side_limit_default, () => own.share())
    const own: Transmitter = startTransmitter({
      traces: noTraces,
      ...common,
      definitions,
      ledger,
      adapterFor: () => farSide.adapter,
      breakerFor: () => toFarSide,
      turnstileFor: () => toFarSideAtOnce,
      policyOf: () => presets.representative,
      tell: async (actor, envelope) => void (await js.publish(subject.in(actor), JSON.stringify(envelope))),
      random: Math.random,
    })
    return own
  }
  const worker = does.includes('turning') ? turn() : undefined
  const transmitter = does.includes('transmitting') ? transmit() : undefined
  const about = {
    id: randomBytes(node_id_bytes).toString('hex'),
    host: 'bench',
    pid: process.pid,
    url: '',
    since: new Date(clock.now()).toISOString(),
  }
  let balanced: Balance | undefined
  const state = () => {
    const shares = balanced?.shares()
    return shares ? { ...about, shares } : about
  }
  const nodes = joinNodes(nc, clock, state)
  balanced = balance(nodes, clock, { turning: worker?.partitions, transmitting: transmitter?.partitions })
  return {
    live: nodes.live,
    async stop() {
      nodes.leave()
      await Promise.all([worker?.stop(stop_ms_max), transmitter?.stop(stop_ms_max)])
    },
  }
}

const node_id_bytes = 6
