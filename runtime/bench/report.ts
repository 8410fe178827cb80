/**
 * The benchmark as a whole: throw-away brokers, the ceiling of the machine and the turns of the runtime in one run, so
 * that their ratio means the same on a fast machine and on a slow one. Checks what it measured: every conversation must
 * have ended, every effect must have gone out once. Leaves nothing behind, in memory or on the disk.
 */
import { cpus, totalmem } from 'node:os'
import { connectBroker } from '../broker.ts'
import type { RunningNatsServer } from '../nats-server/run-nats-server.ts'
import { type Ceiling, measureCeiling } from './ceiling.ts'
import { roundedTo } from './costs.ts'
import { type Failover, measureFailover } from './failover.ts'
import type { EffectMode } from './far-side.ts'
import { inThrowAwayFolder, onThrowAwayBroker, onThrowAwayCluster } from './throw-away-broker.ts'
import { measureTimers, type TimerFigures } from './timers.ts'
import { type Check, concurrency, type TurnFigures, turnsOf } from './turn-figures.ts'
import { workload } from './workload.ts'

export interface BenchReport extends Measured {
  machine: { cpus: number; model: string; memoryGb: number; platform: string }
  node: string
  nats: string
  /** The same with effects that are HTTP requests, and with a broker that syncs to the disk now and then; fewer conversations. */
  overHttp: Measured
  relaxed: Measured
  /** The same on three brokers on this machine, every stream in three copies; fewer conversations. */
  replicated: Measured
  failover: Failover
  timers: TimerFigures
}

export interface Measured {
  durability: string
  workload: {
    name: string
    seed: number
    conversations: number
    turns: number
    concurrency: number
    effects: EffectMode
  }
  ceiling: Ceiling
  turns: TurnFigures
  ratio: { turnsToCommitCeiling: number }
  check: Check
}

export interface BenchOptions {
  /** The nats-server binary and its version. */
  bin: string
  version: string
  conversations: number
  /** How many kills and hand-overs. */
  failovers: number
  /** How many are outstanding. */
  timers: number
  progress?: (line: string) => void
}

interface Setting {
  effects: EffectMode
  syncAlways: boolean
  replicas: 1 | 3
  conversations: number
}

const side_share = 1 / 8
const ceiling_ms = 700

/** As it runs by default: nothing is said to be stored before the disk has it. */
const usual = { effects: 'noop', syncAlways: true, replicas: 1 } as const

/** Takes about three minutes for the defaults of 2000 conversations, ten fail-overs and 100,000 timers. */
export async function runBench({
  bin,
  version,
  conversations,
  failovers,
  timers: outstanding,
  progress = () => {},
}: BenchOptions): Promise<BenchReport> {
  const side = Math.max(1, Math.ceil(conversations * side_share))
  const one = (name: string, setting: Setting) => {
    progress(`measuring ${name}…`)
    return measured(bin, setting)
  }
  const main = await one('turns', { ...usual, conversations })
  const overHttp = await one('turns over HTTP', { ...usual, effects: 'http', conversations: side })
  const relaxed = await one('turns without waiting for the disk', { ...usual, syncAlways: false, conversations: side })
  const replicated = await one('turns at replicas 3', { ...usual, replicas: 3, conversations: side })
  progress('measuring fail-over…')
  const failover = await onThrowAwayBroker(bin, true, ({ url }) => measureFailover(url, failovers))
  progress('measuring timers…')
  const timers = await inThrowAwayFolder((dataDir) => measureTimers(bin, dataDir, outstanding))
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
  }
  return { machine, node: process.version, nats: version, ...main, overHttp, relaxed, replicated, failover, timers }
}

/** The ceiling is taken before and after, since the speed of a shared machine drifts. */
async function measured(bin: string, { effects, syncAlways, replicas, conversations }: Setting): Promise<Measured> {
  const on = async (servers: RunningNatsServer[], dataDir: string): Promise<Measured> => {
    const urls = servers.map(({ url }) => url)
    const before = await ceilingOf(urls, replicas)
    const { turns, check, driven } = await turnsOf({ servers, dataDir, replicas }, { effects, conversations })
    const after = await ceilingOf(urls, replicas)
    const ceiling = {
      publishPerS: Math.round((before.publishPerS + after.publishPerS) / 2),
      commitPerS: Math.round((before.commitPerS + after.commitPerS) / 2),
    }
    return {
      durability: `sync_interval: ${syncAlways ? 'always' : '2m (the server default)'}, replicas ${replicas}`,
      workload: { name: workload.name, seed: workload.seed, conversations, turns: driven, concurrency, effects },
      ceiling,
      turns,
      ratio: { turnsToCommitCeiling: roundedTo(3, turns.perS / ceiling.commitPerS) },
      check,
    }
  }
  return replicas === 3
    ? onThrowAwayCluster(bin, on)
    : onThrowAwayBroker(bin, syncAlways, (server, dataDir) => on([server], dataDir))
}

async function ceilingOf(urls: string[], replicas: number): Promise<Ceiling> {
  const { nc, jsm } = await connectBroker(urls, {}, 'bench-ceiling')
  try {
    return await measureCeiling(nc, jsm, replicas, ceiling_ms)
  } finally {
    await nc.close()
  }
}
