/**
 * The records of hot actors: a bounded cache in front of one direct get. The conditional append is what keeps it honest:
 * a stale entry cannot commit, it is dropped and loaded again (T3).
 */
import type { JetStreamManager } from '@nats-io/jetstream'
import { partitionOf } from './partition.ts'
import type { Loaded, TurnRecord } from './record.ts'
import { stream, subject } from './streams.ts'

export const cached_actors_max = 10_000

export interface ActorCache {
  /** The actor's record and revision, or undefined when it has none. Throws when the broker does not answer. */
  load(actor: string): Promise<Loaded | undefined>
  keep(actor: string, loaded: Loaded): void
  drop(actor: string): void
  /** Forgets every actor of a partition that may have been written by another owner. */
  dropPartition(partition: number): void
}

export function actorCache(read: (actor: string) => Promise<Loaded | undefined>, partitions: number): ActorCache {
  const hot = new Map<string, Loaded>()
  return {
    async load(actor) {
      return hot.get(actor) ?? (await read(actor))
    },
    keep(actor, loaded) {
      hot.delete(actor)
      hot.set(actor, loaded)
      if (hot.size > cached_actors_max) hot.delete(hot.keys().next().value as string)
    },
    drop: (actor) => void hot.delete(actor),
    dropPartition(partition) {
      for (const actor of hot.keys()) if (partitionOf(actor, partitions) === partition) hot.delete(actor)
    },
  }
}

/** Reads one actor's last record straight from the stream. */
export function recordReader(jsm: JetStreamManager, partitions: number) {
  return async (actor: string): Promise<Loaded | undefined> => {
    const stored = await lastOf(jsm, stream.turns, subject.turns(partitionOf(actor, partitions), actor))
    return stored && { record: stored.json<TurnRecord>(), revision: stored.seq }
  }
}

/** The last message of a subject, or undefined when there is none. */
export async function lastOf(jsm: JetStreamManager, streamName: string, last_by_subj: string) {
  const found = await jsm.direct.getMessage(streamName, { last_by_subj })
  return found ?? undefined
}
