/**
 * Time that moves only when it is told to (`PARLEY_CLOCK=virtual`): the clock, the timers on it, and the one act that
 * moves them. Both live in stream VIRTUAL, so that virtual time survives a restart. A conversation may be given a time of
 * its own (`own-times.ts`), so that many can be led through their hours beside each other. For tests; refused in
 * production by the configuration. Moving everybody's time is for a single node, own times are for any number.
 */
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { type Clock, type VirtualClock, virtualClock } from '../adapters/clock.ts'
import { lastOf } from './actor-cache.ts'
import { timerEnvelope } from './envelope.ts'
import { ownTimes } from './own-times.ts'
import { partitionOf } from './partition.ts'
import { subject } from './streams.ts'
import { armedName, putOffName, type Timers } from './timers.ts'

const streamName = 'VIRTUAL'
const clockSubject = 'parley.virtual.clock'
const settle_ms_max = 30_000
const look_again_ms = 2

export interface VirtualTime {
  clock: VirtualClock
  timers: Timers
  /** Moves time, and answers when what became due has been turned and its effects attempted; 30 s at most. */
  advance(ms: number, idle: () => Promise<boolean>): Promise<void>
  /** What time it is for that conversation: its own where it has one, else everybody's. */
  timeOf(actor: string): number
  /** Gives it a time of its own: from now on only those of its timers fire that are named with `fire`. */
  setTime(actor: string, now_ms: number): Promise<void>
  /** Fires one of its armed timers, once, whatever the time. False when no such timer is armed. */
  fire(actor: string, timer: string): Promise<boolean>
}

/** Where virtual time begins on a broker that has had none yet; the wall's time otherwise. */
export async function beginVirtualTimeAt(js: JetStreamClient, jsm: JetStreamManager, now_ms: number): Promise<void> {
  await ensureStream(jsm)
  await js.publish(clockSubject, JSON.stringify({ now_ms }))
}

export async function virtualTime(
  nc: NatsConnection,
  js: JetStreamClient,
  jsm: JetStreamManager,
  partitions: number,
  wallClock: Clock,
): Promise<VirtualTime> {
  await ensureStream(jsm)
  const stored = await lastOf(jsm, streamName, clockSubject)
  const clock = virtualClock(stored?.json<{ now_ms: number }>().now_ms ?? wallClock.now())
  const own = await ownTimes(nc, js, jsm, streamName)
  const cancels = new Map<string, () => void>()
  const at = (actor: string, name: string) =>
    subject.timer(partitionOf(actor, partitions), actor, name).replace('parley.timers', 'parley.virtual.timers')

  const hang = ({ actor, name, timer, due_ms, generation }: StoredTimer) => {
    const key = at(actor, name)
    cancels.get(key)?.()
    const fire = async () => {
      if (own.of(actor) !== undefined) return
      const due = new Date(due_ms).toISOString()
      await js.publish(subject.in(actor), JSON.stringify(timerEnvelope(actor, due, timer, generation)))
      await jsm.streams.purge(streamName, { filter: key })
    }
    cancels.set(
      key,
      clock.after(due_ms - clock.now(), () => firing.push(fire())),
    )
  }
  let firing: Promise<void>[] = []

  for (const timer of await storedTimers(jsm)) hang(timer)

  const store = async (timer: StoredTimer) => {
    await js.publish(at(timer.actor, timer.name), JSON.stringify(timer))
    hang(timer)
  }

  return {
    clock,
    timers: {
      arm: (actor, timer, armed) => store({ actor, name: armedName(timer, armed), timer, ...armed }),
      putOff: (actor, timer, armed) => store({ actor, name: putOffName(timer, armed), timer, ...armed }),
      async disarm(actor, timer, armed) {
        const key = at(actor, armedName(timer, armed))
        cancels.get(key)?.()
        cancels.delete(key)
        await jsm.streams.purge(streamName, { filter: key })
      },
    },
    async advance(ms, idle) {
      const give_up_ms = wallClock.now() + settle_ms_max
      await clock.advance(ms, async () => {
        await Promise.all(firing)
        firing = []
        while (!(await staysIdle(idle, wallClock)) && wallClock.now() < give_up_ms) await wallClock.sleep(look_again_ms)
      })
      await js.publish(clockSubject, JSON.stringify({ now_ms: clock.now() }))
    },
    timeOf: (actor) => own.of(actor) ?? clock.now(),
    setTime: own.set,
    async fire(actor, name) {
      const one = at(actor, name)
      const subjects_filter = `${one.slice(0, one.lastIndexOf('.'))}.*`
      const { state } = await jsm.streams.info(streamName, { subjects_filter })
      const generationOf = (key: string) => Number(key.slice(one.length + 1))
      const key = Object.keys(state.subjects ?? {})
        .filter((found) => found.startsWith(`${one}_`) && Number.isInteger(generationOf(found)))
        .sort((a, b) => generationOf(b) - generationOf(a))[0]
      const stored = key === undefined ? undefined : await lastOf(jsm, streamName, key)
      if (key === undefined || stored === undefined) return false
      const { timer, due_ms, generation } = stored.json<StoredTimer>()
      const envelope = timerEnvelope(actor, new Date(due_ms).toISOString(), timer, generation)
      await js.publish(subject.in(actor), JSON.stringify(envelope))
      // A node that ends in between fires it twice: the second is of a generation that is over.
      await jsm.streams.purge(streamName, { filter: key })
      return true
    },
  }
}

/** Between the end of one thing and the begin of the next there may be a moment that looks idle: it is looked at twice. */
async function staysIdle(idle: () => Promise<boolean>, wallClock: Clock): Promise<boolean> {
  if (!(await idle())) return false
  await wallClock.sleep(0)
  return idle()
}

interface StoredTimer {
  actor: string
  /** What it is stored under. */
  name: string
  timer: string
  due_ms: number
  generation: number
}

async function ensureStream(jsm: JetStreamManager): Promise<void> {
  const config = {
    name: streamName,
    subjects: ['parley.virtual.>'],
    storage: 'file',
    max_msgs_per_subject: 1,
    allow_direct: true,
  }
  await jsm.streams.add(config as never)
}

async function storedTimers(jsm: JetStreamManager): Promise<StoredTimer[]> {
  const { state } = await jsm.streams.info(streamName)
  const found: StoredTimer[] = []
  for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; ) {
    const message = await jsm.direct.getMessage(streamName, { next_by_subj: 'parley.virtual.timers.>', seq })
    if (!message) break
    found.push(message.json<StoredTimer>())
    seq = message.seq + 1
  }
  return found
}
