/**
 * The desk's memory: stream `DESK`, subject `desk.journal`, one message per accepted request or act, and the floor folded
 * from it. Speaks to JetStream. Invariants: writes go one after the other; nothing is applied or answered before its entry
 * is stored; every append names the sequence it expects, so an entry that is stored though its ack was lost is found, not
 * written twice. Several desks may share one journal: each hears of the others' entries as they are published and reads
 * on; whose append comes second reads on too and decides again, so that all of them decide on one history.
 */
import { randomUUID } from 'node:crypto'
import {
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  StorageType,
  type StoredMsg,
} from '@nats-io/jetstream'
import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '../clock.ts'
import type { Draft, Entry } from './entries.ts'
import { apply, emptyFloor, type Floor, memory_ms } from './floor.ts'

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
export async function openJournal(nats: NatsConnection, clock: Clock, replicas: number): Promise<Journal> {
  const manager = await jetstreamManager(nats)
  await ensureStream(manager, replicas)
  const floor = emptyFloor()
  const tape: Tape = { manager, stream: jetstream(nats), floor, lastSequence: 0, id: randomUUID() }
  await readOn(tape, () => {})

  const listeners: ((entry: Entry) => void)[] = []
  const tell = (entry: Entry) => {
    for (const listener of listeners) listener(entry)
  }
  let writes = 0
  let last: Promise<void> = Promise.resolve()
  const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
    writes += 1
    const turn = last.then(act)
    const over = () => {
      writes -= 1
    }
    last = turn.then(over, over)
    return turn
  }
  const others = nats.subscribe(subject, {
    callback: (error, message) => {
      if (error || message.headers?.get(author) === tape.id) return
      // Not readable means that the broker is away; the next append reads on.
      void inTurn(() => catchUp(tape, sequenceOf(message), tell)).catch(() => {})
    },
  })
  return {
    floor,
    id: tape.id,
    close: () => others.unsubscribe(),
    onEntry: (listener) => void listeners.push(listener),
    quiet: () => writes === 0,
    settled: () => last,
    write: (decide) => inTurn(() => append(tape, clock, decide, tell)),
    entries: () => inTurn(() => allEntries(tape)),
    forget: (chosen) => inTurn(() => forget(tape, chosen)),
  }
}

export type StoredEntry = Entry & { sequence: number }

interface Tape {
  manager: JetStreamManager
  stream: JetStreamClient
  floor: Floor
  lastSequence: number
  id: string
}

async function append<Result>(
  tape: Tape,
  clock: Clock,
  decide: (floor: Floor, at: string) => Decided<Result>,
  tell: (entry: Entry) => void,
): Promise<Result> {
  const signed = headers()
  signed.set(author, tape.id)
  for (let failures = 0, overtaken = 0; ; ) {
    const at = new Date(clock.now()).toISOString()
    const { entry: draft, result } = decide(tape.floor, at)
    if (!draft) return result
    const entry: Entry = { ...draft, at, by: tape.id }
    try {
      const ack = await tape.stream.publish(subject, JSON.stringify(entry), {
        timeout: append_wait_ms,
        headers: signed,
        expect: { lastSequence: tape.lastSequence },
      })
      tape.lastSequence = ack.seq
      apply(tape.floor, entry)
      tell(entry)
      return result
    } catch (error) {
      if ((error as { code?: number }).code === wrong_last_sequence) overtaken += 1
      else failures += 1
      if (failures === append_attempts_max || overtaken === overtaken_max) throw new JournalUnavailable(error)
      // Perhaps it is stored and only the ack was lost: read on, then decide again on what the journal really holds.
      await readOn(tape, tell).catch((cause) => {
        throw new JournalUnavailable(cause)
      })
    }
  }
}

/** Whether that publish was taken or lost to a quicker one: an entry of this sequence there will be. */
const sequenceOf = (message: Msg): number => Number(message.headers?.get(expected_last) ?? 0) + 1

/** Reads on until the entry that was heard of is there: its publish is heard a little before it is stored. */
async function catchUp(tape: Tape, sequence: number, tell: (entry: Entry) => void): Promise<void> {
  for (let times = 0; times < catch_up_max && tape.lastSequence < sequence; times += 1) await readOn(tape, tell)
}

/** Reads and applies every entry after `lastSequence`, up to what the stream's leader says is the last one. */
async function readOn(tape: Tape, tell: (entry: Entry) => void): Promise<void> {
  const { state } = await tape.manager.streams.info(stream_name)
  for await (const { sequence: _place, ...entry } of entriesFrom(tape, tape.lastSequence + 1)) {
    apply(tape.floor, entry as Entry)
    tell(entry as Entry)
  }
  tape.lastSequence = Math.max(tape.lastSequence, state.last_seq)
}

/** What is stored from a sequence on. Entries that were forgotten leave gaps, at the end too. */
async function* entriesFrom({ manager }: Tape, from: number): AsyncGenerator<StoredEntry, void, void> {
  const { state } = await manager.streams.info(stream_name)
  for (let seq = Math.max(from, state.first_seq); state.messages > 0 && seq <= state.last_seq; ) {
    const batch: StoredMsg[] = []
    await new Promise<void>((resolve, reject) => {
      const callback = (done: { err?: Error } | null, message: StoredMsg) => {
        if (!done) batch.push(message)
        else if (done.err && (done.err as { code?: number }).code !== no_message) reject(done.err)
        else resolve()
      }
      manager.direct.getBatch(stream_name, { seq, batch: read_batch, callback } as never).catch(reject)
    })
    for (const message of batch) yield { ...message.json<Entry>(), sequence: message.seq }
    // Nothing more, or a copy that lags: the leader knows which.
    if (batch.length === 0 && !(await isMore(manager, seq))) return
    seq = (batch.at(-1)?.seq ?? seq - 1) + 1
  }
}

async function isMore(manager: JetStreamManager, seq: number): Promise<boolean> {
  return (await manager.streams.getMessage(stream_name, { seq, next_by_subj: subject } as never)) !== null
}

async function allEntries(tape: Tape): Promise<StoredEntry[]> {
  const all: StoredEntry[] = []
  for await (const entry of entriesFrom(tape, 1)) all.push(entry)
  return all
}

async function forget(
  tape: Tape,
  chosen: (entries: readonly StoredEntry[]) => readonly StoredEntry[],
): Promise<number> {
  const all = await allEntries(tape)
  const gone = new Set(chosen(all).map(({ sequence }) => sequence))
  for (const sequence of gone) {
    // Another desk on the same journal may have been quicker.
    await tape.manager.streams.deleteMessage(stream_name, sequence, true).catch((error: { code?: number }) => {
      if (error.code !== none_to_delete) throw error
    })
  }
  Object.assign(tape.floor, emptyFloor())
  for (const { sequence, ...entry } of all) if (!gone.has(sequence)) apply(tape.floor, entry as Entry)
  return gone.size
}

async function ensureStream(manager: JetStreamManager, replicas: number): Promise<void> {
  const wanted = {
    subjects: [subject],
    storage: StorageType.File,
    max_age: memory_ms * 1_000_000,
    num_replicas: replicas,
    allow_direct: true,
  }
  const existing = await manager.streams.info(stream_name).catch(() => undefined)
  if (existing) await manager.streams.update(stream_name, wanted)
  else await manager.streams.add({ name: stream_name, ...wanted })
}

const stream_name = 'DESK'
const subject = 'desk.journal'
const append_wait_ms = 5_000
const append_attempts_max = 3
/** How often other desks may be quicker; each time one of them got its entry in. */
const overtaken_max = 100
const catch_up_max = 20
const author = 'Desk'
const expected_last = 'Nats-Expected-Last-Sequence'
const read_batch = 500
/** JetStream's codes for a message that is not there (to read, and to delete), and for an append that came second. */
const no_message = 404
const wrong_last_sequence = 10_071
const none_to_delete = 10_043
