/**
 * Timers by the many: how late they are while many others are outstanding, and whether each fires as often as it should.
 * Arms one timer for each of many actors, an hour ahead; kills the broker under them and starts it again; then has some of
 * them re-armed to a few seconds ahead and some of those cancelled. Nobody turns what fires: the inbox itself is read.
 */
import { systemClock } from '../../adapters/clock.ts'
import type { ArmedTimer } from '../../machines/migrations.ts'
import { type Broker, connectBroker } from '../broker.ts'
import { runNatsServer } from '../nats-server/run-nats-server.ts'
import { readBatch } from '../read-batch.ts'
import { ensureStreams, stream } from '../streams.ts'
import { scheduledTimers, type Timers } from '../timers.ts'
import { percentile, roundedTo } from './costs.ts'

/** Lateness is from the moment a timer was due until its event stood in the inbox, by the broker's clock. */
export interface TimerFigures {
  outstanding: number
  armedPerS: number
  latenessP50Ms: number
  latenessP99Ms: number
  latenessMaxMs: number
  /** All of these are 0 when timers keep what they promise. */
  check: { lostInRestart: number; neverFired: number; firedTwice: number; firedAfterCancel: number; early: number }
}

const partitions = 32
const due_probes_max = 2_000
const first_due_ms = 2_000
const spread_ms = 5_000
/** One that fires twice, or although it was cancelled, has done so by then. */
const after_last_due_ms = 3_000
/** A broker that was killed needs some time until INBOX follows TIMERS again: what is not there by then is lost. */
const late_ms_max = 60_000
const far_ahead_ms = 3_600_000
const at_once = 256
const timer = 'bench'

/** `bin` runs on a folder of its own. Takes about ten seconds, and a minute for each 100,000 timers where all is synced. */
export async function measureTimers(bin: string, dataDir: string, count: number): Promise<TimerFigures> {
  const clock = systemClock()
  let server = await runNatsServer({ bin, dataDir })
  const broker = await connectBroker([server.url], {}, 'bench-timers')
  try {
    await ensureStreams(broker.jsm, { replicas: 1, partitions })
    const timers = scheduledTimers(broker.js, broker.jsm, partitions)
    const actors = Array.from({ length: count }, (_, number) => number.toString(16).padStart(16, '0'))
    const begun_ms = clock.now()
    const first = { due_ms: begun_ms + far_ahead_ms, generation: 1 }
    await each(actors, (actor) => timers.arm(actor, timer, first))
    const armedPerS = Math.round(count / ((clock.now() - begun_ms) / 1_000))

    process.kill(server.pid, 'SIGKILL')
    await server.exited
    server = await runNatsServer({ bin, dataDir, port: Number(new URL(server.url).port) })
    const kept = (await untilConnected(broker, () => broker.jsm.streams.info(stream.timers))).state.messages

    const probes = actors.slice(0, due_probes_max)
    const due = await armProbes(timers, probes, first)
    const fired = await firedOf(broker, due, clock.now() + first_due_ms + spread_ms)
    return { outstanding: count, armedPerS, ...judged(due, fired, count - kept) }
  } finally {
    await broker.nc.close()
    await server.stop()
  }
}

/** Due by actor; undefined for each tenth, which is cancelled again. */
type Due = Map<string, number | undefined>

async function armProbes(timers: Timers, probes: string[], first: ArmedTimer): Promise<Due> {
  const clock = systemClock()
  const due: Due = new Map()
  await each([...probes.entries()], async ([place, actor]) => {
    const due_ms = clock.now() + first_due_ms + Math.round((place / probes.length) * spread_ms)
    const armed = { due_ms, generation: 2 }
    await Promise.all([timers.arm(actor, timer, armed), timers.disarm(actor, timer, first)])
    const isCancelled = place % 10 === 9
    if (isCancelled) await timers.disarm(actor, timer, armed)
    due.set(actor, isCancelled ? undefined : due_ms)
  })
  return due
}

type Fired = { actor: string; at_ms: number }

/** What stands in the inbox once all that is due has fired, or can no longer be expected to. */
async function firedOf(broker: Broker, due: Due, last_due_ms: number): Promise<Fired[]> {
  const clock = systemClock()
  await clock.sleep(last_due_ms + after_last_due_ms - clock.now())
  for (;;) {
    const fired = await firedUntilNow(broker)
    if (missing(due, fired) === 0 || clock.now() > last_due_ms + late_ms_max) return fired
    await clock.sleep(after_last_due_ms)
  }
}

async function firedUntilNow({ jsm }: Broker): Promise<Fired[]> {
  const fired: Fired[] = []
  for (let next = 1; ; ) {
    const some = await readBatch(jsm, stream.inbox, 'parley.inbox.*.*', at_once, next)
    if (some.length === 0) return fired
    fired.push(...some.map((one) => ({ actor: one.subject.split('.').at(-1)!, at_ms: one.time.getTime() })))
    next = some.at(-1)!.seq + 1
  }
}

function missing(due: Due, fired: Fired[]): number {
  const came = new Set(fired.map(({ actor }) => actor))
  return [...due].filter(([actor, due_ms]) => due_ms !== undefined && !came.has(actor)).length
}

function judged(due: Due, fired: Fired[], lostInRestart: number) {
  const times = new Map<string, number>()
  for (const { actor } of fired) times.set(actor, (times.get(actor) ?? 0) + 1)
  const lateness_ms = fired.flatMap(({ actor, at_ms }) => {
    const due_ms = due.get(actor)
    return due_ms === undefined ? [] : [at_ms - due_ms]
  })
  return {
    latenessP50Ms: percentile(lateness_ms, 0.5),
    latenessP99Ms: percentile(lateness_ms, 0.99),
    latenessMaxMs: roundedTo(2, Math.max(...lateness_ms)),
    check: {
      lostInRestart,
      neverFired: missing(due, fired),
      firedTwice: [...times.values()].filter((count) => count > 1).length,
      firedAfterCancel: fired.filter(({ actor }) => due.get(actor) === undefined).length,
      early: lateness_ms.filter((ms) => ms < 0).length,
    },
  }
}

/** A few at a time, as many as one connection keeps busy. */
async function each<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values()
  const lane = async () => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: at_once }, lane))
}

async function untilConnected<Value>(broker: Broker, ask: () => Promise<Value>): Promise<Value> {
  const clock = systemClock()
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (broker.nc.isClosed()) throw error
      await clock.sleep(look_again_ms)
    }
  }
}

const look_again_ms = 100
