/**
 * What paths are walked on for real: a nats-server, one or more nodes as processes of their own (`parley serve`), a far side
 * that answers when it is told to, and an eye on TURNS. On loopback, in a temporary folder, with virtual time. An asset for
 * every machine and policy; its customers are the paths.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeliverPolicy } from '@nats-io/jetstream'
import type { Address } from '../../../machines/events.ts'
import { assetBindings } from '../../../runtime/bindings.ts'
import { connectBroker } from '../../../runtime/broker.ts'
import { loadConfig } from '../../../runtime/config.ts'
import type { Envelope } from '../../../runtime/envelope.ts'
import { inboxSweep } from '../../../runtime/inbox-progress.ts'
import { runNatsServer } from '../../../runtime/nats-server/run-nats-server.ts'
import type { TurnRecord } from '../../../runtime/record.ts'
import type { Binding } from '../../../runtime/stages/activate.ts'
import { ensureStreams, stream, subject } from '../../../runtime/streams.ts'
import { beginVirtualTimeAt } from '../../../runtime/virtual-time.ts'
import { ackedUpTo } from '../../acked-up-to.ts'
import { nothingYet } from '../../drive.ts'
import { lineOf } from '../../lines.ts'
import { request } from '../../node.ts'
import { type Served, serve } from '../../served.ts'
import { type PolicyName, policies } from '../line.ts'
import { type SteeredFarSide, steeredFarSide } from './far-side.ts'

export interface LiveTurn {
  record: TurnRecord
  /** Its number in the stream, of which keys are made. */
  revision: number
}

export interface LiveSite {
  far: SteeredFarSide
  addressOf(machine: string, policy: PolicyName, number: number): Address
  bindingOf(address: Address): Binding
  /** A request to a node that is there, sent again until one answers otherwise than 5xx. */
  post(path: string, body: object): Promise<{ status: number; body: unknown }>
  /** Stores an event as a gateway, a transmitter or the timers would. */
  store(actor: string, envelope: Envelope): Promise<void>
  /** The next turn of that conversation; undefined when none comes within that time. */
  nextTurn(actor: string, within_ms: number): Promise<LiveTurn | undefined>
  /** Whether one has come that was not asked for yet. */
  hasTurn(actor: string): boolean
  /** Turns that have come and were not asked for, oldest first; nothing of the conversation waits in INBOX by then. */
  restOf(actor: string): Promise<LiveTurn[]>
  /** Kills one node, as a power cut would, and starts another in its place. Does nothing on a site of one node. */
  killOne(): Promise<void>
  stop(): Promise<void>
}

export interface LiveSiteOptions {
  natsServerBin: string
  machines: readonly string[]
  nodes: number
  under?: string
}

const partitions = 8
const look_again_ms = 5

/** Leaves nothing running when it throws. */
export async function openLiveSite({ natsServerBin, machines, nodes, under }: LiveSiteOptions): Promise<LiveSite> {
  const dir = await mkdtemp(join(under ?? tmpdir(), 'parley-live-'))
  const ends: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })]
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const server = await runNatsServer({ bin: natsServerBin, dataDir: dir, syncAlways: false })
    ends.push(() => server.stop())
    const far = await steeredFarSide()
    ends.push(() => far.close())
    const assets = assetsOf(machines)
    await writeFile(join(dir, 'parley.config.json'), JSON.stringify({ assets: assets.map(({ entry }) => entry) }))
    const env = {
      ...settings,
      PARLEY_CONFIG: join(dir, 'parley.config.json'),
      PARLEY_NATS_URL: server.url,
      DIGITAL_ROUTING_URL: far.url,
      ENGAGE_URL: far.url,
      CONNECT_URL: far.url,
    }
    const broker = await connectBroker([server.url], {}, 'paths')
    ends.push(() => broker.nc.close())
    await ensureStreams(broker.jsm, { replicas: 1, partitions })
    await beginVirtualTimeAt(broker.js, broker.jsm, nothingYet.at_ms)
    const turns = await followTurns(broker)
    const served = await Promise.all(Array.from({ length: nodes }, () => serve(env)))
    ends.push(() => Promise.all(served.map(ended)))

    const { bindings } = assetBindings(loadConfig({ env: { PARLEY_CONFIG: env.PARLEY_CONFIG }, cwd: dir }).assets)
    const { sweep } = inboxSweep(broker.jsm)
    let turnOf = 0
    const post: LiveSite['post'] = async (path, body) => {
      for (;;) {
        const node = served[turnOf++ % served.length]!
        const answer = await request(node.url + path, 'POST', body).catch(() => undefined)
        if (answer && answer.status < 500) return answer
        await new Promise((resolve) => setTimeout(resolve, look_again_ms))
      }
    }
    return {
      far,
      addressOf: (machine, policy, number) => addressOf(assets, machine, policy, number),
      bindingOf: (address) => bindings(address)!,
      post,
      store: async (actor, envelope) => void (await broker.js.publish(subject.in(actor), JSON.stringify(envelope))),
      nextTurn: turns.next,
      hasTurn: turns.has,
      async restOf(actor) {
        const filter = `parley.inbox.*.${actor}`
        for (;;) {
          await sweep(await ackedUpTo(broker.jsm))
          const { state } = await broker.jsm.streams.info(stream.inbox, { subjects_filter: filter })
          if (Object.keys(state.subjects ?? {}).length === 0) return turns.rest(actor)
          await new Promise((resolve) => setTimeout(resolve, look_again_ms))
        }
      },
      async killOne() {
        if (served.length < 2) return
        const [victim] = served.splice(0, 1)
        victim!.signal('SIGKILL')
        await victim!.ended
        served.push(await serve(env))
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const settings = {
  PARLEY_CLOCK: 'virtual',
  PARLEY_PARTITIONS: String(partitions),
  PARLEY_RECONCILE_PER_SECOND: '0',
  PARLEY_LIMITS__DIGITAL_ROUTING__PER_SECOND: '0',
  PARLEY_LIMITS__DIGITAL_ROUTING__AT_ONCE: '0',
  PARLEY_LOG_LEVEL: 'warn',
  PARLEY_ASSETS__0__POLICY__RETRY__ATTEMPT_TIMEOUT_MS: '600000',
}

async function ended(node: Served): Promise<void> {
  node.signal('SIGKILL')
  await node.ended
}

interface LiveAsset {
  machine: string
  policy: PolicyName
  entry: { id: string }
}

/** One try, however long it takes: how an ask ends is the path's to say. */
const retry = { attempts: 1, attemptTimeoutMs: 600_000 }

function assetsOf(machines: readonly string[]): LiveAsset[] {
  const policyNames = Object.keys(policies) as PolicyName[]
  return machines.flatMap((machine) =>
    policyNames.map((policy) => {
      const { channel, id, appId, menu, menuDefault, liveChatDomain, form, address, senderName, scriptSelector } =
        lineOf(machine).assetWith()
      const common = {
        channel,
        machine,
        id: `${id}${policy.length}${machine.length}`,
        policy: { ...policies[policy], retry },
      }
      const own = {
        sms: { appId, menu, menuDefault },
        'live-chat': { liveChatDomain, form },
        email: { address: address.replace('@', `.${policy}@`), senderName, scriptSelector },
      }[channel]
      return { machine, policy, entry: { ...common, ...own } }
    }),
  )
}

function addressOf(assets: LiveAsset[], machine: string, policy: PolicyName, number: number): Address {
  const { address } = lineOf(machine)
  const { entry } = assets.find((one) => one.machine === machine && one.policy === policy)!
  const at = { ...address, asset: entry.id }
  if (address.channel === 'sms') return { ...at, customer: `+1415556${String(number).padStart(4, '0')}` }
  if (address.channel === 'live-chat') return { ...at, customer: `chat-user-${number}` }
  return { ...at, topic: topicOf(number) }
}

/** Mails of one path are of one subject. */
export const topicOf = (number: number): string => `claim ${number}`

/** Every turn as it is stored, sorted by conversation. */
async function followTurns({ js }: Awaited<ReturnType<typeof connectBroker>>) {
  const come = new Map<string, LiveTurn[]>()
  const waiting = new Map<string, () => void>()
  const of = (actor: string) => come.get(actor) ?? come.set(actor, []).get(actor)!
  const consumer = await js.consumers.get(stream.turns, { deliver_policy: DeliverPolicy.New })
  await consumer.consume({
    callback(message) {
      const actor = message.subject.split('.').at(-1)!
      of(actor).push({ record: message.json<TurnRecord>(), revision: message.seq })
      waiting.get(actor)?.()
    },
  })
  return {
    async next(actor: string, within_ms: number): Promise<LiveTurn | undefined> {
      if (of(actor).length === 0) {
        await new Promise<void>((resolve) => {
          const given_up = setTimeout(resolve, within_ms)
          waiting.set(actor, () => {
            clearTimeout(given_up)
            resolve()
          })
        })
        waiting.delete(actor)
      }
      return of(actor).shift()
    },
    has: (actor: string): boolean => of(actor).length > 0,
    rest: (actor: string): LiveTurn[] => of(actor).splice(0),
  }
}
