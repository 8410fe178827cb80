/**
 * A chaos run as a whole: real processes under a load of whole conversations, a seeded schedule of troubles, then quiet, and
 * the verdict of the checks on what the streams hold. Ends by itself. The seed decides who writes what and what goes wrong;
 * what the processes make of it is theirs, so that two runs of a seed have the same troubles but not the same interleaving.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../adapters/clock.ts'
import type { Channel } from '../../machines/events.ts'
import { type Random, random } from '../../runtime/random.ts'
import { violationsOf } from './checks/check.ts'
import { type Customer, customerAt } from './customer.ts'
import { type Doors, openDoors } from './doors.ts'
import type { Network } from './network.ts'
import { placeOfCustomer } from './place.ts'
import { untilQuiet } from './quiet.ts'
import { storedInClear } from './read-history.ts'
import { type ChaosReport, reportOf } from './report.ts'
import { carryOutRollOut, rollOut } from './roll-out.ts'
import { placeOf, schedule, type Trouble } from './schedule.ts'
import { openSite, type Site } from './site.ts'
import { playCustomer } from './stories.ts'
import { carryOut, told } from './trouble.ts'

export interface ChaosOptions {
  seed: number
  /** Customers come for so long, and troubles with them. */
  minutes: number
  /** No more customers come once so many have. */
  customers?: number | undefined
  /** Nodes with a worker; the desk's node comes on top. */
  nodes: number
  brokers: number
  natsServerBin: string
  /** What is cut off by what; `namespaces` only in a network of its own (`namespaces.ts`). */
  network: Network['how']
  /** The nodes are upgraded meanwhile, one after the other (`newer-build.ts`). */
  upgrade?: boolean
  /** What is stored is encrypted. */
  encrypted?: boolean
  /** Where the run's folder is made; the system's temporary folder when not given. */
  under?: string
  progress?: (line: string) => void
}

/** Between two customers: when they come for a time, and when there is a number of them to get through. */
const arrivals_ms: [low: number, high: number] = [60, 340]
const rush_ms: [low: number, high: number] = [5, 60]
/** So many at a time: more come where more are served. */
const busy_max = 32
const rush_busy_max = 96
const channels: Channel[] = ['sms', 'sms', 'live-chat', 'email']
const told_every_ms = 5_000
const stories_ms_max = 90_000
const quiet_ms_max = 90_000

/** Throws `StartError` when the site does not come up. Leaves nothing running; the data stays when something is wrong. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const {
    seed,
    minutes,
    customers: customers_max,
    nodes,
    brokers,
    network,
    upgrade = false,
    progress = () => {},
  } = options
  const clock = systemClock()
  progress(
    `seed ${seed}: ${nodes} nodes and the desk's, ${brokers === 1 ? 'one broker' : `${brokers} brokers`}, cut off by ${network}`,
  )
  const site = await openSite({ ...options, clock })
  let keep = true
  try {
    const source = random(seed)
    const planned = schedule(source.fork(), minutes * 60_000, nodes + 1, brokers)
    const doors = openDoors(clock, site)
    const begun_ms = clock.now()
    const say = (line: string) =>
      progress(`${String(Math.round((clock.now() - begun_ms) / 1_000)).padStart(4)} s  ${line}`)

    const length_ms = minutes * 60_000
    const served = new AbortController()
    let begun = 0
    const onBegun = (share: number) => {
      begun = share
    }
    const loading = load(clock, site, doors, source.fork(), { length_ms, customers_max, onBegun }, say)
    const steps = upgrade ? rollOut(source.fork(), site.nodes.length) : []
    const [{ customers, lastArrival_ms }, troubles] = await Promise.all([
      loading.finally(() => served.abort()),
      makeTrouble(clock, site, planned, served.signal, say),
      carryOutRollOut(clock, site, steps, () => begun, served.signal, say),
    ])
    const loaded_ms = clock.now() - begun_ms
    say('waiting for quiet')
    const history = await untilQuiet(clock, site, doors, customers, quiet_ms_max)
    if (options.encrypted) history.inClear = await storedInClear(site.past.jsm)
    const violations = violationsOf(history)
    keep = violations.length > 0
    if (keep) await writeFile(join(site.dir, 'history.json'), JSON.stringify(history))
    const took = { loaded_ms, whole_ms: clock.now() - begun_ms, lastArrival_ms }
    return reportOf(options, history, troubles, took, doors.duplicates(), violations, keep ? site.dir : undefined)
  } finally {
    await site.stop(keep)
  }
}

interface Load {
  length_ms: number
  customers_max: number | undefined
  /** The share of it that has begun, from 0 to 1. */
  onBegun(share: number): void
}

/** Customers come for so long, or until there were so many, and each plays to the end. */
async function load(
  clock: Clock,
  site: Site,
  doors: Doors,
  source: Random,
  { length_ms, customers_max = Number.POSITIVE_INFINITY, onBegun }: Load,
  say: (line: string) => void,
): Promise<{ customers: Customer[]; lastArrival_ms: number }> {
  const isRush = customers_max !== Number.POSITIVE_INFINITY
  const customers: Customer[] = []
  const playing = new Set<Promise<void>>()
  const refused: unknown[] = []
  const end_ms = clock.now() + length_ms
  let tell_ms = clock.now() + told_every_ms
  const tell = () =>
    say(`${customers.length} customers, ${playing.size} still busy, ${doors.accepted.length} messages taken`)
  while (clock.now() < end_ms && customers.length < customers_max) {
    if (playing.size === (isRush ? rush_busy_max : busy_max)) await Promise.race(playing)
    const place = placeOfCustomer(customers.length + 1, source.pick(channels))
    const customer = customerAt({ clock, doors, view: site.view }, place, source.fork())
    customers.push(customer)
    const played = playCustomer(clock, customer)
      .catch((error) => void refused.push(error))
      .finally(() => playing.delete(played))
    playing.add(played)
    onBegun(Math.max(customers.length / customers_max, 1 - (end_ms - clock.now()) / length_ms))
    await clock.sleep(source.int(...(isRush ? rush_ms : arrivals_ms)))
    if (clock.now() < tell_ms) continue
    tell()
    tell_ms += told_every_ms
  }
  const lastArrival_ms = clock.now()
  onBegun(1)
  const patience = new AbortController()
  const all = Promise.all(playing).finally(() => patience.abort())
  await Promise.race([all, clock.sleep(stories_ms_max, patience.signal)])
  tell()
  if (refused.length > 0) throw refused[0]
  return { customers, lastArrival_ms }
}

/** Resolves to what was done: no more is begun once everybody has been served, nor where the last one takes longer. */
async function makeTrouble(
  clock: Clock,
  site: Site,
  planned: Trouble[],
  served: AbortSignal,
  say: (line: string) => void,
): Promise<Trouble[]> {
  const begun_ms = clock.now()
  const done: Trouble[] = []
  const underWay = new Map<string, Promise<void>>()
  for (const trouble of planned) {
    await clock.sleep(begun_ms + trouble.at_ms - clock.now(), served)
    if (served.aborted) break
    const place = placeOf(trouble)
    if (underWay.has(place)) continue
    say(told(site, trouble))
    done.push(trouble)
    underWay.set(
      place,
      carryOut(site, trouble).finally(() => underWay.delete(place)),
    )
  }
  await Promise.all(underWay.values())
  return done
}
