/**
 * What is sent within one turn of the event loop leaves in few writes. The client writes what each step of a promise chain
 * sends, and a write costs more than all else about a publish, here and at the server, which wakes up for each (measured).
 * Speaks to one connection; the order in which things are sent is kept.
 */
import type { NatsConnection } from '@nats-io/transport-node'

/** Calls `send` soon, together with others, or at once. It handles its own errors; the connection may be closed by then. */
export type Gather = (send: () => void) => void

/**
 * More do not wait for the end of a long turn of the loop: a disk that confirms every write would stand idle meanwhile, and
 * be given too many at once then (measured: a tenth to a third fewer turns a second without this, each write synced).
 */
const together_max = 12

const ofConnection = new WeakMap<NatsConnection, Gather>()

/** The same for the same connection, so that whoever sends over it shares its writes. */
export function gatheredSends(nc: NatsConnection): Gather {
  const known = ofConnection.get(nc)
  if (known) return known
  let waiting: (() => void)[] = []
  const sendAll = () => {
    const all = waiting
    waiting = []
    for (const send of all) send()
  }
  const gather: Gather = (send) => {
    const count = waiting.push(send)
    if (count === 1) setImmediate(sendAll)
    else if (count === together_max) sendAll()
  }
  ofConnection.set(nc, gather)
  return gather
}
