/**
 * What there is to read of one conversation: the conversation as it stands, and its turns with what became of their
 * effects. Speaks to TURNS and EFFECTS; reads only. Customer text is masked as stored (T7).
 */
import type { JetStreamManager } from '@nats-io/jetstream'
import type { Address } from '../machines/events.ts'
import type { LedgerEntry, TurnOutcomes } from './ledger.ts'
import { partitionOf } from './partition.ts'
import { readBatch } from './read-batch.ts'
import { type Delivery, withReceipts } from './receipts.ts'
import { contextOf, keyOf, type Loaded, type TurnRecord } from './record.ts'
import { whyNotRestorable } from './restorable.ts'
import type { Versions } from './stages/restore.ts'
import { history_turns_max, stream, subject } from './streams.ts'

export interface ConversationReading extends Address {
  id: string
  machine: string
  version: string
  state: string
  conversationId: string
  taskId: string
  agentId: string
  revision: number
  updatedAt: string
  context: Record<string, unknown>
  timers: { name: string; dueAt: string }[]
  /** Why this build cannot turn it; absent when it can. What comes for it waits as dead letters of kind `record`. */
  notRestorable?: string
}

export interface TurnReading {
  revision: number
  turn: number
  at: string
  event: { id: string; type: string; time: string; data: unknown }
  heard: TurnRecord['heard']
  stateBefore: string
  stateAfter: string
  effects: EffectReading[]
}

export interface EffectReading {
  key: string
  type: string
  status: 'pending' | 'done' | 'failed'
  attempts: number
  code?: string
  payload: object
  /** How far the message has come, as receipts tell it; absent until one has come. */
  delivery?: Delivery
}

export function conversationReading(loaded: Loaded, versions: Versions): ConversationReading {
  const { record, revision } = loaded
  const context = contextOf(record)
  const notRestorable = whyNotRestorable(loaded, versions)
  return {
    id: record.actor,
    machine: record.machine.id,
    version: record.machine.version,
    ...record.address,
    state: record.state,
    conversationId: String(context.conversationId ?? ''),
    taskId: String(context.taskId ?? ''),
    agentId: String(context.agentId ?? ''),
    revision,
    updatedAt: record.at,
    context,
    timers: Object.entries(record.timers ?? {}).map(([name, { due_ms }]) => ({
      name: name.replace(/^xstate\.after\./, ''),
      dueAt: new Date(due_ms).toISOString(),
    })),
    ...(notRestorable === undefined ? {} : { notRestorable }),
  }
}

/** The turns of an actor, oldest first; as many as the stream keeps. */
export async function turnsOf(jsm: JetStreamManager, partitions: number, actor: string): Promise<TurnReading[]> {
  const partition = partitionOf(actor, partitions)
  const [records, entries] = await Promise.all([
    allOf<TurnRecord>(jsm, stream.turns, subject.turns(partition, actor)),
    allOf<LedgerEntry>(jsm, stream.effects, subject.effects(partition, actor)),
  ])
  const outcomes = entries.flatMap(({ value }) => [...(value.begun ?? []), value])
  const byRevision = new Map(outcomes.map((one) => [one.revision, one]))
  return withReceipts(
    records.map(({ value: record, sequence }) => turnReading(record, sequence, byRevision.get(sequence))),
  )
}

/** The record as that turn left it; undefined when it is not this actor's, or kept no longer. */
export async function recordAt(
  jsm: JetStreamManager,
  partitions: number,
  actor: string,
  revision: number,
): Promise<Loaded | undefined> {
  const message = await jsm.streams.getMessage(stream.turns, { seq: revision })
  if (message?.subject !== subject.turns(partitionOf(actor, partitions), actor)) return undefined
  return { record: message.json<TurnRecord>(), revision }
}

export function turnReading(record: TurnRecord, revision: number, entry: TurnOutcomes | undefined): TurnReading {
  const { id, type, time, data } = record.cause
  return {
    revision,
    turn: record.turn,
    at: record.at,
    event: { id, type, time, data },
    heard: record.heard,
    stateBefore: record.before,
    stateAfter: record.state,
    effects: record.effects.map(({ type, payload }, index) => {
      const outcome = entry?.outcomes.find((one) => one.index === index)
      return {
        key: keyOf(record, revision, index),
        type,
        status: outcome?.status ?? 'pending',
        attempts: outcome?.attempts ?? 0,
        ...(outcome?.code === undefined ? {} : { code: outcome.code }),
        payload,
      }
    }),
  }
}

async function allOf<Value>(jsm: JetStreamManager, name: string, next_by_subj: string) {
  const messages = await readBatch(jsm, name, next_by_subj, history_turns_max)
  return messages.map((message) => ({ value: message.json<Value>(), sequence: message.seq }))
}
