/**
 * A chaos run as a whole: real processes under a load of whole conversations, a seeded schedule of troubles, then quiet, and
 * the verdict of the checks on what the streams hold. Ends by itself. The seed decides who writes what and what goes wrong;
 * what the processes make of it is theirs, so that two runs of a seed have the same troubles but not the same interleaving.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../adapters/clock.ts'
import { random } from '../../runtime/random.ts'
import { violationsOf } from './checks/check.ts'
import { serveCustomers } from './customers.ts'
import { openDoors } from './doors.ts'
import type { Network } from './network.ts'
import { untilQuiet } from './quiet.ts'
import { storedInClear } from './read-history.ts'
import { type ChaosReport, reportOf } from './report.ts'
import { carryOutRollOut, rollOut } from './roll-out.ts'
import { placeOf, schedule, type Trouble } from './schedule.ts'
import { openSite, type Site } from './site.ts'
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
  /** Not every node both turns and carries out effects. */
  apart?: boolean
  /** Where the run's folder is made; the system's temporary folder when not given. */
  under?: string
  progress?: (line: string) => void
}

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
    const serving = serveCustomers(clock, site, doors, source.fork(), { length_ms, customers_max, onBegun }, say)
    const steps = upgrade ? rollOut(source.fork(), site.nodes.length) : []
    const [{ customers, lastArrival_ms }, troubles] = await Promise.all([
      serving.finally(() => served.abort()),
      makeTrouble(clock, site, planned, served.signal, say),
      carryOutRollOut(clock, site, steps, () => begun, served.signal, say),
    ])
    const loaded_ms = clock.now() - begun_ms
    say('waiting for quiet')
    const history = await untilQuiet(clock, site, doors, customers, say)
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
