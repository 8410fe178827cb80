/**
 * T8: a conversation stays on the version that it began on, or migrates once to the next one where that build migrates its
 * machine (decisions/0012); and once every node can restore everything, nothing waits for a build that can. Pure.
 */
import type { History, StoredTurn, Violation } from '../history.ts'
import { mayMigrate, newerVersionOf } from '../newer-build.ts'
import { byActor, nameOf } from './turns.ts'

export function wrongVersions({ turns }: History): Violation[] {
  return [...byActor(turns)].flatMap(([actor, chain]) =>
    chain.slice(1).flatMap((turn, index) => {
      const [before, after] = [chain[index]!, turn]
      if (!isChanged(before, after) || isMigrated(before, after)) return []
      const [{ id, version }, to] = [before.record.machine, after.record.machine.version]
      const what = `${id} went from version ${version} to ${to}`
      return [{ rule: 'T8', actor, what, records: [nameOf(before), nameOf(after)] }]
    }),
  )
}

const isChanged = ({ record: a }: StoredTurn, { record: b }: StoredTurn): boolean =>
  a.machine.version !== b.machine.version

const isMigrated = ({ record: { machine } }: StoredTurn, { record: next }: StoredTurn): boolean =>
  mayMigrate(machine) && next.machine.version === newerVersionOf(machine)

/** What came for a conversation that the build of its owner could not restore is taken up by one that can. */
export function stillSetAside({ deadLetters }: History): Violation[] {
  const what = 'an event waits for a build that restores its conversation'
  return deadLetters
    .filter(({ kind }) => kind === 'record')
    .map(({ actor, content }) => ({ rule: 'T8', actor, what, records: [(content as { id?: string }).id ?? 'no id'] }))
}

/** How conversations came through a rolling upgrade, by actors. */
export interface Upgraded {
  /** On the version before, with turns after the first one of the newer version was stored. */
  stayed: number
  migrated: number
  begunOnNewer: number
}

/** Undefined where all turns of each machine are of one version. */
export function upgradedIn({ turns }: Pick<History, 'turns'>): Upgraded | undefined {
  const oldest = new Map<string, string>()
  for (const { record } of turns)
    if (!oldest.has(record.machine.id)) oldest.set(record.machine.id, record.machine.version)
  const isNewer = ({ record: { machine } }: StoredTurn) => machine.version !== oldest.get(machine.id)
  const first = turns.find(isNewer)
  if (!first) return undefined
  const chains = [...byActor(turns).values()]
  const count = (is: (begun: StoredTurn, last: StoredTurn) => boolean) =>
    chains.filter((chain) => is(chain[0]!, chain.at(-1)!)).length
  return {
    stayed: count((begun, last) => !isNewer(begun) && !isNewer(last) && last.sequence > first.sequence),
    migrated: count((begun, last) => !isNewer(begun) && isNewer(last)),
    begunOnNewer: count(isNewer),
  }
}
