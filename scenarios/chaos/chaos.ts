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
import { placeOfCustomer } from './place.ts'
import { untilQuiet } from './quiet.ts'
import { type ChaosReport, reportOf } from './report.ts'
import { schedule, type Trouble } from './schedule.ts'
import { openSite, type Site } from './site.ts'
import { playCustomer } from './stories.ts'
import { carryOut, told } from './trouble.ts'

export interface ChaosOptions {
  seed: number
  minutes: number
  /** Nodes with a worker; the desk's node comes on top. */
  nodes: number
  brokers: number
  natsServerBin: string
  /** Where the run's folder is made; the system's temporary folder when not given. */
  under?: string
  progress?: (line: string) => void
}

const arrivals_ms: [low: number, high: number] = [60, 340]
/** So many at a time: more come where more are served. */
const busy_max = 32
const channels: Channel[] = ['sms', 'sms', 'live-chat', 'email']
const told_every_ms = 5_000
const stories_ms_max = 90_000
const quiet_ms_max = 90_000

/** Throws `StartError` when the site does not come up. Leaves nothing running; the data stays when something is wrong. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, minutes, nodes, brokers, progress = () => {} } = options
  const clock = systemClock()
  progress(`seed ${seed}: ${nodes} nodes and the desk's, ${brokers === 1 ? 'one broker' : `${brokers} brokers`}`)
  const site = await openSite({ ...options, clock })
  let keep = true
  try {
    const source = random(seed)
    const troubles = schedule(source.fork(), minutes * 60_000, nodes + 1, brokers)
    const doors = openDoors(clock, site)
    const begun_ms = clock.now()
    const say = (line: string) =>
      progress(`${String(Math.round((clock.now() - begun_ms) / 1_000)).padStart(4)} s  ${line}`)

    const [customers] = await Promise.all([
      load(clock, site, doors, source.fork(), minutes * 60_000, say),
      makeTrouble(clock, site, troubles, say),
    ])
    const loaded_ms = clock.now() - begun_ms
    say('waiting for quiet')
    const history = await untilQuiet(clock, site, doors, customers, quiet_ms_max)
    const violations = violationsOf(history)
    keep = violations.length > 0
    if (keep) await writeFile(join(site.dir, 'history.json'), JSON.stringify(history))
    const lastArrival_ms = begun_ms + minutes * 60_000
    const took = { loaded_ms, whole_ms: clock.now() - begun_ms, lastArrival_ms }
    return reportOf(options, history, troubles, took, doors.duplicates(), violations, keep ? site.dir : undefined)
  } finally {
    await site.stop(keep)
  }
}

/** Customers come for `length_ms`, and each plays to the end. */
async function load(
  clock: Clock,
  site: Site,
  doors: Doors,
  source: Random,
  length_ms: number,
  say: (line: string) => void,
): Promise<Customer[]> {
  const customers: Customer[] = []
  const playing = new Set<Promise<void>>()
  const refused: unknown[] = []
  const end_ms = clock.now() + length_ms
  let tell_ms = clock.now() + told_every_ms
  const tell = () =>
    say(`${customers.length} customers, ${playing.size} still busy, ${doors.accepted.length} messages taken`)
  while (clock.now() < end_ms) {
    if (playing.size === busy_max) await Promise.race(playing)
    const place = placeOfCustomer(customers.length + 1, source.pick(channels))
    const customer = customerAt({ clock, doors, view: site.view }, place, source.fork())
    customers.push(customer)
    const played = playCustomer(clock, customer)
      .catch((error) => void refused.push(error))
      .finally(() => playing.delete(played))
    playing.add(played)
    await clock.sleep(source.int(...arrivals_ms))
    if (clock.now() < tell_ms) continue
    tell()
    tell_ms += told_every_ms
  }
  const patience = new AbortController()
  const all = Promise.all(playing).finally(() => patience.abort())
  await Promise.race([all, clock.sleep(stories_ms_max, patience.signal)])
  tell()
  if (refused.length > 0) throw refused[0]
  return customers
}

async function makeTrouble(clock: Clock, site: Site, troubles: Trouble[], say: (line: string) => void): Promise<void> {
  const begun_ms = clock.now()
  const over: Promise<void>[] = []
  for (const trouble of troubles) {
    await clock.sleep(begun_ms + trouble.at_ms - clock.now())
    say(told(site, trouble))
    over.push(carryOut(site, trouble))
  }
  await Promise.all(over)
}
