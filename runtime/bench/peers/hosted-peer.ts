/**
 * Nodes that host the bench machine, one that turns and one that transmits, behind the HTTP front of the peers' harness: POST
 * /turn/<conversation> takes an event, GET /read/<conversation> gives the state. Stands where a gateway stands, before the
 * runtime's own streams.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { headers } from '@nats-io/transport-node'
import { systemClock } from '../../../adapters/clock.ts'
import { actorIdOf } from '../../../adapters/identity.ts'
import type { Address } from '../../../machines/events.ts'
import { recordReader } from '../../actor-cache.ts'
import { type Broker, connectBroker } from '../../broker.ts'
import { works } from '../../node-state.ts'
import { partitionOf } from '../../partition.ts'
import { ensureStreams, subject } from '../../streams.ts'
import type { BenchEvent } from '../machine.ts'
import { endMember, startMember } from '../members.ts'
import { type Ended, envelopeOf, followEnds } from '../turns.ts'
import { bench_asset } from '../workload.ts'

/** One machine has no use for more. */
const partitions = 4

/** An event as the harness sends it; one with `delayMs` is to be heard so much later. */
type PeerEvent = Omit<BenchEvent, 'at'> & { at: number; delayMs?: number }

export interface HostedPeer {
  url: string
  stop(): Promise<void>
}

/** Takes from the environment what the harness gives each peer: PORT, STUB_URL, EFFECT_MODE; and NATS_URL. */
export async function hostPeer(env: NodeJS.ProcessEnv): Promise<HostedPeer> {
  const { PORT = '0', STUB_URL = '', EFFECT_MODE, NATS_URL = '' } = env
  const broker = await connectBroker([NATS_URL], {}, 'parley-peer')
  await ensureStreams(broker.jsm, { replicas: 1, partitions })
  const isOverHttp = EFFECT_MODE === 'http'
  const farSide = isOverHttp ? { farSideUrl: STUB_URL } : {}
  const nodes = works.map((work) => startMember({ natsUrl: NATS_URL, partitions, does: [work], ...farSide }))
  // Effects over HTTP are seen at the far side; of no-op ones whoever sent the event has to be told.
  const take = isOverHttp ? storing(broker) : untilEnded(broker, await followEnds(broker))
  const read = reading(broker)
  const answer = async (request: IncomingMessage): Promise<unknown> => {
    const [, verb, key = ''] = (request.url ?? '').split('/')
    const address: Address = { channel: 'live-chat', asset: bench_asset, customer: decodeURIComponent(key) }
    if (verb === 'turn') return take(address, JSON.parse(await bodyOf(request)))
    if (verb === 'read') return read(address)
    return { ok: true }
  }
  const server = createServer(async (request, response) => {
    const { status, body } = await answer(request).then(
      (found) => ({ status: 200, body: found ?? null }),
      (error) => ({ status: 500, body: { error: String(error) } }),
    )
    const text = JSON.stringify(body)
    // As text it leaves in one write together with its head.
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    response.end(text)
  })
  server.keepAliveTimeout = keep_alive_ms
  await new Promise<void>((listening) => server.listen(Number(PORT), '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await Promise.all(nodes.map((node) => endMember(node, 'leaves')))
      await broker.nc.close()
    },
  }
}

const keep_alive_ms = 120_000

type Take = (address: Address, event: PeerEvent) => Promise<{ stored: 'anew' | 'before' }>

/** Answers once the event is stored, or that it is to come. */
function storing({ js }: Broker): Take {
  const clock = systemClock()
  return async (address, { delayMs, at, ...event }) => {
    const { actor, id, body } = envelopeOf(address, { at: new Date(at).toISOString(), ...event })
    if (delayMs === undefined) {
      const { duplicate } = await js.publish(subject.in(actor), body, { msgID: id })
      return { stored: duplicate ? 'before' : 'anew' }
    }
    const partition = partitionOf(actor, partitions)
    const head = headers()
    head.set('Nats-Schedule', `@at ${new Date(clock.now() + delayMs).toISOString()}`)
    head.set('Nats-Schedule-Target', subject.due(partition, actor))
    await js.publish(subject.timer(partition, actor, id), body, { headers: head })
    return { stored: 'anew' }
  }
}

/** Answers once the turn is committed and its effects have ended. */
function untilEnded(broker: Broker, ended: Ended): Take {
  const store = storing(broker)
  return async (address, event) => {
    const done = new Promise<void>((resolve) => ended.set(actorIdOf(address), resolve))
    const answer = await store(address, event)
    if (answer.stored === 'anew') await done
    return answer
  }
}

function reading({ jsm }: Broker) {
  const recordOf = recordReader(jsm, partitions)
  return async (address: Address): Promise<{ value: unknown; context: unknown } | undefined> => {
    const loaded = await recordOf(actorIdOf(address))
    if (!loaded) return undefined
    const { value, context } = loaded.record.snapshot as unknown as { value: unknown; context: unknown }
    return { value, context }
  }
}

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (part: string) => {
      text += part
    })
    request.once('end', () => resolve(text)).once('error', reject)
  })
}
