/**
 * The data keys: one for each conversation and chat thread, wrapped by a master key, in the stream KEYS. To erase a customer
 * is to renew their keys, so that whoever writes from then on does so under new ones, and then to forget the old ones.
 * Speaks to KEYS; asks its leader, since a copy that lags would make a key look forgotten. Keeps T9: only a later key of its
 * name says that a key was forgotten; one that is simply not there is a fault, and what is sealed under it waits.
 */
import { randomBytes } from 'node:crypto'
import type { JetStreamClient, JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import { headers, type NatsConnection } from '@nats-io/transport-node'
import { isFenced } from '../fenced.ts'
import { eachMessage, eraseMessage } from '../stored-messages.ts'
import { keyEvents, keySubject, keys_stream } from './keys-stream.ts'
import { type MasterKey, unwrap, wrap } from './master-keys.ts'
import { type DataKey, data_key_bytes } from './sealed.ts'

/** As stored. */
interface Entry {
  id: string
  /** The customer at an asset whom it is about, as an actor without a topic: finds the keys of mails by their customer. */
  of: string
  /** The fingerprint of the master key that wraps it. */
  master: string
  wrapped: string
  /** It took the place of one that was to be forgotten. Absent for the first key of a name. */
  renewed?: true
}

/** Keys under which nothing is sealed any more. */
export interface Renewed {
  name: string
  /** Place of the new key in the stream: all before it may go. */
  sequence: number
}

export interface DataKeys {
  /** The key that is sealed under now, if it is known already. */
  held(name: string): DataKey | undefined
  /** The same, read or made when it is not. `of` is asked when it is made. Throws when the broker does not answer. */
  current(name: string, of: () => string): Promise<DataKey>
  /** A key that something was sealed under, if it is known already. */
  heldBy(key: Pick<DataKey, 'name' | 'id'>): DataKey | undefined
  /** The same, read when it is not. Throws `KeyMissing`, or when the broker does not answer. */
  find(key: Pick<DataKey, 'name' | 'id'>): Promise<DataKey | 'forgotten'>
  /** New keys for these names, and for all that are `of` one of them. Other nodes hear of it. */
  renew(names: ReadonlySet<string>): Promise<Renewed[]>
  /** Deletes what was before, so that its bytes are written over; resolves to how many keys there were. */
  forget(renewed: readonly Renewed[]): Promise<number>
  /** Wraps by the first master key what another one wraps; resolves to how many that were. Harmless to repeat. */
  rewrap(): Promise<number>
}

/** A key is not there, or no master key of this node wraps it. Nothing is lost: what is sealed under it waits. */
export class KeyMissing extends Error {
  override readonly name = 'KeyMissing'
}

const keys_held_max = 20_000

export interface DataKeyParts {
  nc: NatsConnection
  js: JetStreamClient
  jsm: JetStreamManager
  /** The first one wraps, all of them unwrap. */
  masters: readonly [MasterKey, ...MasterKey[]]
}

export function dataKeys({ nc, js, jsm, masters }: DataKeyParts): DataKeys {
  /** Which key is current may have changed: counts what was heard of that. */
  let heard = 0
  const now = new Map<string, DataKey>()
  const known = new Map<string, DataKey>()
  const asked = new Map<string, Promise<DataKey>>()

  const hold = (key: DataKey): DataKey => {
    now.set(key.name, key)
    known.set(`${key.name} ${key.id}`, key)
    for (const held of [now, known]) if (held.size > keys_held_max) held.delete(held.keys().next().value as string)
    return key
  }
  const drop = (name: string) => {
    heard += 1
    now.delete(name)
    for (const key of known.keys()) if (key.startsWith(`${name} `)) known.delete(key)
  }
  nc.subscribe(keyEvents, {
    callback: (error, message) => {
      if (!error) message.json<string[]>().forEach(drop)
    },
  })
  // What others renewed while we were away was not heard.
  void onReconnect(nc, () => {
    heard += 1
    now.clear()
    known.clear()
  })

  const keyIn = (name: string, { id, master, wrapped }: Entry): DataKey => {
    const own = masters.find(({ fingerprint }) => fingerprint === master)
    if (!own) {
      const found = masters.map(({ fingerprint }) => fingerprint).join(', ')
      throw new KeyMissing(
        `the key of ${name}: expected master key ${master}, found ${found}; set it in masterKeys, too`,
      )
    }
    return { name, id, bytes: unwrap(own, `${name} ${id}`, wrapped) }
  }
  const wrapped = (name: string, { id, bytes }: Pick<DataKey, 'id' | 'bytes'>) => {
    const [{ fingerprint }] = masters
    return { id, master: fingerprint, wrapped: wrap(masters[0], `${name} ${id}`, bytes) }
  }
  const store = async (name: string, entry: Entry, last: number): Promise<number> => {
    const head = headers()
    head.set('Nats-Expected-Last-Subject-Sequence', String(last))
    return (await js.publish(keySubject(name), JSON.stringify(entry), { headers: head })).seq
  }
  const make = async (name: string, about: Pick<Entry, 'of' | 'renewed'>, last: number) => {
    const key = { name, id: randomBytes(8).toString('hex'), bytes: randomBytes(data_key_bytes) }
    return { key, sequence: await store(name, { ...wrapped(name, key), ...about }, last) }
  }
  const read = async (name: string, of: () => string): Promise<DataKey> => {
    for (;;) {
      const before = heard
      const key = await lastOrMade(name, of)
      if (key && before === heard) return hold(key)
    }
  }
  const lastOrMade = async (name: string, of: () => string): Promise<DataKey | undefined> => {
    const last = await lastOf(jsm, name)
    if (last) return keyIn(name, last.json<Entry>())
    return unlessFenced(async () => (await make(name, { of: of() }, 0)).key) // another node may make it in the same moment
  }
  const renewOne = async (name: string, of: string): Promise<Renewed> => {
    for (;;) {
      const last = await lastOf(jsm, name)
      const made = await unlessFenced(() => make(name, { of, renewed: true }, last?.seq ?? 0))
      if (made) return { name, sequence: made.sequence }
    }
  }
  const tell = (renewed: readonly Renewed[]) => {
    const names = renewed.map(({ name }) => name)
    names.forEach(drop)
    if (names.length > 0) nc.publish(keyEvents, JSON.stringify(names))
  }
  /** Resolves to whether it was this call that did it. */
  const rewrapOne = async (message: StoredMsg): Promise<boolean> => {
    const name = nameOf(message)
    const entry = message.json<Entry>()
    if (entry.master === masters[0].fingerprint) return false
    const { bytes } = keyIn(name, entry)
    const stored = await unlessFenced(() =>
      store(name, { ...entry, ...wrapped(name, { id: entry.id, bytes }) }, message.seq),
    )
    // Of one that is not its name's last, only a copy that is wrapped anew already may go.
    const isCopied = (await storedOf(jsm, name)).some(
      (one) => one.seq > message.seq && one.json<Entry>().id === entry.id,
    )
    if (isCopied) await eraseMessage(jsm, keys_stream, message.seq)
    return stored !== undefined
  }

  return {
    held: (name) => now.get(name),
    current(name, of) {
      const held = now.get(name)
      if (held) return Promise.resolve(held)
      const already = asked.get(name)
      if (already) return already
      const reading = read(name, of).finally(() => asked.delete(name))
      asked.set(name, reading)
      return reading
    },
    heldBy: ({ name, id }) => known.get(`${name} ${id}`),
    async find({ name, id }) {
      const stored = await entriesOf(jsm, name)
      const entry = stored.findLast((one) => one.id === id)
      if (entry) {
        const key = keyIn(name, entry)
        known.set(`${name} ${id}`, key)
        return key
      }
      if (stored.some(({ renewed }) => renewed)) return 'forgotten'
      throw new KeyMissing(`the key of ${name}: expected one in stream ${keys_stream}, found none; restore that stream`)
    },
    async renew(names) {
      const meant = new Map<string, string>()
      for await (const message of eachMessage(jsm, keys_stream, keySubject('*'))) {
        const name = nameOf(message)
        const { of } = message.json<Entry>()
        if (names.has(name) || names.has(of)) meant.set(name, of)
      }
      const renewed: Renewed[] = []
      for (const [name, of] of meant) renewed.push(await renewOne(name, of))
      tell(renewed)
      return renewed
    },
    async forget(renewed) {
      let forgotten = 0
      for (const { name, sequence } of renewed) {
        for (const { seq } of await storedOf(jsm, name)) {
          if (seq < sequence && (await eraseMessage(jsm, keys_stream, seq))) forgotten++
        }
      }
      tell(renewed)
      return forgotten
    },
    async rewrap() {
      let rewrapped = 0
      for await (const message of eachMessage(jsm, keys_stream, keySubject('*'))) {
        if (await rewrapOne(message)) rewrapped++
      }
      return rewrapped
    },
  }
}

const nameOf = (message: StoredMsg): string => message.subject.split('.').at(-1) ?? ''

async function unlessFenced<Value>(store: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await store()
  } catch (error) {
    if (isFenced(error)) return undefined
    throw error
  }
}

const entriesOf = async (jsm: JetStreamManager, name: string): Promise<Entry[]> =>
  (await storedOf(jsm, name)).map((message) => message.json<Entry>())

/** Oldest first; more than one only while an erasure or a change of the master key is under way. */
async function storedOf(jsm: JetStreamManager, name: string): Promise<StoredMsg[]> {
  const found: StoredMsg[] = []
  for (let seq = 1; ; ) {
    const next = await leaders(jsm, { seq, next_by_subj: keySubject(name) })
    if (!next) return found
    found.push(next)
    seq = next.seq + 1
  }
}

const lastOf = (jsm: JetStreamManager, name: string) => leaders(jsm, { last_by_subj: keySubject(name) })

async function leaders(jsm: JetStreamManager, query: object): Promise<StoredMsg | undefined> {
  try {
    return (await jsm.streams.getMessage(keys_stream, query as never)) ?? undefined
  } catch (error) {
    if ((error as { code?: number }).code === no_message) return undefined
    throw error
  }
}

const no_message = 10_037

/** Until the connection is closed for good. */
async function onReconnect(nc: NatsConnection, act: () => void): Promise<void> {
  for await (const { type } of nc.status()) if (type === 'reconnect') act()
}
