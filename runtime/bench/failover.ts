/**
 * How long customers wait when a node goes: two nodes, each a process, share the partitions of one broker; one customer
 * writes in each partition, a message after the other; one node is killed (SIGKILL), or leaves in order, and a new one takes
 * its place. The figure of each time is the longest that any message waited until its turn was committed and its effects
 * had ended.
 */
import type { ChildProcess } from 'node:child_process'
import { type Clock, stopwatch, systemClock } from '../../adapters/clock.ts'
import { actorIdOf } from '../../adapters/identity.ts'
import type { Address } from '../../machines/events.ts'
import { type Broker, connectBroker } from '../broker.ts'
import { partitionOf } from '../partition.ts'
import { ensureStreams, subject } from '../streams.ts'
import { percentile } from './costs.ts'
import { type Ending, endMember, hearMembers, startMember } from './members.ts'
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
const nodes_max = 2

/** `times` kills and as many hand-overs, on a broker that nobody else uses. Each takes about four seconds. */
export async function measureFailover(natsUrl: string, times: number): Promise<Failover> {
  const clock = systemClock()
  const driver = await connectBroker([natsUrl], {}, 'bench-driver')
  await ensureStreams(driver.jsm, { replicas: 1, partitions })
  const heard = hearMembers(driver.nc, clock)
  const members: ChildProcess[] = []
  const writing = startWriting(driver, await followEnds(driver), clock)
  try {
    const rounds = async (ending: Ending): Promise<number[]> => {
      const waits: number[] = []
      for (let round = 0; round < times; round++) {
        while (members.length < nodes_max) members.push(startMember({ natsUrl, partitions }))
        await heard.untilEven(members, partitions)
        waits.push(await writing.longestWait(() => endMember(members.shift()!, ending)))
      }
      return waits
    }
    const kills = await rounds('killed')
    const handOvers = await rounds('leaves')
    return { times, killMs: figures(kills), handOverMs: figures(handOvers) }
  } finally {
    await writing.stop()
    await Promise.all(members.map((member) => endMember(member, 'leaves')))
    heard.leave()
    await driver.nc.close()
  }
}

const figures = (waits_ms: number[]) => ({ median: percentile(waits_ms, 0.5), worst: percentile(waits_ms, 1) })

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
