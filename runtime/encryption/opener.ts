/**
 * Opens what is stored: clear bytes stay as they are, sealed ones need their key. Speaks to the data keys; without any, what
 * is sealed cannot be opened here, and says so. Keeps T9: what cannot be opened now is not given up, but waits or is refused.
 */
import type { NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '../../adapters/clock.ts'
import type { Log } from '../log.ts'
import { type DataKeys, KeyMissing } from './data-keys.ts'
import { type DataKey, isSealed, keyOfSealed, open } from './sealed.ts'

/** `forgotten`: its key is gone, for its customer was erased. */
export type Opened = Uint8Array | 'forgotten'

export interface Opener {
  /** Throws, at once or by rejecting: `KeyMissing`, the broker's errors, and `Damaged` for what is no sealed message. */
  open(bytes: Uint8Array): Opened | Promise<Opened>
  /** For what must be handed on: tries until there is an answer, and never rejects. What is damaged stays as it is. */
  openInTime(bytes: Uint8Array): Opened | Promise<Opened>
}

export class Damaged extends Error {
  override readonly name = 'Damaged'
}

const again_ms = 1_000

export function opener(keys: DataKeys | undefined, nc: NatsConnection, clock: Clock, log: Log): Opener {
  const openNow = (bytes: Uint8Array): Opened | Promise<Opened> => {
    if (!isSealed(bytes)) return bytes
    if (!keys) throw new KeyMissing('a message is encrypted: expected masterKeys, found none; set PARLEY_MASTER_KEYS')
    const named = unlessDamaged(() => keyOfSealed(bytes))
    const held = keys.heldBy(named)
    return held ? opened(held, bytes) : keys.find(named).then((found) => opened(found, bytes))
  }
  const untilOpened = async (bytes: Uint8Array): Promise<Opened> => {
    for (;;) {
      try {
        return await openNow(bytes)
      } catch (err) {
        if (err instanceof Damaged) return bytes
        if (nc.isClosed()) return new Promise(() => {})
        if (err instanceof KeyMissing) log.error({ code: 'key-missing', err }, 'a sealed message waits for its key')
        else log.warn({ code: 'broker-unavailable', err }, 'a sealed message waits for the broker')
        await clock.sleep(again_ms)
      }
    }
  }
  return {
    open: openNow,
    openInTime(bytes) {
      if (!isSealed(bytes)) return bytes
      try {
        return settledNow(openNow(bytes)) ?? untilOpened(bytes)
      } catch {
        return untilOpened(bytes)
      }
    },
  }
}

/** Undefined for what is still to come; that is asked for anew, which costs nothing once its key is known. */
function settledNow(opened: Opened | Promise<Opened>): Opened | undefined {
  if (!(opened instanceof Promise)) return opened
  opened.catch(() => {})
  return undefined
}

function opened(key: DataKey | 'forgotten', bytes: Uint8Array): Opened {
  return key === 'forgotten' ? 'forgotten' : unlessDamaged(() => open(key.bytes, bytes))
}

function unlessDamaged<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (cause) {
    throw new Damaged('a sealed message is damaged, or of a later build', { cause })
  }
}
