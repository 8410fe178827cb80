/**
 * A list of all conversations, kept by following the summaries on TURNS: what listing and looking up by Engage's or
 * Digital Routing's id need. Never the source of truth: one conversation is always read from its record.
 */
import { DeliverPolicy, type JetStreamClient, type JsMsg } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { actorOfTaskId } from '../machines/task-id.ts'
import { heartbeat } from './follow-from-now.ts'
import type { Log } from './log.ts'
import type { Summary } from './record.ts'
import { archived_state } from './retention.ts'
import { summaryHeader } from './stages/persist.ts'
import { stream } from './streams.ts'

export interface ConversationsView {
  /** Actor ids that match, in id order, after `cursor`. */
  find(filter: ConversationFilter, limit: number, cursor?: string): { actors: string[]; cursor: string | null }
  /** How many there are of each channel and top-level state. */
  counts(): { channel: string; state: string; count: number }[]
  /** The actor of an actor id, an Engage conversation id or a task id. */
  actorOf(id: string): string | undefined
  /** Calls with every conversation that turns from now on, and again with those that turned when the broker comes back. */
  onChange(listener: ChangeListener): () => void
  /** There is no record of it any more. One that has begun anew meanwhile stays. */
  forget(actor: string): void
  stop(): Promise<void>
}

export type ChangeListener = (actor: string, summary: Summary) => void

export interface ConversationFilter {
  state?: string | undefined
  channel?: string | undefined
  asset?: string | undefined
  customer?: string | undefined
}

/** Resolves once it follows. A broker that was away has forgotten who followed: then it begins again from the start. */
export async function followConversations(
  nc: NatsConnection,
  js: JetStreamClient,
  log: Log,
): Promise<ConversationsView> {
  const byActor = new Map<string, Summary>()
  const byOtherId = new Map<string, string>()
  const listeners = new Set<ChangeListener>()

  const note = (message: JsMsg) => {
    const actor = message.subject.split('.').at(-1) ?? ''
    const summary = summaryIn(message.headers?.get(summaryHeader))
    if (!summary) return
    byActor.set(actor, summary)
    for (const id of [summary.conversationId, summary.taskId]) if (id !== '') byOtherId.set(id, actor)
    for (const listener of listeners) listener(actor, summary)
  }
  let messages = await follow(js, note)
  const again = async () => {
    void messages.close()
    messages = await follow(js, note)
  }
  void onReconnect(nc, () => again().catch((err) => log.warn({ err }, 'the list of conversations stopped following')))

  return {
    find(filter, limit, cursor = '') {
      const matching = [...byActor]
        .filter(([actor, summary]) => actor > cursor && matches(summary, filter))
        .map(([actor]) => actor)
        .sort()
      const actors = matching.slice(0, limit)
      return { actors, cursor: matching.length > limit ? (actors.at(-1) ?? null) : null }
    },
    counts: () => countsOf(byActor.values()),
    actorOf: (id) => (byActor.has(id) ? id : (byOtherId.get(id) ?? actorOfTaskId(id))),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    forget(actor) {
      const summary = byActor.get(actor)
      if (summary?.state !== archived_state) return
      byActor.delete(actor)
      for (const id of [summary.conversationId, summary.taskId]) byOtherId.delete(id)
    },
    async stop() {
      await messages.close()
    },
  }
}

function countsOf(summaries: Iterable<Summary>) {
  const counts = new Map<string, { channel: string; state: string; count: number }>()
  for (const { channel, state: path } of summaries) {
    const state = path.split('.')[0] ?? ''
    const row = counts.get(`${channel} ${state}`) ?? { channel, state, count: 0 }
    counts.set(`${channel} ${state}`, { ...row, count: row.count + 1 })
  }
  return [...counts.values()]
}

/** The last summary of every conversation, then each new one. */
async function follow(js: JetStreamClient, callback: (message: JsMsg) => void) {
  const consumer = await js.consumers.get(stream.turns, {
    deliver_policy: DeliverPolicy.LastPerSubject,
    headers_only: true,
  })
  return consumer.consume({ callback, ...heartbeat })
}

/** Until the connection is closed for good. */
async function onReconnect(nc: NatsConnection, act: () => void): Promise<void> {
  for await (const { type } of nc.status()) if (type === 'reconnect') act()
}

function matches(summary: Summary, { state, channel, asset, customer }: ConversationFilter): boolean {
  return (
    (state === undefined || summary.state === state || summary.state.startsWith(`${state}.`)) &&
    (channel === undefined || summary.channel === channel) &&
    (asset === undefined || summary.asset === asset) &&
    (customer === undefined || summary.customer === customer)
  )
}

function summaryIn(header: string | undefined): Summary | undefined {
  try {
    return header ? (JSON.parse(decodeURIComponent(header)) as Summary) : undefined
  } catch {
    return undefined // a header of another build: the record itself is still readable
  }
}
