/**
 * One run of the workload on a node of its own: turns a second, how long they took and what they cost, and whether every
 * conversation ended and every effect went out once.
 */
import type { RunningNatsServer } from '../nats-server/run-nats-server.ts'
import { cpuMsOf, diskBytesOf, percentile, roundedTo, sumOf } from './costs.ts'
import { benchFarSide, type EffectMode } from './far-side.ts'
import { startBenchNode } from './turns.ts'
import { conversationsOf } from './workload.ts'

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

/** All zero in a run that kept its rules. */
export interface Check {
  wrongConversations: number
  effectsMissing: number
  effectsRepeated: number
}

/** Conversations at a time. */
export const concurrency = 64
const partitions = 32
const warm_up_conversations_max = 200

interface Driven {
  effects: EffectMode
  conversations: number
  /** What is stored is encrypted where there is one. */
  masterKeys?: readonly string[]
}

export interface Site {
  servers: RunningNatsServer[]
  dataDir: string
  replicas: number
}

/** Drives a node to the end of all its conversations, after a warm-up, and counts what that took. `driven` is how many turns. */
export async function turnsOf(
  { servers, dataDir, replicas }: Site,
  { effects, conversations: count, masterKeys = [] }: Driven,
): Promise<{ turns: TurnFigures; check: Check; driven: number }> {
  const farSide = await benchFarSide(effects)
  const urls = servers.map(({ url }) => url)
  const node = await startBenchNode(urls, { partitions, replicas, masterKeys }, farSide)
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
