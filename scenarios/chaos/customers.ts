/**
 * The customers of a run: how fast they come, how many are busy at a time, how long they wait for an answer, and when nobody
 * waits for them any more. What each does is `stories.ts`'s.
 */
import type { Clock } from '../../adapters/clock.ts'
import type { Channel } from '../../machines/events.ts'
import type { Random } from '../../runtime/random.ts'
import { type Customer, customerAt } from './customer.ts'
import type { Doors } from './doors.ts'
import { placeOfCustomer } from './place.ts'
import type { Site } from './site.ts'
import { playCustomer } from './stories.ts'

export interface Crowd {
  length_ms: number
  /** No more customers come once so many have; undefined: they come for the whole time. */
  customers_max: number | undefined
  /** The share of it that has begun, from 0 to 1. */
  onBegun(share: number): void
}

interface Pace {
  /** Between two customers. */
  arrivals_ms: [low: number, high: number]
  busy_max: number
  /** For what comes in time only as long as not too many others wait. */
  patience_ms: number
}

const steady: Pace = { arrivals_ms: [60, 340], busy_max: 32, patience_ms: 20_000 }
/** With many to get through: so many that there is work in hand whenever the brokers have agreed on leaders again. */
const rush: Pace = { arrivals_ms: [5, 60], busy_max: 256, patience_ms: 120_000 }
const channels: Channel[] = ['sms', 'sms', 'live-chat', 'email']
const told_every_ms = 5_000
/** Nobody has come to an end for so long. */
const stuck_ms = 90_000

/** Resolves when all have come and played to the end, or those that are left are stuck. Throws what a door refused. */
export async function serveCustomers(
  clock: Clock,
  { view }: Pick<Site, 'view'>,
  doors: Doors,
  random: Random,
  { length_ms, customers_max = Number.POSITIVE_INFINITY, onBegun }: Crowd,
  say: (line: string) => void,
): Promise<{ customers: Customer[]; lastArrival_ms: number }> {
  const { arrivals_ms, busy_max, patience_ms } = customers_max === Number.POSITIVE_INFINITY ? steady : rush
  const customers: Customer[] = []
  const playing = new Set<Promise<void>>()
  const refused: unknown[] = []
  const end_ms = clock.now() + length_ms
  const tell = () => say(`${customers.length} customers, ${playing.size} busy, ${doors.accepted.length} messages taken`)
  const telling = tellOf(clock, tell)
  while (clock.now() < end_ms && customers.length < customers_max) {
    if (playing.size === busy_max) await Promise.race(playing)
    const place = placeOfCustomer(customers.length + 1, random.pick(channels))
    const customer = customerAt({ clock, doors, view, patience_ms }, place, random.fork())
    customers.push(customer)
    const played = playCustomer(clock, customer)
      .catch((error) => void refused.push(error))
      .finally(() => playing.delete(played))
    playing.add(played)
    onBegun(Math.max(customers.length / customers_max, 1 - (end_ms - clock.now()) / length_ms))
    await clock.sleep(random.int(...arrivals_ms))
  }
  const lastArrival_ms = clock.now()
  onBegun(1)
  await untilPlayed(clock, playing)
  telling()
  tell()
  if (refused.length > 0) throw refused[0]
  return { customers, lastArrival_ms }
}

/** All of them, or until those that are left are stuck. */
async function untilPlayed(clock: Clock, playing: ReadonlySet<Promise<void>>): Promise<void> {
  while (playing.size > 0) {
    const patience = new AbortController()
    const waited = clock.sleep(stuck_ms, patience.signal).then(() => !patience.signal.aborted)
    const isStuck = await Promise.race([waited, Promise.race(playing).then(() => false)])
    patience.abort()
    if (isStuck) return
  }
}

function tellOf(clock: Clock, tell: () => void): () => void {
  let cancel = () => {}
  const again = () => {
    cancel = clock.after(told_every_ms, () => {
      tell()
      again()
    })
  }
  again()
  return () => cancel()
}
