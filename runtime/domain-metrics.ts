/**
 * What a contact centre counts: tasks by the step they reach, webhooks by their fate, the wait that was told against the
 * wait that it was. Counted from committed turns, by the node that made them. Invariant: labels are few and named here.
 */
import { Counter, Histogram, type Registry } from 'prom-client'
import { messageStatusOf } from '../adapters/message-status.ts'
import type { Context } from '../machines/context.ts'
import type { ConversationEvent } from '../machines/events.ts'
import { contextOf, type TurnRecord } from './record.ts'

/** Hears of a turn once it is stored. `prior` is the record it was decided on. */
export type Turned = (record: TurnRecord, prior: TurnRecord | undefined) => void

export interface DomainMetrics {
  turned: Turned
  /** A webhook that never became a turn. */
  webhook(fate: 'duplicate' | 'unknown'): void
}

/** A minute is a good wait, an hour a bad one. */
const wait_seconds = [5, 15, 30, 60, 120, 180, 300, 600, 900, 1_800, 3_600]
const turn_seconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** `now` is the wall's. */
export function domainMetrics(registry: Registry, now: () => number): DomainMetrics {
  const common = { registers: [registry] }
  const tasks = new Counter({
    ...common,
    name: 'parley_tasks_total',
    help: 'Tasks by the step they reach: received, accepted, queued, routed, transferred, completed, abandoned',
    labelNames: ['channel', 'step'],
  })
  const webhooks = new Counter({
    ...common,
    name: 'parley_webhooks_total',
    help: 'Webhooks by their fate: seen, duplicate, late (it changed nothing any more), unknown (nobody has that task)',
    labelNames: ['fate'],
  })
  const receipts = new Counter({
    ...common,
    name: 'parley_receipts_total',
    help: 'Receipts of messages by what they say: queued, sent, delivered, read, failed, other',
    labelNames: ['channel', 'status'],
  })
  const told = new Histogram({
    ...common,
    name: 'parley_estimated_wait_seconds',
    help: 'The wait that a customer was told last, of tasks that an agent took',
    labelNames: ['channel'],
    buckets: wait_seconds,
  })
  const real = new Histogram({
    ...common,
    name: 'parley_actual_wait_seconds',
    help: 'The wait from that moment until an agent took the task',
    labelNames: ['channel'],
    buckets: wait_seconds,
  })
  const turns = new Histogram({
    ...common,
    name: 'parley_turn_seconds',
    help: 'From the moment an event is in the inbox until its turn is stored',
    labelNames: ['heard'],
    buckets: turn_seconds,
  })

  return {
    webhook: (fate) => webhooks.inc({ fate }),
    turned(record, prior) {
      const { channel } = record.address
      turns.observe({ heard: record.heard }, Math.max(0, now() - Number(record.input.time_ns) / 1e6) / 1_000)
      if (record.effects.some(({ type }) => type === 'createTask')) tasks.inc({ channel, step: 'received' })
      if (record.cause.type === 'parley.receipt.updated') {
        const { status } = record.cause.data as { status: string }
        receipts.inc({ channel, status: messageStatusOf(status) ?? 'other' })
      }
      const step = stepOf(record)
      if (!record.cause.type.startsWith('parley.task.')) return
      webhooks.inc({ fate: record.heard === 'turned' ? 'seen' : 'late' })
      if (step === undefined || record.heard !== 'turned') return
      tasks.inc({ channel, step })
      const { ewt } = (prior ? contextOf(prior) : {}) as Partial<Context>
      if (step !== 'routed' || !ewt || ewt.toldSeconds <= 0) return
      told.observe({ channel }, ewt.toldSeconds)
      real.observe({ channel }, Math.max(0, Date.parse(record.at) - ewt.told_at_ms) / 1_000)
    },
  }
}

const steps: Partial<Record<ConversationEvent['type'], string>> = {
  'task.created': 'accepted',
  'task.queued': 'queued',
  'task.routed': 'routed',
  'task.transferred': 'transferred',
}

function stepOf({ cause }: TurnRecord): string | undefined {
  const type = cause.type.replace(/^parley\./, '') as ConversationEvent['type']
  if (type !== 'task.closed') return steps[type]
  return /ABANDON/.test(String((cause.data as { disposition?: string }).disposition)) ? 'abandoned' : 'completed'
}
