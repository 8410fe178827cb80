/**
 * Everything a chaos run stands on, started and ended together: brokers, the desk's node, the other nodes, the network
 * and the wire between them, with data in one temporary folder. Leaves nothing behind unless told to keep the folder.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JetStreamManager } from '@nats-io/jetstream'
import type { Clock } from '../../adapters/clock.ts'
import type { Broker } from '../../runtime/broker.ts'
import { defaultConfig } from '../../runtime/default-config.ts'
import { atRest } from '../../runtime/encryption/at-rest.ts'
import { master_key_bytes } from '../../runtime/encryption/master-keys.ts'
import { StartError } from '../../runtime/errors.ts'
import { openLog } from '../../runtime/log.ts'
import { type Brokers, connectPast, startBrokers } from './brokers.ts'
import { type DeskView, followDesk } from './desk-view.ts'
import { namespaceNetwork } from './namespaces.ts'
import type { Network } from './network.ts'
import { type ChaosNode, startChaosNode } from './nodes.ts'
import { relayNetwork } from './relays.ts'
import { openWire, type Wire } from './wire.ts'

export interface Site {
  dir: string
  network: Network
  brokers: Brokers
  nodes: ChaosNode[]
  wire: Wire
  view: DeskView
  /** The harness's own connection, past all lines; and what it reads by, with the master key where there is one. */
  past: Broker
  reader: JetStreamManager
  /** Ends everything; the folder stays when `keep`. */
  stop(keep: boolean): Promise<void>
}

export interface SiteOptions {
  clock: Clock
  natsServerBin: string
  nodes: number
  brokers: number
  /** What it is cut off by; `namespaces` only in a network of its own. */
  network: Network['how']
  /** Whether what is stored is encrypted. */
  encrypted?: boolean | undefined
  /** One node turns, one carries out effects, one does both, and so on. */
  apart?: boolean | undefined
  /** Where the run's folder is made. */
  under?: string | undefined
}

const partitions = 8
const up_ms_max = 90_000
const look_again_ms = 100

/** Resolves when every node is up. Throws `StartError` when one is not in time, and leaves nothing running. */
export async function openSite({
  clock,
  natsServerBin,
  nodes: count,
  brokers: many,
  network: how,
  encrypted = false,
  apart = false,
  under,
}: SiteOptions): Promise<Site> {
  const dir = await mkdtemp(join(under ?? tmpdir(), 'parley-chaos-'))
  const ends: (() => Promise<void>)[] = []
  const stop = async (keep: boolean) => {
    for (const end of ends.splice(0).reverse()) await end()
    if (!keep) await rm(dir, { recursive: true, force: true })
  }
  try {
    await writeFile(join(dir, 'parley.config.json'), JSON.stringify(configuration))
    const networkOf = how === 'namespaces' ? namespaceNetwork : relayNetwork
    const network = await networkOf(clock, { brokers: many, nodes: count + 1 })
    ends.push(() => network.close())
    const brokers = await startBrokers(clock, natsServerBin, dir, network.brokers)
    ends.push(() => brokers.stop())
    const replicas = many >= 3 ? 3 : 1
    const masterKeys = encrypted ? [randomBytes(master_key_bytes).toString('base64')] : []
    const env = {
      PARLEY_PARTITIONS: String(partitions),
      PARLEY_REPLICAS: String(replicas),
      ...(encrypted && { PARLEY_MASTER_KEYS_FILE: await keptIn(dir, masterKeys) }),
    }
    const nodes: ChaosNode[] = []
    const wire = await openWire(clock, network.home, () => nodes[0]?.deskUrl())
    ends.push(() => wire.close())
    const start = (args: string[], own: Record<string, string>) => {
      const node = startChaosNode({ clock, dir, env }, `node-${nodes.length + 1}`, network.nodes[nodes.length]!, {
        args,
        env: own,
      })
      ends.push(() => node.stop())
      nodes.push(node)
      return node
    }
    await isUp(clock, start(['--no-worker'], {}))
    const past = await connectPast(brokers, 'chaos')
    ends.push(() => past.nc.close())
    const { broker: opened } = await atRest(past, { masterKeys, replicas, partitions }, clock, openLog('silent'))
    const view = followDesk(clock, opened.jsm)
    ends.push(() => view.stop())
    const farSides = { DIGITAL_ROUTING_URL: wire.url, ENGAGE_URL: wire.url, CONNECT_URL: wire.url }
    while (nodes.length <= count) start(apart ? partOf(nodes.length) : [], farSides)
    await Promise.all(nodes.map((node) => isUp(clock, node)))
    return { dir, network, brokers, nodes, wire, view, past, reader: opened.jsm, stop }
  } catch (error) {
    await stop(false)
    throw error
  }
}

/** What the node at that place leaves to others; the desk's node, the first, does neither work. */
const partOf = (place: number): string[] => [['--no-transmitting'], ['--no-turning'], []][(place - 1) % 3]!

/** With the data, for whoever looks into what a run has left. */
async function keptIn(dir: string, masterKeys: readonly string[]): Promise<string> {
  const file = join(dir, 'master-keys')
  await writeFile(file, masterKeys.join(','))
  return file
}

/** Resolves when a node answers at its gateway. */
export async function isUp(clock: Clock, node: ChaosNode): Promise<void> {
  const give_up_ms = clock.now() + up_ms_max
  while (node.url() === undefined) {
    if (clock.now() > give_up_ms)
      throw new StartError('E_CHAOS_NODE', `${node.name} is not up after ${up_ms_max} ms; see its log`)
    await clock.sleep(look_again_ms)
  }
}

/** The built-in assets, told to try for as long as a trouble lasts and to ask soon about tasks they hear nothing of. */
const policy = {
  reconcileAfterSeconds: 10,
  retry: { attempts: 600, backoffMs: 100, backoffMaxMs: 1_000, askDeadlineMs: 300_000, attemptTimeoutMs: 5_000 },
}
const configuration = {
  bind: { port: 0 },
  desk: { port: 0, automatic: false },
  logLevel: 'info',
  ratePerCustomer: 0,
  assets: defaultConfig.assets.map((asset) => ({ ...asset, policy })),
}
