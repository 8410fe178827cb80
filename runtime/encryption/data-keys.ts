/**
 * The data keys: one for each conversation and chat thread, wrapped by a master key, in the stream KEYS. To erase a customer
 * is to renew their keys, so that whoever writes from then on does so under new ones, and then to forget the old ones.
 * Keeps T9: only a renewed key of its name says that a key was forgotten; one that is simply not there is a fault, and what
 * is sealed under it waits.
 */
import { randomBytes } from 'node:crypto'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { heldKeys, type KeyId, nameOfKey } from './held-keys.ts'
import {
  appendKey,
  deleteKey,
  eachKey,
  type KeyEntry,
  keys_stream,
  keysNamed,
  lastKey,
  type StoredKey,
} from './keys-stream.ts'
import { type MasterKey, unwrap, wrap } from './master-keys.ts'
import { type DataKey, data_key_bytes } from './sealed.ts'

/** A key under whose predecessors nothing is sealed any more. */
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
  heldBy(key: KeyId): DataKey | undefined
  /** The same, read when it is not. Throws `KeyMissing`, or when the broker does not answer. */
  find(key: KeyId): Promise<DataKey | 'forgotten'>
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

export interface DataKeyParts {
  nc: NatsConnection
  js: JetStreamClient
  jsm: JetStreamManager
  /** The first one wraps, all of them unwrap. */
  masters: readonly [MasterKey, ...MasterKey[]]
}

export function dataKeys({ nc, js, jsm, masters }: DataKeyParts): DataKeys {
  const held = heldKeys(nc)
  const asked = new Map<string, Promise<DataKey>>()

  const make = async (name: string, about: Pick<KeyEntry, 'of' | 'renewed'>, last: number) => {
    const key: DataKey = { name, id: randomBytes(8).toString('hex'), bytes: randomBytes(data_key_bytes) }
    const sequence = await appendKey(js, name, { ...wrapped(masters[0], key), ...about }, last)
    return sequence === undefined ? undefined : { key, sequence }
  }
  const lastOrMade = async (name: string, of: () => string): Promise<DataKey | undefined> => {
    const last = await lastKey(jsm, name)
    if (last) return unwrapped(masters, last)
    return (await make(name, { of: of() }, 0))?.key // undefined: another node made it in the same moment
  }
  const read = async (name: string, of: () => string): Promise<DataKey> => {
    for (;;) {
      const isCurrent = held.watch()
      const key = await lastOrMade(name, of)
      if (key && isCurrent()) return held.keepCurrent(key)
    }
  }
  const renewOne = async (name: string, of: string): Promise<Renewed> => {
    for (;;) {
      const made = await make(name, { of, renewed: true }, (await lastKey(jsm, name))?.sequence ?? 0)
      if (made) return { name, sequence: made.sequence }
    }
  }

  return {
    held: held.current,
    current(name, of) {
      const known = held.current(name)
      if (known) return Promise.resolve(known)
      const already = asked.get(name)
      if (already) return already
      const reading = read(name, of).finally(() => asked.delete(name))
      asked.set(name, reading)
      return reading
    },
    heldBy: held.any,
    async find(wanted) {
      const isCurrent = held.watch()
      const last = await lastKey(jsm, wanted.name)
      if (last?.id === wanted.id) {
        const key = unwrapped(masters, last)
        return isCurrent() ? held.keepCurrent(key) : key
      }
      const stored = await keysNamed(jsm, wanted.name)
      const found = stored.findLast(({ id }) => id === wanted.id)
      if (found) return held.keep(unwrapped(masters, found))
      if (stored.some(({ renewed }) => renewed)) return 'forgotten'
      throw new KeyMissing(
        `the key of ${wanted.name}: expected ${wanted.id} in stream ${keys_stream}, found none; restore that stream`,
      )
    },
    async renew(names) {
      const meant = new Map<string, string>()
      for await (const { name, of } of eachKey(jsm)) if (names.has(name) || names.has(of)) meant.set(name, of)
      const renewed: Renewed[] = []
      for (const [name, of] of meant) renewed.push(await renewOne(name, of))
      held.drop(renewed.map(({ name }) => name))
      return renewed
    },
    async forget(renewed) {
      let forgotten = 0
      for (const { name, sequence } of renewed) {
        for (const key of await keysNamed(jsm, name)) {
          if (key.sequence < sequence && (await deleteKey(jsm, key))) forgotten++
        }
      }
      held.drop(renewed.map(({ name }) => name))
      return forgotten
    },
    async rewrap() {
      let rewrapped = 0
      for await (const key of eachKey(jsm)) {
        if (key.master !== masters[0].fingerprint && (await rewrapOne({ js, jsm, masters }, key))) rewrapped++
      }
      return rewrapped
    },
  }
}

/** Resolves to whether it was this call that did it. */
async function rewrapOne(
  { js, jsm, masters }: Pick<DataKeyParts, 'js' | 'jsm' | 'masters'>,
  stored: StoredKey,
): Promise<boolean> {
  const { name, sequence, ...entry } = stored
  const anew = { ...entry, ...wrapped(masters[0], unwrapped(masters, stored)) }
  const appended = await appendKey(js, name, anew, sequence)
  // Of one that is not its name's last, only a copy that is wrapped anew already may go.
  const isCopied = (await keysNamed(jsm, name)).some((one) => one.sequence > sequence && one.id === entry.id)
  if (isCopied) await deleteKey(jsm, stored)
  return appended !== undefined
}

const wrapped = (master: MasterKey, key: DataKey): Pick<KeyEntry, 'id' | 'master' | 'wrapped'> => ({
  id: key.id,
  master: master.fingerprint,
  wrapped: wrap(master, nameOfKey(key), key.bytes),
})

function unwrapped(masters: readonly MasterKey[], { name, id, master, wrapped }: StoredKey): DataKey {
  const own = masters.find(({ fingerprint }) => fingerprint === master)
  if (own) return { name, id, bytes: unwrap(own, nameOfKey({ name, id }), wrapped) }
  const found = masters.map(({ fingerprint }) => fingerprint).join(', ')
  throw new KeyMissing(`the key of ${name}: expected master key ${master}, found ${found}; set it in masterKeys, too`)
}
