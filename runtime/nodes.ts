/**
 * Which nodes live, as far as this one has heard. Says every second how this node stands, forgets who is silent. Speaks to
 * core NATS only. What it tells is a hint: two nodes may hear different things for a while, and nothing rests on it
 * (T1, T3 are kept by the pin and the append).
 */
import type { NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '../adapters/clock.ts'
import { type NodeState, nodes_subject, nodeWordIn } from './node-state.ts'

const announce_ms = 1_000
/** Two announcements may be lost. Shorter than the server waits for a silent owner, so that its heir stands by in time. */
const silence_ms_max = 2_500

export interface Nodes {
  /** The id of this node: random, a new one at every start. */
  self: string
  /** Those that were heard lately, and this one, by id. */
  live(): NodeState[]
  /** Called whenever somebody was heard, came or went, once a second at least; not after `leave`. */
  follow(look: () => void): void
  /** Says how this node stands now, instead of within a second. */
  announce(): void
  /** Says goodbye, so that nobody has to wait for this node's silence. */
  leave(): void
}

/** `state` is asked whenever something is to be said of this node. */
export function joinNodes(nc: NatsConnection, clock: Clock, state: () => NodeState): Nodes {
  const { id: self } = state()
  const others = new Map<string, { state: NodeState; heard_ms: number }>()
  let look = () => {}
  let cancelTick = () => {}

  const announce = () => {
    if (!nc.isClosed() && !subscription.isClosed()) nc.publish(nodes_subject, JSON.stringify(state()))
  }
  const subscription = nc.subscribe(nodes_subject, {
    callback: (error, message) => {
      const word = error ? undefined : nodeWordIn(message.string())
      if (!word) return
      if ('leaves' in word) others.delete(word.leaves)
      else if (word.id !== self) {
        if (!others.has(word.id)) announce() // it does not know yet who is there
        others.set(word.id, { state: word, heard_ms: clock.now() })
      }
      look()
    },
  })
  const tick = () => {
    if (nc.isClosed()) return
    for (const [id, { heard_ms }] of others) if (heard_ms + silence_ms_max < clock.now()) others.delete(id)
    announce()
    look()
    cancelTick = clock.after(announce_ms, tick)
  }
  tick()

  return {
    self,
    live: () => [state(), ...[...others.values()].map(({ state }) => state)].sort((a, b) => (a.id < b.id ? -1 : 1)),
    follow(whenever) {
      look = whenever
    },
    announce,
    leave() {
      cancelTick()
      look = () => {}
      subscription.unsubscribe()
      if (!nc.isClosed()) nc.publish(nodes_subject, JSON.stringify({ leaves: self }))
    },
  }
}
