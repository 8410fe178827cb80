/**
 * After the troubles: waits until all is up, nothing moves any more and nothing is open, and reads what is left. Conversations
 * that wait for a person get one. Gives up when less and less is not open any more: what is still open is for the checks to say.
 */
import type { Clock } from '../../adapters/clock.ts'
import { stream } from '../../runtime/streams.ts'
import { openEffects } from './checks/calls.ts'
import { unfinished } from './checks/endings.ts'
import { stillSetAside } from './checks/versions.ts'
import type { Customer } from './customer.ts'
import type { Doors } from './doors.ts'
import type { History } from './history.ts'
import { readHistory } from './read-history.ts'
import { isUp, type Site } from './site.ts'
import { bringToEnd } from './stories.ts'

const still_ms = 1_500
/** A conversation that nobody serves after this long gets a person. */
const person_after_ms = 6_000
/** Nothing that is open has come to an end for so long. */
const stuck_ms = 90_000

export async function untilQuiet(
  clock: Clock,
  site: Site,
  doors: Doors,
  customers: readonly Customer[],
  say: (line: string) => void,
): Promise<History> {
  await Promise.all(site.nodes.map((node) => isUp(clock, node)))
  const read = () => readHistory(site.reader, { calls: site.wire.calls, accepted: doors.accepted })
  const open = { least: Number.POSITIVE_INFINITY, since_ms: clock.now() }
  let person_ms = clock.now() + person_after_ms
  for (let before = ''; ; ) {
    await clock.sleep(still_ms)
    const marks = await marksOf(site).catch(() => '')
    const isStill = marks !== '' && marks === before
    before = marks
    const history = isStill ? await read() : undefined
    const left = history ? openIn(history).length : site.view.open()
    if (history && left === 0) return history
    if (left < open.least) Object.assign(open, { least: left, since_ms: clock.now() })
    if (clock.now() > open.since_ms + stuck_ms) return history ?? read()
    if (clock.now() < person_ms) continue
    say(`waiting for quiet: ${left} things are open`)
    await Promise.all(customers.filter((customer) => customer.isOpen()).map(bringToEnd))
    person_ms = clock.now() + person_after_ms
  }
}

const openIn = (history: History) => [unfinished, openEffects, stillSetAside].flatMap((rule) => rule(history))

/** Where every stream stands: the same twice means that nothing was written in between. */
async function marksOf({ past, view }: Site): Promise<string> {
  const names = [stream.inbox, stream.turns, stream.effects, 'DESK']
  const infos = await Promise.all(names.map((name) => past.jsm.streams.info(name)))
  return [view.open(), ...infos.map(({ state }) => `${state.last_seq}/${state.messages}`)].join(' ')
}
