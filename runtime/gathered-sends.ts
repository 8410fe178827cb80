/**
 * What is sent within one turn of the event loop leaves in one write. The client writes what each step of a promise chain
 * sends, and a write costs more than all else about a publish, here and at the server, which wakes up for each (measured).
 * Speaks to one connection; the order in which things are sent is kept.
 */
import type { NatsConnection } from '@nats-io/transport-node'

/** Calls `send` soon, together with others. It handles its own errors; the connection may be closed by then. */
export type Gather = (send: () => void) => void

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
    if (waiting.push(send) === 1) setImmediate(sendAll)
  }
  ofConnection.set(nc, gather)
  return gather
}
