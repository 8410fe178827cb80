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
  /** For an owner whose time is up: nothing more is begun or completed here, and what has ended so far is noted. */
  close(): Promise<void>
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

/** What an actor's newest entry tells of the record at that revision. */
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
  /** What has ended of each record that is not completed: what the next owner is to know, should it be left to it. */
  begun: Map<number, EffectOutcome[]>
}

interface OpenableParts extends LaneParts {
  isOpen: () => boolean
}

export function effectLanes(given: LaneParts): EffectLanes {
  const lanes = new Map<string, Lane>()
  let closed: Promise<unknown> | undefined
  const parts: OpenableParts = { ...given, isOpen: () => !closed && !given.nc.isClosed() }
  const leave = async (actor: string, { begun }: Lane) => {
    const left = [...begun].map(([revision, outcomes]) => ({ revision, outcomes }))
    const ended = left.filter(({ outcomes }) => outcomes.length > 0)
    if (ended.length > 0) await parts.leave(actor, ended)
  }
  return {
    async carryOut(work) {
      const { actor } = work.record
      const lane = lanes.get(actor) ?? newLane(work.known)
      lanes.set(actor, lane)
      lane.records++
      lane.begun.set(work.revision, [])
      const ended = Promise.allSettled(work.record.effects.map((_, index) => begin(parts, lane, work, index)))
      lane.completed = completion(parts, lane, work, lane.completed, ended)
      await lane.completed.finally(async () => {
        if (--lane.records > 0) return
        lanes.delete(actor)
        if (!closed) await leave(actor, lane)
      })
    },
    async close() {
      closed ??= Promise.all([...lanes].map(([actor, lane]) => leave(actor, lane)))
      await closed
    },
  }
}

const newLane = (clear: Promise<unknown>): Lane => ({
  clear,
  byDestination: new Map(),
  completed: Promise.resolve(),
  records: 0,
  begun: new Map(),
})

async function completion(
  parts: OpenableParts,
  lane: Lane,
  { record, revision, known, complete }: RecordWork,
  before: Promise<void>,
  ended: Promise<PromiseSettledResult<unknown>[]>,
): Promise<void> {
  const [earlier] = await Promise.allSettled([before])
  const left = [earlier, ...(await ended)].find((result) => result.status === 'rejected')
  if (left) throw left.reason
  if (!parts.isOpen()) throw new LeftToNextOwner()
  const { isWhole, begun } = await known
  const outcomes = (lane.begun.get(revision) ?? []).sort((one, other) => one.index - other.index)
  const entry = { revision, outcomes, ...(begun.length > 0 && { begun: [...begun] }) }
  if (!isWhole && outcomes.length > 0) await parts.activity.during(() => parts.write(record.actor, entry))
  lane.begun.delete(revision)
  await complete()
}

/** Settles when the effect has ended, or was left; what became of it stands in the lane. */
function begin(parts: OpenableParts, lane: Lane, work: RecordWork, index: number): Promise<void> {
  const { record, revision, known } = work
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
  const self = { isOver: false, ended: Promise.resolve() }
  self.ended = Promise.all([known, lane.clear, before?.ended])
    .then(async ([{ isWhole, outcomes }]) => {
      if (!parts.isOpen()) throw new LeftToNextOwner()
      if (isWhole) return
      const outcome = outcomes.find((one) => one.index === index)
      const carryOut = () => transmit(parts, record, revision, index, stepAside)
      const ended = outcome ?? (await parts.activity.during(carryOut))
      lane.begun.get(revision)!.push(ended)
    })
    .finally(() => {
      self.isOver = true
      stepAside()
    })
  lane.clear = Promise.all([lane.clear, aside])
  lane.byDestination.set(destination, self)
  return self.ended
}
