/**
 * The stream KEYS: data keys, wrapped. One subject a name, whose last message is the key that is sealed under now; there is
 * no bound and no age, since a key that went by itself would take everything under it along. Asks the stream's leader, since
 * a copy that lags would make a key look forgotten.
 */
import type { JetStreamClient, JetStreamManager, StoredMsg, StreamConfig } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import { isFenced } from '../fenced.ts'
import { eachMessage, eraseMessage } from '../stored-messages.ts'

export const keys_stream = 'KEYS'

export const keySubject = (name: string): string => `parley.keys.${name}`

/** Over core NATS, the names whose keys were renewed or forgotten: nobody may seal under what they hold of them. */
export const keyEvents = 'parley.renewed'

/** The key that stands for all: whoever can unwrap it has a right master key. */
export const check_name = 'check'

/** The key of the embedded desk's journal. */
export const desk_name = 'desk'

export const keysConfig = (replicas: number): Partial<StreamConfig> & { name: string } =>
  ({
    name: keys_stream,
    subjects: [keySubject('*')],
    storage: 'file',
    num_replicas: replicas,
    allow_direct: true,
  }) as unknown as Partial<StreamConfig> & { name: string }

/** A key as it is stored. */
export interface KeyEntry {
  id: string
  /** The customer at an asset whom it is about, as an actor without a topic: finds the keys of mails by their customer. */
  of: string
  /** The fingerprint of the master key that wraps it. */
  master: string
  wrapped: string
  /** It took the place of one that was to be forgotten. Absent for the first key of a name. */
  renewed?: true
}

export interface StoredKey extends KeyEntry {
  name: string
  sequence: number
}

/** Resolves to its sequence, or to undefined when that name has another last key than the one at `last` (0: none). */
export async function appendKey(
  js: JetStreamClient,
  name: string,
  entry: KeyEntry,
  last: number,
): Promise<number | undefined> {
  const head = headers()
  head.set('Nats-Expected-Last-Subject-Sequence', String(last))
  try {
    return (await js.publish(keySubject(name), JSON.stringify(entry), { headers: head })).seq
  } catch (error) {
    if (isFenced(error)) return undefined
    throw error
  }
}

export const lastKey = (jsm: JetStreamManager, name: string): Promise<StoredKey | undefined> =>
  read(jsm, { last_by_subj: keySubject(name) })

/** Oldest first; more than one only while an erasure or a change of the master key is under way. */
export async function keysNamed(jsm: JetStreamManager, name: string): Promise<StoredKey[]> {
  const found: StoredKey[] = []
  for (let seq = 1; ; ) {
    const next = await read(jsm, { seq, next_by_subj: keySubject(name) })
    if (!next) return found
    found.push(next)
    seq = next.sequence + 1
  }
}

/** All there are; a key that is made meanwhile may be missing. */
export async function* eachKey(jsm: JetStreamManager): AsyncGenerator<StoredKey, void, void> {
  for await (const message of eachMessage(jsm, keys_stream, keySubject('*'))) yield keyIn(message)
}

/** So that its bytes are written over; resolves to whether it was there. */
export const deleteKey = (jsm: JetStreamManager, { sequence }: StoredKey): Promise<boolean> =>
  eraseMessage(jsm, keys_stream, sequence)

async function read(jsm: JetStreamManager, query: object): Promise<StoredKey | undefined> {
  try {
    const found = await jsm.streams.getMessage(keys_stream, query as never)
    return found ? keyIn(found) : undefined
  } catch (error) {
    if ((error as { code?: number }).code === no_message) return undefined
    throw error
  }
}

const keyIn = (message: StoredMsg): StoredKey => ({
  ...message.json<KeyEntry>(),
  name: message.subject.split('.').at(-1) ?? '',
  sequence: message.seq,
})

const no_message = 10_037
