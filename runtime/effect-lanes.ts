/**
 * The order among the effects of one conversation: one lane an actor, as long as it has records under way (T1, T4). Speaks
 * to transmit, and to the ledger through what it is given. What had ended of a record that is left to the next owner is
 * noted, so that only the rest is done there (T6).
 */
import type { Activity } from './activity.ts'
import { begunAfter, type EffectOutcome, type LedgerEntry, type TurnOutcomes } from './ledger.ts'
import type { TurnRecord } from './record.ts'
import { LeftToNextOwner, type TransmitParts, transmit } from './stages/transmit.ts'

export interface EffectLanes {
  /**
   * One record to its completion. Effects are begun at once and wait for those before them; the ledger keeps the order of
   * turns. Rejects, not completed, when an effect of it or of a record before it was left to the next owner.
   */
  carryOut(work: RecordWork): Promise<void>
}

export interface RecordWork {
  record: TurnRecord
  revision: number
  known: Promise<Known>
  /** Called once the ledger knows of all its effects. */
  complete: () => Promise<void>
}

/** What the ledger knows of a record before its effects are begun. */
export interface Known {
  /** All of it has ended, and was noted. */
  isWhole: boolean
  /** What of it has ended, when not all has. */
  outcomes: readonly EffectOutcome[]
  /** The same, of later records. */
  begun: readonly TurnOutcomes[]
}

export const nothingKnown: Known = { isWhole: false, outcomes: [], begun: [] }

export function knownBy(last: LedgerEntry | undefined, revision: number): Known {
  if (!last) return nothingKnown
  const begun = last.begun ?? []
  const { outcomes = [] } = begun.find((one) => one.revision === revision) ?? {}
  return { isWhole: last.revision >= revision, outcomes, begun: begunAfter(revision, begun) }
}

export interface LaneParts extends TransmitParts {
  nc: { isClosed(): boolean }
  activity: Activity
  write: (actor: string, entry: LedgerEntry) => Promise<void>
  leave: (actor: string, begun: readonly TurnOutcomes[]) => Promise<void>
}

/** What later effects of the same actor wait for. */
interface Lane {
  /** Every earlier effect has ended or stepped aside: to be retried, or to wait for one that is, at its destination. */
  clear: Promise<unknown>
  /** The last effect to each destination. */
  byDestination: Map<string, { ended: Promise<unknown>; isOver: boolean }>
  /** Every earlier record is in the ledger. */
  completed: Promise<void>
  records: number
  /** What the next owner is to know of records that are left to it. */
  left: TurnOutcomes[]
}

export function effectLanes(parts: LaneParts): EffectLanes {
  const lanes = new Map<string, Lane>()
  return {
    async carryOut(work) {
      const { actor } = work.record
      const lane = lanes.get(actor) ?? newLane(work.known)
      lanes.set(actor, lane)
      lane.records++
      const ended = work.record.effects.map((_, index) => begin(parts, lane, work, index))
      lane.completed = completion(parts, lane, work, lane.completed, Promise.allSettled(ended))
      await lane.completed.finally(async () => {
        if (--lane.records > 0) return
        lanes.delete(actor)
        if (lane.left.length > 0) await parts.leave(actor, lane.left)
      })
    },
  }
}

const newLane = (clear: Promise<unknown>): Lane => ({
  clear,
  byDestination: new Map(),
  completed: Promise.resolve(),
  records: 0,
  left: [],
})

async function completion(
  parts: LaneParts,
  lane: Lane,
  { record, revision, known, complete }: RecordWork,
  before: Promise<void>,
  ended: Promise<PromiseSettledResult<EffectOutcome | undefined>[]>,
): Promise<void> {
  const [earlier] = await Promise.allSettled([before])
  const results = await ended
  const outcomes = results.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []))
  const left = [earlier, ...results].find((result) => result.status === 'rejected')
  if (left) {
    if (outcomes.length > 0) lane.left.push({ revision, outcomes })
    throw left.reason
  }
  const { isWhole, begun } = await known
  const entry = { revision, outcomes, ...(begun.length > 0 && { begun: [...begun] }) }
  if (!isWhole && outcomes.length > 0) await parts.activity.during(() => parts.write(record.actor, entry))
  await complete()
}

/** Resolves to the effect's outcome; to undefined when the ledger knows the whole record. */
function begin(
  parts: LaneParts,
  lane: Lane,
  { record, revision, known }: RecordWork,
  index: number,
): Promise<EffectOutcome | undefined> {
  const { destination } = parts.adapterFor(record.effects[index]!)
  const before = lane.byDestination.get(destination)
  let stepAside = () => {}
  const aside = new Promise<void>((resolve) => {
    stepAside = resolve
  })
  // When all earlier ones are out of the way and this one still has to wait, it must not stand in the way of others.
  void lane.clear.then(() => {
    if (before?.isOver === false) stepAside()
  })
  const self = { isOver: false, ended: Promise.resolve<EffectOutcome | undefined>(undefined) }
  self.ended = Promise.all([known, lane.clear, before?.ended])
    .then(([{ isWhole, outcomes }]) => {
      if (parts.nc.isClosed()) throw new LeftToNextOwner()
      if (isWhole) return undefined
      const outcome = outcomes.find((one) => one.index === index)
      return outcome ?? parts.activity.during(() => transmit(parts, record, revision, index, stepAside))
    })
    .finally(() => {
      self.isOver = true
      stepAside()
    })
  lane.clear = Promise.all([lane.clear, aside])
  lane.byDestination.set(destination, self)
  return self.ended
}
