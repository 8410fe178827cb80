/**
 * What a node holds of data keys, so that it need not ask for each message. It hears which ones others renew or forget; what
 * they did while it was away it did not hear, and so holds nothing after an outage. Speaks over core NATS.
 * Invariant: what is sealed under is not older than what was heard of.
 */
import type { NatsConnection } from '@nats-io/transport-node'
import { keyEvents } from './keys-stream.ts'
import type { DataKey } from './sealed.ts'

/** Which key of a name. */
export type KeyId = Pick<DataKey, 'name' | 'id'>

export const nameOfKey = ({ name, id }: KeyId): string => `${name} ${id}`

const keys_held_max = 20_000

export function heldKeys(nc: NatsConnection) {
  const current = new Map<string, DataKey>()
  const any = new Map<string, DataKey>()
  let heard = 0
  const keepIn = (map: Map<string, DataKey>, as: string, key: DataKey): DataKey => {
    map.set(as, key)
    if (map.size > keys_held_max) map.delete(map.keys().next().value as string)
    return key
  }
  const keep = (key: DataKey) => keepIn(any, nameOfKey(key), key)
  const forget = (names: readonly string[]) => {
    heard += 1
    for (const name of names) current.delete(name)
    const gone = new Set(names)
    for (const [as, { name }] of any) if (gone.has(name)) any.delete(as)
  }
  nc.subscribe(keyEvents, {
    callback: (error, message) => {
      if (!error) forget(message.json<string[]>())
    },
  })
  const followConnection = async () => {
    for await (const { type } of nc.status()) {
      if (type !== 'reconnect') continue
      heard += 1
      current.clear()
      any.clear()
    }
  }
  void followConnection()
  return {
    current: (name: string) => current.get(name),
    any: (key: KeyId) => any.get(nameOfKey(key)),
    keep,
    keepCurrent: (key: DataKey) => keepIn(current, key.name, keep(key)),
    /** Begins to listen: the returned function says whether what was read since may be kept as current. */
    watch() {
      const before = heard
      return () => before === heard
    },
    /** Here, and at all other nodes. */
    drop(names: readonly string[]) {
      forget(names)
      if (names.length > 0) nc.publish(keyEvents, JSON.stringify(names))
    },
  }
}
