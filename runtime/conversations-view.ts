/**
 * A list of all conversations, kept by following the summaries on TURNS: what listing and looking up by Engage's or
 * Digital Routing's id need. Never the source of truth: one conversation is always read from its record.
 */
import { DeliverPolicy, type JetStreamClient } from '@nats-io/jetstream'
import { actorOfTaskId } from '../machines/task-id.ts'
import type { Log } from './log.ts'
import type { Summary } from './record.ts'
import { summaryHeader } from './stages/persist.ts'
import { stream } from './streams.ts'

export interface ConversationsView {
  /** Actor ids that match, in id order, after `cursor`. */
  find(filter: ConversationFilter, limit: number, cursor?: string): { actors: string[]; cursor: string | null }
  /** The actor of an actor id, an Engage conversation id or a task id. */
  actorOf(id: string): string | undefined
  stop(): Promise<void>
}

const heartbeat_ms = 1_000

export interface ConversationFilter {
  state?: string | undefined
  channel?: string | undefined
  asset?: string | undefined
  customer?: string | undefined
}

export async function followConversations(js: JetStreamClient, log: Log): Promise<ConversationsView> {
  const byActor = new Map<string, Summary>()
  const byOtherId = new Map<string, string>()

  const consumer = await js.consumers.get(stream.turns, {
    deliver_policy: DeliverPolicy.LastPerSubject,
    headers_only: true,
  })
  const messages = await consumer.consume({
    // Silence this long means that the broker was away: the list catches up soon after it is back.
    idle_heartbeat: heartbeat_ms,
    callback: (message) => {
      const actor = message.subject.split('.').at(-1) ?? ''
      const summary = summaryIn(message.headers?.get(summaryHeader))
      if (!summary) return
      byActor.set(actor, summary)
      for (const id of [summary.conversationId, summary.taskId]) if (id !== '') byOtherId.set(id, actor)
    },
  })
  void messages
    .closed()
    .then((error) => error && log.warn({ err: error }, 'the list of conversations stopped following'))

  return {
    find(filter, limit, cursor = '') {
      const matching = [...byActor]
        .filter(([actor, summary]) => actor > cursor && matches(summary, filter))
        .map(([actor]) => actor)
        .sort()
      const actors = matching.slice(0, limit)
      return { actors, cursor: matching.length > limit ? (actors.at(-1) ?? null) : null }
    },
    actorOf: (id) => (byActor.has(id) ? id : (byOtherId.get(id) ?? actorOfTaskId(id))),
    async stop() {
      await messages.close()
    },
  }
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
