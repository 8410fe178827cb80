/**
 * After the troubles: waits until all is up, nothing moves any more and nothing is open, and reads what is left. Conversations
 * that wait for a person get one. Gives up after a while: what is still open then is for the checks to say.
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

export async function untilQuiet(
  clock: Clock,
  site: Site,
  doors: Doors,
  customers: readonly Customer[],
  ms_max: number,
): Promise<History> {
  const give_up_ms = clock.now() + ms_max
  await Promise.all(site.nodes.map((node) => isUp(clock, node)))
  const read = () => readHistory(site.reader, { calls: site.wire.calls, accepted: doors.accepted })
  let person_ms = clock.now() + person_after_ms
  for (let before = ''; ; ) {
    await clock.sleep(still_ms)
    const marks = await marksOf(site).catch(() => '')
    const isStill = marks !== '' && marks === before
    before = marks
    if (isStill) {
      const history = await read()
      if ([unfinished, openEffects, stillSetAside].every((rule) => rule(history).length === 0)) return history
    }
    if (clock.now() > give_up_ms) return read()
    if (clock.now() < person_ms) continue
    await Promise.all(customers.filter((customer) => customer.isOpen()).map(bringToEnd))
    person_ms = clock.now() + person_after_ms
  }
}

/** Where every stream stands: the same twice means that nothing was written in between. */
async function marksOf({ past, view }: Site): Promise<string> {
  const names = [stream.inbox, stream.turns, stream.effects, 'DESK']
  const infos = await Promise.all(names.map((name) => past.jsm.streams.info(name)))
  return [view.open(), ...infos.map(({ state }) => `${state.last_seq}/${state.messages}`)].join(' ')
}
