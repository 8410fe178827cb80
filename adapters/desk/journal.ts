/**
 * The desk's memory: stream `DESK`, subject `desk.journal`, one message per accepted request or act, and the floor folded
 * from it. Speaks to JetStream. Invariants: writes go one after the other; nothing is applied or answered before its entry
 * is stored; every append names the sequence it expects, so an entry that is stored though its ack was lost is found, not
 * written twice.
 */
import {
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  StorageType,
} from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
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
  /**
   * Decides on the floor as it is when all earlier writes are applied, stores the entry, applies it, gives the result.
   * `decide` may run again when the entry of an earlier, seemingly failed write turns up. Rejects with what `decide`
   * throws, or with `JournalUnavailable` when the entry could not be stored.
   */
  write<Result>(decide: (floor: Floor, at: string) => Decided<Result>): Promise<Result>
  /** Calls `listener` after each entry is applied (not for those read at the start). */
  onEntry(listener: (entry: Entry) => void): void
  /** True when no write is waiting or under way. */
  quiet(): boolean
  /** Resolves when the writes asked for so far are over, well or not. */
  settled(): Promise<void>
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
  const tape: Tape = { manager, stream: jetstream(nats), floor, lastSequence: 0 }
  await readOn(tape, () => {})

  const listeners: ((entry: Entry) => void)[] = []
  const tell = (entry: Entry) => {
    for (const listener of listeners) listener(entry)
  }
  let writes = 0
  let last: Promise<void> = Promise.resolve()
  return {
    floor,
    onEntry: (listener) => void listeners.push(listener),
    quiet: () => writes === 0,
    settled: () => last,
    write(decide) {
      writes += 1
      const turn = last.then(() => append(tape, clock, decide, tell))
      const over = () => {
        writes -= 1
      }
      last = turn.then(over, over)
      return turn
    },
  }
}

interface Tape {
  manager: JetStreamManager
  stream: JetStreamClient
  floor: Floor
  lastSequence: number
}

async function append<Result>(
  tape: Tape,
  clock: Clock,
  decide: (floor: Floor, at: string) => Decided<Result>,
  tell: (entry: Entry) => void,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    const at = new Date(clock.now()).toISOString()
    const { entry: draft, result } = decide(tape.floor, at)
    if (!draft) return result
    const entry: Entry = { ...draft, at }
    try {
      const ack = await tape.stream.publish(subject, JSON.stringify(entry), {
        timeout: append_wait_ms,
        expect: { lastSequence: tape.lastSequence },
      })
      tape.lastSequence = ack.seq
      apply(tape.floor, entry)
      tell(entry)
      return result
    } catch (error) {
      if (attempt === append_attempts_max) throw new JournalUnavailable(error)
      // Perhaps it is stored and only the ack was lost: read on, then decide again on what the journal really holds.
      await readOn(tape, tell).catch((cause) => {
        throw new JournalUnavailable(cause)
      })
    }
  }
}

/** Reads and applies every entry after `lastSequence`, up to what the stream's leader says is the last one. */
async function readOn(tape: Tape, tell: (entry: Entry) => void): Promise<void> {
  const { state } = await tape.manager.streams.info(stream_name)
  while (state.messages > 0 && tape.lastSequence < state.last_seq) {
    const seq = Math.max(tape.lastSequence + 1, state.first_seq)
    const batch = await tape.manager.direct.getBatch(stream_name, { seq, batch: read_batch })
    for await (const message of batch) {
      const entry = message.json<Entry>()
      apply(tape.floor, entry)
      tape.lastSequence = message.seq
      tell(entry)
    }
  }
  tape.lastSequence = Math.max(tape.lastSequence, state.last_seq)
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
const read_batch = 500
