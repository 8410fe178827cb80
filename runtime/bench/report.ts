/**
 * The benchmark as a whole: throw-away brokers, the ceiling of the machine and the turns of the runtime in one run, so
 * that their ratio means the same on a fast machine and on a slow one. Checks what it measured: every conversation must
 * have ended, every effect must have gone out once. Leaves nothing behind, in memory or on the disk.
 */
import { cpus, totalmem } from 'node:os'
import { connectBroker } from '../broker.ts'
import type { RunningNatsServer } from '../nats-server/run-nats-server.ts'
import { type Ceiling, measureCeiling } from './ceiling.ts'
import { cpuMsOf, diskBytesOf, percentile, roundedTo, sumOf } from './costs.ts'
import { type Failover, measureFailover } from './failover.ts'
import { benchFarSide, type EffectMode } from './far-side.ts'
import { inThrowAwayFolder, onThrowAwayBroker, onThrowAwayCluster } from './throw-away-broker.ts'
import { measureTimers, type TimerFigures } from './timers.ts'
import { startBenchNode } from './turns.ts'
import { conversationsOf, workload } from './workload.ts'

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
  check: { wrongConversations: number; effectsMissing: number; effectsRepeated: number }
}

/** Times in milliseconds. `cpuMsPerTurn` is this process's (runtime, driver and far side), `natsCpuMsPerTurn` the brokers' where the system tells. */
export interface TurnFigures {
  perS: number
  ackP50Ms: number
  ackP99Ms: number
  doneP50Ms: number
  doneP99Ms: number
  cpuMsPerTurn: number
  natsCpuMsPerTurn: number | null
  rssMb: number
  diskBytesPerTurn: number
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

const concurrency = 64
const partitions = 32
const warm_up_conversations_max = 200
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
    const { turns, check, driven } = await turnsOf({ servers, dataDir, replicas }, effects, conversations)
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

interface Site {
  servers: RunningNatsServer[]
  dataDir: string
  replicas: number
}

async function turnsOf({ servers, dataDir, replicas }: Site, effects: EffectMode, count: number) {
  const farSide = await benchFarSide(effects)
  const urls = servers.map(({ url }) => url)
  const node = await startBenchNode(urls, { partitions, replicas }, farSide)
  const natsCpuNow = () => sumOf(servers.map(({ pid }) => cpuMsOf(pid)))
  try {
    const warmUp = Math.min(Math.ceil(count / 5), warm_up_conversations_max)
    await node.drive('warm-up', warmUp, concurrency)
    const [cpu, natsCpu, disk] = [process.cpuUsage(), natsCpuNow(), await diskBytesOf(dataDir)]
    const { seconds, turns: driven, ack_ms, done_ms } = await node.drive('measured', count, concurrency)
    const used = process.cpuUsage(cpu)
    const natsUsed = natsCpuNow()
    const turns: TurnFigures = {
      perS: Math.round(driven / seconds),
      ackP50Ms: percentile(ack_ms, 0.5),
      ackP99Ms: percentile(ack_ms, 0.99),
      doneP50Ms: percentile(done_ms, 0.5),
      doneP99Ms: percentile(done_ms, 0.99),
      cpuMsPerTurn: roundedTo(3, (used.user + used.system) / 1_000 / driven),
      natsCpuMsPerTurn: natsCpu === null || natsUsed === null ? null : roundedTo(3, (natsUsed - natsCpu) / driven),
      rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
      diskBytesPerTurn: Math.round(((await diskBytesOf(dataDir)) - disk) / driven),
    }
    const { performed, repeated } = farSide.counts()
    const check = {
      wrongConversations: (await node.wrong('measured', count)).length,
      effectsMissing: effectsOf('warm-up', warmUp) + effectsOf('measured', count) - performed,
      effectsRepeated: repeated,
    }
    return { turns, check, driven }
  } finally {
    await node.stop()
    await farSide.stop()
  }
}

const effectsOf = (run: string, count: number): number =>
  conversationsOf(run, count)
    .flatMap(({ effects }) => effects)
    .reduce((sum, effects) => sum + effects, 0)
