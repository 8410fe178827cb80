/**
 * What paths are walked on for real: one nats-server or three, one or more nodes as processes of their own (`parley serve`), a
 * far side that answers when it is told to, and an eye on TURNS. On loopback, in a temporary folder, with virtual time.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopwatch } from '../../../adapters/clock.ts'
import type { Address } from '../../../machines/events.ts'
import { lastOf } from '../../../runtime/actor-cache.ts'
import { cpuMsOf, sumOf } from '../../../runtime/bench/costs.ts'
import { assetBindings } from '../../../runtime/bindings.ts'
import { connectBroker } from '../../../runtime/broker.ts'
import { loadConfig } from '../../../runtime/config.ts'
import type { Envelope } from '../../../runtime/envelope.ts'
import { tellOwnTime } from '../../../runtime/own-times.ts'
import { partitionOf } from '../../../runtime/partition.ts'
import type { Binding } from '../../../runtime/stages/activate.ts'
import { ensureStreams, stream, subject } from '../../../runtime/streams.ts'
import { beginVirtualTimeAt } from '../../../runtime/virtual-time.ts'
import { nothingYet } from '../../drive.ts'
import { type Served, serve } from '../../served.ts'
import { assetsOf } from './assets.ts'
import { startBrokers } from './brokers.ts'
import type { CpuMs } from './cpu.ts'
import { type SteeredFarSide, steeredFarSide } from './far-side.ts'
import { poster } from './poster.ts'
import { isQuiet } from './quiet.ts'
import { followTurns, type Turns } from './turns.ts'

export interface LiveSite {
  /** Of the brokers. */
  urls: readonly string[]
  patience_ms: number
  far: SteeredFarSide
  turns: Turns
  bindingOf(address: Address): Binding
  /** A request to a node that is there, sent again until one answers otherwise than 5xx. */
  post(path: string, body: object): Promise<{ status: number; body: unknown }>
  /** Stores an event as a gateway, a transmitter or the timers would. */
  store(actor: string, envelope: Envelope): Promise<void>
  /** What that conversation hears from now on is turned at that time. */
  setTime(actor: string, now_ms: number): Promise<void>
  /** Resolves once no turn of that conversation is stored any more; to false when that takes longer than patience lasts. */
  forgets(actor: string): Promise<boolean>
  /** Resolves when nothing waits to be turned or to be sent; throws when something still does after half a minute. */
  quiet(): Promise<void>
  /** Starts one node more; its environment has these as well. */
  start(env: Record<string, string>): Promise<void>
  /** Kills all nodes, as a power cut would. Until another is started, requests wait. */
  kill(): Promise<void>
  /** What the nodes say that they hold at a crash point for good, as PARLEY_HOLD_AT names it. */
  held(): ReadonlySet<string>
  /** Kills one node, as a power cut would, and starts another in its place. Does nothing on a site of one node. */
  killOne(): Promise<void>
  /** Processor time used so far, this process's own included; null where the system does not tell. */
  cpuMs(): CpuMs
  stop(): Promise<void>
}

export interface LiveSiteOptions {
  natsServerBin: string
  machines: readonly string[]
  nodes: number
  /** How long a step may take at most; half a minute unless said: machines are busy, and a killed node is missed for seconds. */
  patience_ms?: number
  /** Three keep every stream in three copies. */
  brokers?: 1 | 3
  under?: string
}

/** Each costs its share of heartbeats and of batches that are not full. */
const partitionsFor = (nodes: number): number => (nodes === 1 ? 1 : 4)
/** Everybody's time stands so far behind that of the paths, so that no call is given up because a machine is busy. */
const behind_ms = 86_400_000
const look_again_ms = 5
const quiet_ms_max = 30_000

/** Leaves nothing running when it throws. */
export async function openLiveSite(options: LiveSiteOptions): Promise<LiveSite> {
  const { natsServerBin, machines, nodes, brokers = 1, patience_ms = 30_000, under } = options
  const partitions = partitionsFor(nodes)
  const dir = await mkdtemp(join(under ?? tmpdir(), 'parley-live-'))
  const ends: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })]
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const servers = await startBrokers(natsServerBin, dir, brokers)
    ends.push(() => servers.stop())
    const far = await steeredFarSide()
    ends.push(() => far.close())
    const assets = assetsOf(machines).map(({ entry }) => entry)
    await writeFile(join(dir, 'parley.config.json'), JSON.stringify({ assets }))
    const env = {
      ...settings,
      PARLEY_PARTITIONS: String(partitions),
      PARLEY_CONFIG: join(dir, 'parley.config.json'),
      PARLEY_NATS_URL: servers.urls.join(','),
      DIGITAL_ROUTING_URL: far.url,
      ENGAGE_URL: far.url,
      CONNECT_URL: far.url,
    }
    const broker = await connectBroker(servers.urls, {}, 'paths')
    ends.push(() => broker.nc.close())
    /** A busy machine may answer late; what was stored all the same is recognised. */
    const untilStored = async (publish: () => Promise<unknown>): Promise<void> => {
      const elapsed = stopwatch()
      for (;;) {
        try {
          return void (await publish())
        } catch (error) {
          if (elapsed() > patience_ms) throw error
          await new Promise((resolve) => setTimeout(resolve, look_again_ms))
        }
      }
    }
    await ensureStreams(broker.jsm, { replicas: servers.replicas, partitions })
    // A server of three may not have heard yet of a stream that another one has just made.
    await untilStored(() => beginVirtualTimeAt(broker.js, broker.jsm, nothingYet.at_ms - behind_ms))
    const turns = await followTurns(broker)
    const doors = poster()
    ends.push(() => doors.close())
    const served: Served[] = []
    const start = async (own: Record<string, string> = {}) => void served.push(await serve({ ...env, ...own }))
    let goneMs: number | null = 0
    const kill = async (victims: Served[]) => {
      goneMs = sumOf([goneMs, ...victims.map(({ pid }) => cpuMsOf(pid))])
      for (const node of victims) node.signal('SIGKILL')
      await Promise.all(victims.map(({ ended }) => ended))
    }
    ends.push(() => kill(served))
    await Promise.all(Array.from({ length: nodes }, () => start()))

    const { bindings } = assetBindings(loadConfig({ env: { PARLEY_CONFIG: env.PARLEY_CONFIG }, cwd: dir }).assets)
    let turnOf = 0
    let stored = 0
    return {
      urls: servers.urls,
      patience_ms,
      far,
      turns,
      bindingOf: (address) => bindings(address)!,
      async post(path, body) {
        for (;;) {
          const node = served[turnOf++ % served.length]
          const answer = node && (await doors.post(node.url + path, body).catch(() => undefined))
          if (answer && answer.status < 500) return answer
          await new Promise((resolve) => setTimeout(resolve, look_again_ms))
        }
      },
      store(actor, envelope) {
        const msgID = `walker ${stored++}`
        return untilStored(() => broker.js.publish(subject.in(actor), JSON.stringify(envelope), { msgID }))
      },
      setTime: (actor, now_ms) => untilStored(() => tellOwnTime(broker.js, actor, now_ms)),
      async forgets(actor) {
        const elapsed = stopwatch()
        const turns = subject.turns(partitionOf(actor, partitions), actor)
        while ((await lastOf(broker.jsm, stream.turns, turns)) !== undefined) {
          if (elapsed() > patience_ms) return false
          await new Promise((resolve) => setTimeout(resolve, look_again_ms))
        }
        return true
      },
      async quiet() {
        const elapsed = stopwatch()
        while (!(await isQuiet(broker, partitions))) {
          if (elapsed() > quiet_ms_max)
            throw new Error(`events or effects are still under way after ${quiet_ms_max / 1_000} s`)
          await new Promise((resolve) => setTimeout(resolve, look_again_ms))
        }
        await turns.caughtUp()
      },
      start,
      kill: () => kill(served.splice(0)),
      held: () =>
        new Set(served.flatMap((node) => [...node.log().matchAll(/^held at (\S+)$/gm)].map(([, name]) => name!))),
      async killOne() {
        if (served.length < 2) return
        await kill(served.splice(0, 1))
        await start()
      },
      cpuMs: () => ({
        walker: cpuMsOf(process.pid),
        nodes: sumOf([goneMs, ...served.map(({ pid }) => cpuMsOf(pid))]),
        brokers: sumOf(servers.pids.map(cpuMsOf)),
      }),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const settings = {
  PARLEY_CLOCK: 'virtual',
  PARLEY_RECONCILE_PER_SECOND: '0',
  PARLEY_LIMITS__DIGITAL_ROUTING__PER_SECOND: '0',
  PARLEY_LIMITS__DIGITAL_ROUTING__AT_ONCE: '0',
  PARLEY_LIMITS__ENGAGE__AT_ONCE: '0',
  PARLEY_LIMITS__CONNECT__AT_ONCE: '0',
  PARLEY_LOG_LEVEL: 'warn',
  PARLEY_ASSETS__0__POLICY__RETRY__ATTEMPT_TIMEOUT_MS: '600000',
}
