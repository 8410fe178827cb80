/**
 * The cost curve: turns a second, their time and what they cost, from few to many stored conversations, partitions, kB of
 * context and nodes. Each point has a throw-away broker of its own and nodes that are processes of their own; the driver
 * stands where gateways stand. Checks what it measured: every conversation must have ended.
 */
import { type Clock, systemClock } from '../../../adapters/clock.ts'
import { actorIdOf } from '../../../adapters/identity.ts'
import { recordReader } from '../../actor-cache.ts'
import { type Broker, connectBroker } from '../../broker.ts'
import type { TurnRecord } from '../../record.ts'
import { ensureStreams, stream } from '../../streams.ts'
import { untilBrokerAnswers } from '../../until-broker-answers.ts'
import { cpuMsOf, diskBytesOf, memoryMbOf, percentile, roundedTo, sumOf } from '../costs.ts'
import { endMember, hearMembers, startMember } from '../members.ts'
import { onThrowAwayBroker } from '../throw-away-broker.ts'
import { drive, followEnds, wrongOf } from '../turns.ts'
import { conversationsOf } from '../workload.ts'
import { type Axis, type Place, textBytesFor, usual } from './axes.ts'
import { storeConversations } from './stored.ts'

/** Times in milliseconds. CPU and memory of all nodes together, and of the broker; null where the system does not tell. */
export interface Point {
  axis: Axis
  value: number
  /** What a conversation remembers in the end, measured. */
  contextKb: number
  turnsPerS: number
  doneP50Ms: number
  doneP99Ms: number
  cpuMsPerTurn: number | null
  natsCpuMsPerTurn: number | null
  memoryMb: number | null
  natsMemoryMb: number | null
  diskMb: number
  wrongConversations: number
}

export interface CurveOptions {
  bin: string
  axes: Readonly<Record<Axis, readonly number[]>>
  /** Conversations that are driven at each point. */
  conversations: number
  concurrency: number
  progress: (line: string) => void
}

const warm_up_conversations = 100

/** About a quarter of a minute a point, and some minutes where a million conversations are stored first. */
export async function measureCurve(options: CurveOptions): Promise<Point[]> {
  const points: Point[] = []
  for (const axis of Object.keys(options.axes) as Axis[]) {
    for (const value of options.axes[axis]) {
      options.progress(`measuring ${axis} ${value}…`)
      points.push(await pointAt(options, axis, value))
    }
  }
  return points
}

function pointAt(options: CurveOptions, axis: Axis, value: number): Promise<Point> {
  const place = { ...usual, [axis]: value }
  return onThrowAwayBroker(options.bin, false, async ({ url, pid: natsPid }, dataDir) => {
    const clock = systemClock()
    const driver = await connectBroker([url], {}, 'bench-driver')
    await ensureStreams(driver.jsm, { replicas: 1, partitions: place.partitions })
    const heard = hearMembers(driver.nc, clock)
    const members = Array.from({ length: place.nodes }, () =>
      startMember({ natsUrl: url, partitions: place.partitions }),
    )
    try {
      const isReady = () => heard.isEven(members, place.partitions)
      const pids = members.map(({ pid }) => pid!)
      const driven = await drivenAt(options, place, driver, clock, isReady, { nodes: pids, nats: natsPid })
      return { axis, value, ...driven, diskMb: Math.round((await diskBytesOf(dataDir)) / 2 ** 20) }
    } finally {
      await Promise.all(members.map((member) => endMember(member, 'leaves')))
      heard.leave()
      await driver.nc.close()
    }
  })
}

async function drivenAt(
  { conversations, concurrency, progress }: CurveOptions,
  { stored, partitions, contextKb }: Place,
  driver: Broker,
  clock: Clock,
  isReady: () => boolean,
  pids: { nodes: number[]; nats: number },
): Promise<Omit<Point, 'axis' | 'value' | 'diskMb'>> {
  const ended = await followEnds(driver)
  const recordOf = recordReader(driver.jsm, partitions)
  const textBytes = textBytesFor(contextKb)
  let like: TurnRecord | undefined
  // Partitions are owned once something has come for them, and shares even some time after.
  for (let run = 1; !like || !isReady(); run++) {
    const warmUp = conversationsOf(`warm-up-${run}`, warm_up_conversations, textBytes)
    await drive(driver, ended, warmUp, concurrency)
    like = (await recordOf(actorIdOf(warmUp[0]!.address)))?.record
  }
  await storeConversations(driver, partitions, like, stored, progress)
  await untilQuiet(driver, clock)

  const all = conversationsOf('measured', conversations, textBytes)
  const [cpu, natsCpu] = [cpuOf(pids.nodes), cpuOf([pids.nats])]
  const { seconds, turns, done_ms } = await drive(driver, ended, all, concurrency)
  const perTurn = (pids: number[], before: number | null) => {
    const after = cpuOf(pids)
    return before === null || after === null ? null : roundedTo(3, (after - before) / turns)
  }
  return {
    contextKb: roundedTo(1, contextBytesOf(like) / 1_024),
    turnsPerS: Math.round(turns / seconds),
    doneP50Ms: percentile(done_ms, 0.5),
    doneP99Ms: percentile(done_ms, 0.99),
    cpuMsPerTurn: perTurn(pids.nodes, cpu),
    natsCpuMsPerTurn: perTurn([pids.nats], natsCpu),
    memoryMb: sumOf(pids.nodes.map(memoryMbOf)),
    natsMemoryMb: memoryMbOf(pids.nats),
    wrongConversations: (await wrongOf(all, recordOf)).length,
  }
}

/** Until the nodes have seen all that was stored. A broker that has just been given a million subjects is slow to count. */
async function untilQuiet(driver: Broker, clock: Clock): Promise<void> {
  while ((await untilBrokerAnswers(clock, () => unseenIn(driver))) > 0) await clock.sleep(look_again_ms)
}

async function unseenIn({ jsm }: Broker): Promise<number> {
  let unseen = 0
  for await (const { num_pending, num_ack_pending } of jsm.consumers.list(stream.turns))
    unseen += num_pending + num_ack_pending
  return unseen
}

const cpuOf = (pids: number[]): number | null => sumOf(pids.map(cpuMsOf))

const contextBytesOf = ({ snapshot }: TurnRecord): number =>
  Buffer.byteLength(JSON.stringify((snapshot as unknown as { context: unknown }).context))

const look_again_ms = 100
