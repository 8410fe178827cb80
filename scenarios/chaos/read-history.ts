/**
 * The history of a run, read from the broker once nothing writes any more. Speaks to the streams; reads only.
 */
import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import type { Entry } from '../../adapters/desk/entries.ts'
import type { DeadLetter } from '../../runtime/dead-letters.ts'
import { isSealed } from '../../runtime/encryption/sealed.ts'
import type { Envelope } from '../../runtime/envelope.ts'
import type { LedgerEntry } from '../../runtime/ledger.ts'
import type { TurnRecord } from '../../runtime/record.ts'
import { stream } from '../../runtime/streams.ts'
import type { History, HistoryTurn } from './history.ts'
import { readStream } from './read-stream.ts'

const journal_stream = 'DESK'

/** Rejects when the broker does not answer. */
export async function readHistory(
  jsm: JetStreamManager,
  { calls, accepted }: Pick<History, 'calls' | 'accepted'>,
): Promise<History> {
  const all = async <Item>(name: string, read: (message: StoredMsg) => Item): Promise<Item[]> => {
    const items: Item[] = []
    await readStream(jsm, name, 1, (message) => items.push(read(message)))
    return items
  }
  return {
    turns: await all(stream.turns, (message) => ({
      sequence: message.seq,
      stored_ms: message.time.getTime(),
      record: checkedOf(message.json<TurnRecord>()),
    })),
    outcomes: await all(stream.effects, (message) => ({ actor: actorOf(message), ...message.json<LedgerEntry>() })),
    waiting: await all(stream.inbox, (message) => ({
      actor: actorOf(message),
      sequence: message.seq,
      id: message.json<Envelope>().id,
    })),
    deadLetters: await all(stream.dead, (message) => message.json<DeadLetter>()),
    journal: await all(journal_stream, (message) => ({ sequence: message.seq, entry: message.json<Entry>() })),
    calls,
    accepted,
    inClear: [],
  }
}

/** What the checks look at, so that tens of thousands of turns fit into memory. */
function checkedOf(record: TurnRecord): HistoryTurn {
  const { actor, machine, address, turn, input, before, state, heard } = record
  const { id, source, type, data } = record.cause
  const effects = record.effects.map(({ type, payload }) => ({ type, payload }))
  return { actor, machine, address, turn, input, before, state, heard, cause: { id, source, type, data }, effects }
}

/** What of the streams that are encrypted as a whole is not; `jsm` opens nothing. */
export async function storedInClear(jsm: JetStreamManager): Promise<string[]> {
  const found: string[] = []
  for (const name of [stream.turns, stream.dead, journal_stream])
    await readStream(jsm, name, 1, ({ seq, data }) => {
      if (!isSealed(data)) found.push(`${name} ${seq}`)
    })
  return found
}

const actorOf = ({ subject }: StoredMsg): string => subject.split('.').at(-1)!
