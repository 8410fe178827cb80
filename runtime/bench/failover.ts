/**
 * How long customers wait when a node goes: two nodes, each a process, share the partitions of one broker; one customer
 * writes in each partition, a message after the other; one node is killed (SIGKILL), or leaves in order, and a new one takes
 * its place. The figure of each time is the longest that any message waited until its turn was committed and its effects
 * had ended.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Clock, stopwatch, systemClock } from '../../adapters/clock.ts'
import { actorIdOf } from '../../adapters/identity.ts'
import type { Address } from '../../machines/events.ts'
import { type Broker, connectBroker } from '../broker.ts'
import { works } from '../node-state.ts'
import { joinNodes, type Nodes } from '../nodes.ts'
import { partitionOf } from '../partition.ts'
import { ensureStreams, subject } from '../streams.ts'
import { percentile } from './costs.ts'
import { type Ended, envelopeOf, followEnds } from './turns.ts'
import { bench_asset } from './workload.ts'

/** Milliseconds. */
export interface Failover {
  times: number
  killMs: { median: number; worst: number }
  handOverMs: { median: number; worst: number }
}

const partitions = 8
const between_messages_ms = 20
const look_again_ms = 50
const nodes_max = 2

type Ending = 'killed' | 'leaves'

/** `times` kills and as many hand-overs, on a broker that nobody else uses. Each takes about four seconds. */
export async function measureFailover(natsUrl: string, times: number): Promise<Failover> {
  const clock = systemClock()
  const driver = await connectBroker([natsUrl], {}, 'bench-driver')
  await ensureStreams(driver.jsm, { replicas: 1, partitions })
  const nodes = joinNodes(driver.nc, clock, () => onlooker)
  const members: ChildProcess[] = []
  const writing = startWriting(driver, await followEnds(driver), clock)
  try {
    const rounds = async (ending: Ending): Promise<number[]> => {
      const waits: number[] = []
      for (let round = 0; round < times; round++) {
        while (members.length < nodes_max) members.push(startMember(natsUrl))
        await untilEven(nodes, members, clock)
        waits.push(await writing.longestWait(() => end(members.shift()!, ending)))
      }
      return waits
    }
    const kills = await rounds('killed')
    const handOvers = await rounds('leaves')
    return { times, killMs: figures(kills), handOverMs: figures(handOvers) }
  } finally {
    await writing.stop()
    await Promise.all(members.map((member) => end(member, 'leaves')))
    nodes.leave()
    await driver.nc.close()
  }
}

/** The driver hears the nodes as a gateway does: it owns nothing. */
const onlooker = { id: 'bench-driver', host: hostname(), pid: process.pid, url: '', since: '' }

const figures = (waits_ms: number[]) => ({ median: percentile(waits_ms, 0.5), worst: percentile(waits_ms, 1) })

function startMember(natsUrl: string): ChildProcess {
  const program = join(import.meta.dirname, 'node-process.ts')
  return fork(program, [natsUrl, String(partitions)], { execArgv: ['--import', import.meta.resolve('tsx')] })
}

async function end(member: ChildProcess, how: Ending): Promise<void> {
  const ended = once(member, 'exit')
  if (how === 'killed') member.kill('SIGKILL')
  else member.send('leave')
  await ended
}

/** Every partition has an owner, and shares are even. Throws when a node has ended by itself. */
async function untilEven(nodes: Nodes, members: ChildProcess[], clock: Clock): Promise<void> {
  const isEven = () => {
    const shares = members.map(({ pid }) => nodes.live().find((node) => node.pid === pid)?.shares)
    return works.every((work) => shares.every((one) => one?.[work].has.length === partitions / members.length))
  }
  while (!isEven()) {
    const ended = members.find(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)
    if (ended) throw new Error(`a node of the benchmark ended by itself with ${ended.exitCode ?? ended.signalCode}`)
    await clock.sleep(look_again_ms)
  }
}

interface Writing {
  /** Does it, and tells the longest wait of a message between then and the moment when every partition has answered since. */
  longestWait(of: () => Promise<void>): Promise<number>
  stop(): Promise<void>
}

/** One customer a partition, each with one message out at a time. */
function startWriting(driver: Broker, ended: Ended, clock: Clock): Writing {
  const over = new AbortController()
  const answered = new Set<() => void>()
  const customers = Array.from({ length: partitions }, (_, partition) => customerIn(partition))
  const waits: { partition: number; sent_ms: number; took_ms: number }[] = []
  const since = stopwatch()

  const write = async (address: Address, partition: number) => {
    for (let number = 0; !over.signal.aborted; number++) {
      const { actor, id, body } = envelopeOf(address, message(address, number))
      const sent_ms = since()
      const done = new Promise<void>((resolve) => ended.set(actor, resolve))
      await driver.js.publish(subject.in(actor), body, { msgID: id })
      await done
      waits.push({ partition, sent_ms, took_ms: since() - sent_ms })
      for (const tell of answered) tell()
      await clock.sleep(between_messages_ms, over.signal)
    }
  }
  const lanes = customers.map(write)

  return {
    async longestWait(of) {
      waits.length = 0
      await of()
      const done_ms = since()
      const everywhere = () => new Set(waits.filter(({ sent_ms }) => sent_ms > done_ms).map((one) => one.partition))
      await new Promise<void>((resolve) => {
        const look = () => {
          if (everywhere().size < partitions) return
          answered.delete(look)
          resolve()
        }
        answered.add(look)
      })
      return Math.max(...waits.map(({ took_ms }) => took_ms))
    },
    async stop() {
      over.abort()
      await Promise.all(lanes)
    },
  }
}

function customerIn(partition: number): Address {
  for (let number = 0; ; number++) {
    const address = { channel: 'live-chat', asset: bench_asset, customer: `failover-${number}` } as const
    if (partitionOf(actorIdOf(address), partitions) === partition) return address
  }
}

const message = ({ customer }: Address, number: number) => ({
  type: 'message.inbound' as const,
  id: `${customer}-m${number}`,
  at: '2026-03-02T14:00:00.000Z',
  channel: 'web',
  customerId: customer,
  text: 'are you there?',
})
