/**
 * Virtual time of single conversations: each can be given a time of its own, known to every node. Lives in stream VIRTUAL,
 * one message a conversation, so that it survives restarts. Part of `virtual-time.ts`; for tests.
 */
import { DeliverPolicy, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'

export interface OwnTimes {
  /** Milliseconds since the epoch; undefined for a conversation without a time of its own. */
  of(actor: string): number | undefined
  /** Resolves once it is stored; what is stored for the conversation afterwards is turned at that time. */
  set(actor: string, now_ms: number): Promise<void>
}

const root = 'parley.virtual.own'

/** Resolves once it knows all that are stored. */
export async function ownTimes(
  nc: NatsConnection,
  js: JetStreamClient,
  jsm: JetStreamManager,
  streamName: string,
): Promise<OwnTimes> {
  const times = new Map<string, number>()
  const note = (to: string, told: { now_ms: number }) => times.set(to.slice(root.length + 1), told.now_ms)
  // Followed first, so that none is missed between the two.
  nc.subscribe(`${root}.*`, { callback: (_error, message) => void note(message.subject, message.json()) })
  await nc.flush()
  const stored = await jsm.streams.info(streamName, { subjects_filter: `${root}.*` })
  if (Object.keys(stored.state.subjects ?? {}).length > 0) {
    const consumer = await js.consumers.get(streamName, {
      filter_subjects: [`${root}.*`],
      deliver_policy: DeliverPolicy.LastPerSubject,
    })
    let left = (await consumer.info()).num_pending
    for await (const message of await consumer.fetch({ max_messages: left })) {
      if (!times.has(message.subject.slice(root.length + 1))) note(message.subject, message.json())
      if (--left <= 0) break
    }
  }
  return {
    of: (actor) => times.get(actor),
    async set(actor, now_ms) {
      await tellOwnTime(js, actor, now_ms)
      times.set(actor, now_ms)
    },
  }
}

/** The same for whoever keeps no times: resolves once it is stored, and every node has been told. */
export const tellOwnTime = async (js: JetStreamClient, actor: string, now_ms: number): Promise<void> =>
  void (await js.publish(`${root}.${actor}`, JSON.stringify({ now_ms })))
