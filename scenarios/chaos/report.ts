/** What a chaos run comes to, in figures and in words. Pure. */
import { type Upgraded, upgradedIn } from './checks/versions.ts'
import { grouped } from './grouped.ts'
import type { History, Violation } from './history.ts'
import type { Network } from './network.ts'
import { type Trouble, type TroubleKind, troubleKinds } from './schedule.ts'

export interface ChaosReport {
  ok: boolean
  seed: number
  nodes: number
  brokers: number
  /** What they were cut off by. */
  network: Network['how']
  /** What was stored was encrypted. */
  encrypted: boolean
  /** Of load and troubles, and until all was quiet. */
  loadS: number
  wholeS: number
  conversations: number
  /** Messages answered 200, turns stored, calls to far sides. */
  messages: number
  turns: number
  calls: number
  troubles: Partial<Record<TroubleKind, number>>
  /** What came again and changed nothing: events at the doors, calls at the far sides. */
  duplicatesAbsorbed: { events: number; calls: number }
  /** The longest time without a turn while customers came. */
  longestGapMs: number
  deadLetters: Record<string, number>
  /** Where the nodes were upgraded meanwhile. */
  upgraded?: Upgraded
  violations: Violation[]
  /** Logs and data, where something is wrong. */
  dir?: string
}

export interface Took {
  /** Until all stories had been played, and until all was quiet. */
  loaded_ms: number
  whole_ms: number
  /** A moment: no customer began after it. */
  lastArrival_ms: number
}

export function reportOf(
  {
    seed,
    nodes,
    brokers,
    network,
    encrypted = false,
  }: Pick<ChaosReport, 'seed' | 'nodes' | 'brokers' | 'network'> & { encrypted?: boolean },
  history: History,
  troubles: readonly Trouble[],
  { loaded_ms, whole_ms, lastArrival_ms }: Took,
  duplicateEvents: number,
  violations: Violation[],
  dir: string | undefined,
): ChaosReport {
  const { turns, calls, journal, accepted, deadLetters } = history
  const upgraded = upgradedIn(history)
  const keyed = calls.filter(({ key }) => key !== '')
  const count = (kind: TroubleKind) => troubles.filter((trouble) => trouble.kind === kind).length
  return {
    ok: violations.length === 0,
    seed,
    nodes,
    brokers,
    network,
    encrypted,
    loadS: Math.round(loaded_ms / 1_000),
    wholeS: Math.round(whole_ms / 1_000),
    conversations: journal.filter(({ entry }) => entry.type === 'conversationCreated').length,
    messages: accepted.length,
    turns: turns.length,
    calls: keyed.length,
    troubles: Object.fromEntries(troubleKinds(brokers).map((kind) => [kind, count(kind)])),
    duplicatesAbsorbed: { events: duplicateEvents, calls: keyed.length - new Set(keyed.map(({ key }) => key)).size },
    longestGapMs: longestGap(turns.map(({ stored_ms }) => stored_ms).filter((at_ms) => at_ms <= lastArrival_ms)),
    deadLetters: Object.fromEntries(
      [...grouped(deadLetters, ({ kind }) => kind)].map(([kind, letters]) => [kind, letters.length]),
    ),
    ...(upgraded && { upgraded }),
    violations,
    ...(dir === undefined ? {} : { dir }),
  }
}

function longestGap(moments_ms: number[]): number {
  return moments_ms.slice(1).reduce((longest, at, index) => Math.max(longest, Math.round(at - moments_ms[index]!)), 0)
}

const toldOf = ({ stayed, migrated, begunOnNewer }: Upgraded): string =>
  `  nodes upgraded one after the other: ${stayed} conversations stayed on their version, ${migrated} migrated, ${begunOnNewer} began on the newer one`

const violations_shown = 12

/** A few lines for people: figures, then the first violations, each with the seed and the records involved. */
export function summary(report: ChaosReport): string {
  const { seed, conversations, messages, turns, calls, troubles, duplicatesAbsorbed, violations } = report
  const { kill, pause, cut, stall, mute, killBroker, stallBroker, muteBroker } = troubles
  const letters = Object.entries(report.deadLetters).map(([kind, many]) => `${many} ${kind}`)
  const shown = violations.slice(0, violations_shown)
  return [
    `seed ${seed}, ${report.nodes} nodes, ${report.brokers} brokers${report.encrypted ? ', all encrypted' : ''}, ${report.wholeS} s`,
    `  ${conversations} conversations, ${messages} messages, ${turns} turns, ${calls} calls`,
    `  ${kill} nodes killed, ${pause} stopped, cut off by ${report.network}: ${cut} refused, ${stall} both ways, ${mute} one way`,
    `  ${killBroker} brokers killed${stallBroker === undefined ? '' : `, cut off from the others: ${stallBroker} both ways, ${muteBroker} one way`}`,
    `  absorbed: ${duplicatesAbsorbed.events} events and ${duplicatesAbsorbed.calls} calls that came again`,
    `  longest time without a turn: ${report.longestGapMs} ms; dead letters: ${letters.join(', ') || 'none'}`,
    ...(report.upgraded ? [toldOf(report.upgraded)] : []),
    violations.length === 0 ? '  no violation' : `  ${violations.length} violations:`,
    ...shown.map(
      ({ rule, actor, what, records }) => `    ${rule} ${actor}: ${what} (${records.join('; ')}), seed ${seed}`,
    ),
    ...(violations.length > shown.length ? [`    and ${violations.length - shown.length} more`] : []),
    ...(report.dir === undefined ? [] : [`  logs and data: ${report.dir}`]),
  ].join('\n')
}
