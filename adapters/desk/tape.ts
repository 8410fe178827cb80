/**
 * What the desk's journal holds, as it lies in JetStream: stream `DESK`, subject `desk.journal`, one message an entry; and
 * the floor folded from it. Reads on, reads anew, forgets. Speaks to JetStream; `journal.ts` writes.
 */
import { type JetStreamClient, type JetStreamManager, StorageType, type StoredMsg } from '@nats-io/jetstream'
import type { Entry } from './entries.ts'
import { apply, emptyFloor, type Floor, memory_ms } from './floor.ts'

export type StoredEntry = Entry & { sequence: number }

export interface Tape {
  manager: JetStreamManager
  stream: JetStreamClient
  floor: Floor
  /** The last one on the floor. */
  lastSequence: number
  /** The last one that listeners have heard of. */
  toldSequence: number
  id: string
  /** The newest entries of this desk that were read from the stream, by sequence: appends whose ack was lost. */
  own: Map<number, string>
  sealing: JournalSealing
}

/** How an entry lies in the stream: its JSON as text, or encrypted. */
export interface JournalSealing {
  seal(entry: string): string | Uint8Array
  open(stored: Uint8Array): string
}

export const inClear: JournalSealing = { seal: (entry) => entry, open: (stored) => utf8.decode(stored) }
const utf8 = new TextDecoder()

/** Reads and applies every entry after `lastSequence`, up to what the stream's leader says is the last one. */
export async function readOn(tape: Tape, tell: (entry: Entry) => void): Promise<void> {
  const { state } = await tape.manager.streams.info(stream_name)
  for await (const { sequence, ...entry } of entriesFrom(tape, tape.lastSequence + 1)) {
    apply(tape.floor, entry as Entry)
    tape.lastSequence = sequence
    if (entry.by === tape.id) noteOwn(tape, sequence, entry as Entry)
    if (sequence <= tape.toldSequence) continue
    tape.toldSequence = sequence
    tell(entry as Entry)
  }
  tape.lastSequence = Math.max(tape.lastSequence, state.last_seq)
  tape.toldSequence = Math.max(tape.toldSequence, tape.lastSequence)
}

function noteOwn({ own }: Tape, sequence: number, entry: Entry): void {
  own.set(sequence, JSON.stringify(entry))
  if (own.size > own_max) own.delete(own.keys().next().value as number)
}

/** Makes the floor anew from what is stored, whatever is on it. Listeners hear of what they have not heard of yet. */
export async function readAnew(tape: Tape, tell: (entry: Entry) => void): Promise<void> {
  Object.assign(tape.floor, emptyFloor())
  tape.lastSequence = 0
  await readOn(tape, tell)
}

/** What is stored from a sequence on. Entries that were forgotten leave gaps, at the end too. */
async function* entriesFrom({ manager, sealing }: Tape, from: number): AsyncGenerator<StoredEntry, void, void> {
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
    for (const message of batch) {
      yield { ...(JSON.parse(sealing.open(message.data)) as Entry), sequence: message.seq }
    }
    // Nothing more, or a copy that lags: the leader knows which.
    if (batch.length === 0 && !(await isMore(manager, seq))) return
    seq = (batch.at(-1)?.seq ?? seq - 1) + 1
  }
}

async function isMore(manager: JetStreamManager, seq: number): Promise<boolean> {
  return (await manager.streams.getMessage(stream_name, { seq, next_by_subj: subject } as never)) !== null
}

export async function allEntries(tape: Tape): Promise<StoredEntry[]> {
  const all: StoredEntry[] = []
  for await (const entry of entriesFrom(tape, 1)) all.push(entry)
  return all
}

/** See `Journal.forget`. */
export async function forget(
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

/** Creates the stream, or brings it up to date. */
export async function ensureStream(manager: JetStreamManager, replicas: number): Promise<void> {
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
export const subject = 'desk.journal'
const read_batch = 500
const own_max = 256
/** JetStream's codes for a message that is not there: to read, and to delete. */
const no_message = 404
const none_to_delete = 10_043
