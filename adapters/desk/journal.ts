/**
 * The desk's memory: one journal entry per accepted request or act, and the floor folded from them (`tape.ts`). Speaks to
 * JetStream. Invariants: decisions are made one after the other, each on what all before it come to; nothing is answered or
 * told before its entry, and all before it, are stored; every append names the sequence it expects, and one behind another
 * that is under way names that one as well. So one which did not get its place takes all behind it along, whoever got it,
 * and those decide again on what is stored.
 *
 * A desk alone on its journal does not wait for one append before it decides on the next: what is under way is on the floor
 * already (`window_max` entries). Several desks may share a journal: each hears of the others' entries as they are
 * published and reads on; whose append comes second decides again. Then each append is waited for, and so it is where the
 * stream has copies: its leader knows only of what most of them have, and would refuse whatever is behind.
 */
import { randomUUID } from 'node:crypto'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '../clock.ts'
import type { Draft, Entry } from './entries.ts'
import { apply, emptyFloor, type Floor } from './floor.ts'
import {
  allEntries,
  ensureStream,
  forget,
  inClear,
  readAnew,
  readOn,
  type StoredEntry,
  subject,
  type Tape,
} from './tape.ts'

/** What a decision comes to: an entry to store (none when nothing happens) and what to give the caller. */
export interface Decided<Result> {
  entry?: Draft
  result: Result
}

export interface Journal {
  floor: Floor
  /** This run of this desk, as it signs its entries. */
  id: string
  /**
   * Decides on the floor as it is when all earlier writes are applied, stores the entry, applies it, gives the result.
   * `decide` may run again when the entry of an earlier, seemingly failed write turns up. Rejects with what `decide`
   * throws, or with `JournalUnavailable` when the entry could not be stored.
   */
  write<Result>(decide: (floor: Floor, at: string) => Decided<Result>): Promise<Result>
  /** All that is written, oldest first. */
  entries(): Promise<Entry[]>
  /**
   * Deletes the entries that `chosen` gives back so that their bytes are written over, and makes the floor anew from the
   * rest; resolves to how many there were. No write happens meanwhile.
   */
  forget(chosen: (entries: readonly StoredEntry[]) => readonly StoredEntry[]): Promise<number>
  /** Calls `listener` after each entry is applied (not for those read at the start). */
  onEntry(listener: (entry: Entry) => void): void
  /** True when no write is waiting or under way. */
  quiet(): boolean
  /** Resolves when the writes asked for so far are over, well or not. */
  settled(): Promise<void>
  /** Stops listening to other desks. */
  close(): void
}

export class JournalUnavailable extends Error {
  override readonly name = 'JournalUnavailable'
  constructor(cause: unknown) {
    super('the desk could not store what it was asked; is the broker reachable and is its disk full?', { cause })
  }
}

/** Opens the journal, creating its stream where there is none, and rebuilds the floor from it. */
export async function openJournal(
  nats: NatsConnection,
  clock: Clock,
  replicas: number,
  sealing = inClear,
): Promise<Journal> {
  const manager = await jetstreamManager(nats)
  await ensureStream(manager, replicas)
  const floor = emptyFloor()
  const stream = jetstream(nats)
  const tape: Tape = {
    manager,
    stream,
    floor,
    lastSequence: 0,
    toldSequence: 0,
    id: randomUUID(),
    own: new Map(),
    sealing,
  }
  await readOn(tape, () => {})

  const listeners: ((entry: Entry) => void)[] = []
  const tell = (entry: Entry) => {
    for (const listener of listeners) listener(entry)
  }
  const pen = openPen(tape, clock, tell, replicas > 1)
  let writes = 0
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
    const turn = last.then(act)
    last = turn.catch(() => {})
    return turn
  }
  const counted = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    writes += 1
    try {
      return await act()
    } finally {
      writes -= 1
    }
  }
  const inPeace = <Result>(act: () => Promise<Result>) =>
    counted(() =>
      inTurn(async () => {
        await pen.settled()
        return act()
      }),
    )
  const others = nats.subscribe(subject, {
    callback: (error, message) => {
      if (error || message.headers?.get(author) === tape.id) return
      pen.share()
      // Not readable means that the broker is away; the next append reads on.
      void inPeace(() => catchUp(tape, sequenceOf(message), tell)).catch(() => {})
    },
  })
  return {
    floor,
    id: tape.id,
    close: () => others.unsubscribe(),
    onEntry: (listener) => void listeners.push(listener),
    quiet: () => writes === 0,
    settled: async () => {
      await last
      await pen.settled().catch(() => {})
    },
    write: (decide) => counted(() => written(inTurn, pen, decide)),
    entries: () => inPeace(() => allEntries(tape)),
    forget: (chosen) => inPeace(() => forget(tape, chosen)),
  }
}

type InTurn = <Result>(act: () => Promise<Result>) => Promise<Result>
type Decide<Result> = (floor: Floor, at: string) => Decided<Result>

/** Decides until a decision is stored. Rejects with `JournalUnavailable` when the broker keeps saying no. */
async function written<Result>(inTurn: InTurn, pen: Pen, decide: Decide<Result>): Promise<Result> {
  for (let failures = 0, overtaken = 0; ; ) {
    const step = await inTurn(() => pen.decide(decide))
    const error = await step.stored
    if (error === undefined || (await inTurn(() => pen.holds(step)))) return step.result
    if (wrong_last.has((error as { code?: number }).code ?? 0)) overtaken += 1
    else failures += 1
    if (failures === append_attempts_max || overtaken === overtaken_max) throw new JournalUnavailable(error)
  }
}

interface Step<Result> {
  result: Result
  /** Why it is not stored as far as the broker says, or something before it is not; undefined when all is. */
  stored: Promise<unknown>
  /** What is to be stored where; absent where nothing happens. */
  entry?: { sequence: number; text: string }
}

interface Pen {
  /** Decides on the floor as it is, and begins to store what comes of it. */
  decide<Result>(decide: Decide<Result>): Promise<Step<Result>>
  /** Whether it is stored after all, and only the ack was lost. */
  holds(step: Step<unknown>): Promise<boolean>
  /** Others write here, too. */
  share(): void
  /** Until nothing is under way, and the floor is what is stored. Rejects with `JournalUnavailable` when it cannot be read. */
  settled(): Promise<void>
}

function openPen(tape: Tape, clock: Clock, tell: (entry: Entry) => void, isCopied: boolean): Pen {
  let shared_until_ms = 0
  let last: Promise<unknown> = Promise.resolve(undefined)
  let underWay = 0
  let lastId = ''
  /** Something on the floor is perhaps not stored. */
  let isTorn = false

  const append = async (text: string): Promise<unknown> => {
    const signed = headers()
    signed.set(author, tape.id)
    const expect = { lastSequence: tape.lastSequence, ...(underWay > 0 && { lastMsgID: lastId }) }
    lastId = randomUUID()
    const options = { timeout: append_wait_ms, headers: signed, expect, msgID: lastId }
    return tape.stream.publish(subject, tape.sealing.seal(text), options).then(
      () => undefined,
      (error) => error,
    )
  }
  const reading = (read: (tape: Tape, tell: (entry: Entry) => void) => Promise<void>) =>
    read(tape, tell).catch((cause) => {
      throw new JournalUnavailable(cause)
    })
  const settled = async () => {
    await last
    if (!isTorn) return
    await reading(readAnew)
    isTorn = false
    last = Promise.resolve(undefined)
  }
  const onFloor = (sequence: number, entry: Entry) => {
    apply(tape.floor, entry)
    tape.lastSequence = sequence
  }
  const told = (sequence: number, entry: Entry) => {
    tape.toldSequence = sequence
    tell(entry)
  }

  /** On the floor at once; told when all before it are. */
  const alone = (sequence: number, entry: Entry, text: string): Promise<unknown> => {
    const before = last
    const ack = append(text)
    onFloor(sequence, entry)
    underWay += 1
    const stored = async () => {
      const failure = (await before) ?? (await ack)
      await ack
      underWay -= 1
      if (failure === undefined) told(sequence, entry)
      else isTorn = true
      return failure
    }
    last = stored()
    return last
  }
  /** On the floor once it is stored. */
  const shared = async (sequence: number, entry: Entry, text: string): Promise<unknown> => {
    const failure = await append(text)
    if (failure === undefined) {
      onFloor(sequence, entry)
      told(sequence, entry)
    } else await reading(readOn)
    return failure
  }

  return {
    settled,
    async holds({ entry }) {
      await settled()
      return entry !== undefined && tape.own.get(entry.sequence) === entry.text
    },
    share() {
      shared_until_ms = clock.now() + shared_ms
    },
    async decide(decide) {
      const isShared = isCopied || clock.now() < shared_until_ms
      if (isTorn || isShared || underWay >= window_max) await settled()
      const at = new Date(clock.now()).toISOString()
      const { entry: draft, result } = decide(tape.floor, at)
      // What it was decided on must be stored before anybody hears of it.
      if (!draft) return { result, stored: last }
      const whole: Entry = { ...draft, at, by: tape.id }
      const entry = { sequence: tape.lastSequence + 1, text: JSON.stringify(whole) }
      if (!isShared) return { result, stored: alone(entry.sequence, whole, entry.text), entry }
      const failure = await shared(entry.sequence, whole, entry.text)
      return { result, stored: Promise.resolve(failure), entry }
    },
  }
}

/** Whether that publish was taken or lost to a quicker one: an entry of this sequence there will be. */
const sequenceOf = (message: Msg): number => Number(message.headers?.get(expected_last) ?? 0) + 1

/** Reads on until the entry that was heard of is there: its publish is heard a little before it is stored. */
async function catchUp(tape: Tape, sequence: number, tell: (entry: Entry) => void): Promise<void> {
  for (let times = 0; times < catch_up_max && tape.lastSequence < sequence; times += 1) await readOn(tape, tell)
}

const append_wait_ms = 5_000
const append_attempts_max = 3
/** How often other desks may be quicker; each time one of them got its entry in. */
const overtaken_max = 100
const catch_up_max = 20
/** Entries that are under way at a time. */
const window_max = 64
/** So long after the last entry of another desk this one counts as not alone. */
const shared_ms = 60_000
const author = 'Desk'
const expected_last = 'Nats-Expected-Last-Sequence'
/** JetStream's codes for an append that came second: by the sequence, and by the message before it. */
const wrong_last = new Set([10_071, 10_070])
