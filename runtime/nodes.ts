/**
 * Which nodes live, as far as this one has heard. Says twice a second how this node stands, and asks whoever is silent: where
 * nobody listens any more the broker says so at once, and that node is gone. One that is frozen keeps its connection: it is
 * not gone, and is forgotten only when its silence is long. Speaks to core NATS only. What it tells is a hint: two nodes may
 * hear different things for a while, and nothing rests on it (T1, T3 are kept by the pin and the append).
 */
import { type NatsConnection, RequestError } from '@nats-io/transport-node'
import type { Clock } from '../adapters/clock.ts'
import { askedAt, type NodeState, nodes_subject, nodeWordIn } from './node-state.ts'

const announce_ms = 500
/** How often others are looked after. */
const look_ms = 250
/** The next word of a node is overdue by then. */
const asked_after_ms = 750
const answer_ms_max = 1_000
/** Shorter than the server waits for a silent owner, so that its heir stands by in time. */
const silence_ms_max = 2_500

export interface Nodes {
  /** The id of this node: random, a new one at every start. */
  self: string
  /** Those that were heard lately, and this one, by id. */
  live(): NodeState[]
  /** Not after `leave`. */
  follow(watcher: Watcher): void
  /** Says how this node stands now, instead of within a second. */
  announce(): void
  /** Says goodbye, so that nobody has to wait for this node's silence. */
  leave(): void
}

export interface Watcher {
  /** Called whenever somebody was heard, came or went, and four times a second at least. */
  look(): void
  /** Called before `look` when the connection of a node has ended without a goodbye; with its last word. */
  gone(node: NodeState): void
}

/** `state` is asked whenever something is to be said of this node. */
export function joinNodes(nc: NatsConnection, clock: Clock, state: () => NodeState): Nodes {
  const { id: self } = state()
  const others = new Map<string, { state: NodeState; heard_ms: number }>()
  const asked = new Set<string>()
  let watcher: Watcher = { look() {}, gone() {} }
  let cancelTick = () => {}
  let ticks = 0
  let ticked_ms = clock.now()

  const announce = () => {
    if (!nc.isClosed() && !subscription.isClosed()) nc.publish(nodes_subject, JSON.stringify(state()))
  }
  const hear = (text: string) => {
    const word = nodeWordIn(text)
    if (!word) return
    if ('leaves' in word) others.delete(word.leaves)
    else if (word.id !== self) {
      if (!others.has(word.id)) announce() // it does not know yet who is there
      others.set(word.id, { state: word, heard_ms: clock.now() })
    }
    watcher.look()
  }
  const subscription = nc.subscribe(nodes_subject, {
    callback: (error, message) => {
      if (!error) hear(message.string())
    },
  })
  const questions = nc.subscribe(askedAt(self), {
    callback: (error, message) => {
      if (!error) message.respond(JSON.stringify(state()))
    },
  })

  const ask = async (id: string) => {
    if (asked.has(id)) return
    asked.add(id)
    try {
      hear((await nc.request(askedAt(id), '', { timeout: answer_ms_max })).string())
    } catch (error) {
      const last = others.get(id)
      if (!last || !(error instanceof RequestError && error.isNoResponders())) return // it may be frozen
      others.delete(id)
      watcher.gone(last.state)
      watcher.look()
    } finally {
      asked.delete(id)
    }
  }

  const tick = () => {
    if (nc.isClosed()) return
    const now_ms = clock.now()
    const slept_ms = Math.max(0, now_ms - ticked_ms - look_ms)
    ticked_ms = now_ms
    for (const [id, other] of others) {
      other.heard_ms += slept_ms // who was asleep has heard nobody, and that says nothing of the others
      const silent_ms = now_ms - other.heard_ms
      if (silent_ms > silence_ms_max) others.delete(id)
      else if (silent_ms > asked_after_ms) void ask(id)
    }
    if (ticks++ % (announce_ms / look_ms) === 0) announce()
    watcher.look()
    cancelTick = clock.after(look_ms, tick)
  }
  tick()

  return {
    self,
    live: () => [state(), ...[...others.values()].map(({ state }) => state)].sort((a, b) => (a.id < b.id ? -1 : 1)),
    follow(by) {
      watcher = by
    },
    announce,
    leave() {
      cancelTick()
      watcher = { look() {}, gone() {} }
      subscription.unsubscribe()
      questions.unsubscribe()
      if (!nc.isClosed()) nc.publish(nodes_subject, JSON.stringify({ leaves: self }))
    },
  }
}
