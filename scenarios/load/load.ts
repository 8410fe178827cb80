/**
 * A bounded load on one node, through its real doors: chats by WebSocket, texts by HTTP, mails by SMTP, answered by the
 * embedded desk's automatic agents; and a verdict from the outside. Speaks to nothing but doors. Stops by itself.
 */
import { cpus, loadavg } from 'node:os'
import { systemClock } from '../../adapters/clock.ts'
import { chatCustomers } from './chats.ts'
import { checkCustomer, type Verdict } from './check.ts'
import type { Customer, LoadMeans } from './customer.ts'
import { type LatencyRow, latencies } from './latencies.ts'
import { mailCustomers } from './mails.ts'
import { openPlace } from './place.ts'
import { textCustomers } from './texts.ts'

export interface LoadOptions {
  seconds: number
  chats: number
  smsPerSecond: number
  mailsPerSecond: number
  /** Whether the broker syncs each write to the disk before it answers. */
  syncAlways: boolean
  /** Whether what is stored is encrypted. */
  encrypted: boolean
  natsServerBin: string
  progress: (line: string) => void
}

export interface LoadReport {
  ok: boolean
  seconds: number
  chats: number
  smsPerSecond: number
  mailsPerSecond: number
  syncAlways: boolean
  encrypted: boolean
  machine: { cpus: number; model: string; node: string; loadBefore: number; loadAfter: number }
  /** By channel. */
  conversations: Record<string, number>
  messages: Record<string, number>
  replies: number
  turns: number
  /** How often a door asked for the same thing again, and was given it. */
  askedAgain: number
  /** From the last message until nothing was missing any more. */
  drainS: number
  lost: string[]
  doubled: string[]
  wrong: string[]
  latencies: LatencyRow[]
}

/** Customers come little by little first; the seconds count from when all are there. */
const ramp_ms_max = 20_000
const drain_ms_max = 120_000
const look_again_ms = 2_000
const tell_every_ms = 10_000
const readers = 8

export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { seconds, chats, smsPerSecond, mailsPerSecond, progress } = options
  const clock = systemClock()
  const loadBefore = loadavg()[0] ?? 0
  progress('starting a broker and a node')
  const place = await openPlace(clock, options.natsServerBin, options)
  try {
    const begin_ms = clock.now()
    const ramp_ms = Math.min(ramp_ms_max, (seconds * 1_000) / 4)
    const wrong: string[] = []
    const counted = { askedAgain: 0 }
    const means: LoadMeans = {
      clock,
      place,
      latencies: latencies(),
      customers: [],
      begin_ms,
      ramp_ms,
      isOver: () => clock.now() - begin_ms >= ramp_ms + seconds * 1_000,
      askedAgain: () => void counted.askedAgain++,
      wrong: (what) => void wrong.push(what),
    }
    const stopTelling = telling(means, begin_ms, progress)
    const [closeWindows] = await Promise.all([
      chatCustomers(means, chats),
      textCustomers(means, smsPerSecond),
      mailCustomers(means, mailsPerSecond),
    ]).finally(stopTelling)
    progress('all is said; waiting until all is answered')
    const said_ms = clock.now()
    const verdicts = await settledVerdicts(means, progress)
    const drainS = Math.round((clock.now() - said_ms) / 1_000)
    closeWindows()
    if (place.starts() > 1) wrong.push(`the node ended and was started ${place.starts()} times`)
    return reportOf(options, means, verdicts, { wrong, loadBefore, drainS, ...counted })
  } finally {
    await place.stop()
  }
}

function telling({ clock, customers }: LoadMeans, begin_ms: number, progress: (line: string) => void): () => void {
  let cancel = () => {}
  const tell = () => {
    const seconds = Math.round((clock.now() - begin_ms) / 1_000)
    const messages = customers.reduce((sum, { accepted }) => sum + accepted.length, 0)
    progress(`${String(seconds).padStart(4)} s  ${customers.length} conversations, ${messages} messages taken`)
    cancel = clock.after(tell_every_ms, tell)
  }
  cancel = clock.after(tell_every_ms, tell)
  return () => cancel()
}

/** What is missing is looked for again until it is there or time is up; what is there twice is never forgiven. */
async function settledVerdicts(
  { clock, place, customers }: LoadMeans,
  progress: (line: string) => void,
): Promise<Verdict[]> {
  const begin_ms = clock.now()
  const verdicts = new Map<Customer, Verdict>()
  let open: Customer[] = customers
  for (;;) {
    await inLines(open, async (customer) => void verdicts.set(customer, await checkCustomer(place, customer)))
    open = customers.filter((customer) => isMissing(verdicts.get(customer)))
    if (open.length === 0 || clock.now() - begin_ms > drain_ms_max) break
    progress(`      ${open.length} of ${customers.length} conversations are not answered yet`)
    await clock.sleep(look_again_ms)
  }
  // Once more over all of them: a copy may come late.
  await clock.sleep(look_again_ms)
  await inLines(customers, async (customer) => void verdicts.set(customer, await checkCustomer(place, customer)))
  return [...verdicts.values()]
}

const isMissing = (verdict: Verdict | undefined): boolean =>
  verdict === undefined || verdict.lost.length > 0 || verdict.doubled.length > 0

async function inLines<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const line = async () => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await act(item)
  }
  await Promise.all(Array.from({ length: readers }, line))
}

function reportOf(
  { seconds, chats, smsPerSecond, mailsPerSecond, syncAlways, encrypted }: LoadOptions,
  { customers, latencies }: LoadMeans,
  verdicts: readonly Verdict[],
  more: { wrong: string[]; loadBefore: number; drainS: number; askedAgain: number },
): LoadReport {
  const { loadBefore, drainS, askedAgain, wrong } = more
  const byChannel = (count: (customer: Customer) => number) => {
    const sums: Record<string, number> = {}
    for (const customer of customers) {
      const { channel } = customer.address
      sums[channel] = (sums[channel] ?? 0) + count(customer)
    }
    return sums
  }
  for (const { channel, ms } of verdicts.flatMap(({ waits }) => waits)) latencies.add(`${channel}, to first reply`, ms)
  const lost = verdicts.flatMap((verdict) => verdict.lost)
  const doubled = verdicts.flatMap((verdict) => verdict.doubled)
  const [cpu] = cpus()
  return {
    ok: lost.length + doubled.length + wrong.length === 0,
    seconds,
    chats,
    smsPerSecond,
    mailsPerSecond,
    syncAlways,
    encrypted,
    machine: {
      cpus: cpus().length,
      model: cpu?.model ?? '',
      node: process.version,
      loadBefore,
      loadAfter: loadavg()[0] ?? 0,
    },
    conversations: byChannel(() => 1),
    messages: byChannel(({ accepted, forms }) => accepted.length + forms),
    replies: verdicts.reduce((sum, { replies }) => sum + replies, 0),
    turns: verdicts.reduce((sum, { turns }) => sum + turns, 0),
    askedAgain,
    drainS,
    lost,
    doubled,
    wrong,
    latencies: latencies.rows(),
  }
}
