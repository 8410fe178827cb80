/**
 * What a node counts for Prometheus (`GET /metrics`): what came in and how it was answered, how far sides answered, what was
 * set aside; and what the broker knows of the whole cluster, read when somebody asks. Watches the parts of a node by
 * standing in front of them; changes nothing they do. Invariant: labels are few and named in the code; no id, no customer.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type Adapter, type Door, EffectError } from '../adapters/adapter.ts'
import type { Clock } from '../adapters/clock.ts'
import type { AnyEffect } from '../machines/effects.ts'
import type { SetAside } from './dead-letters.ts'
import { domainMetrics, type Turned } from './domain-metrics.ts'
import type { AcceptAnswer } from './stages/accept.ts'

type Accept = (traceparent: string | undefined, door: Door, raw: Uint8Array) => Promise<AcceptAnswer>

export interface Metrics {
  accepting(accept: Accept): Accept
  settingAside(setAside: SetAside): SetAside
  performing(adapter: Adapter<AnyEffect>): Adapter<AnyEffect>
  turned: Turned
  /** Read at each scrape; a source that does not answer leaves its gauge out. */
  reading(sources: MetricSources): void
  /** The Prometheus text, and its content type. */
  text(): Promise<{ contentType: string; body: string }>
  /** Parley's own metrics, by name: for what is written about them. */
  described(): { name: string; help: string; type: string; labels: string[] }[]
}

export interface MetricSources {
  conversations: () => { channel: string; state: string; count: number }[]
  /** Messages that a stream holds now, by its name, and when the oldest of them was stored. */
  streams: () => Promise<{ stream: string; messages: number; oldest_ms: number }[]>
  /** When the oldest turn was stored of which an effect has not ended; undefined when all have. */
  owed: () => Promise<number | undefined>
}

const seconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function metrics(clock: Clock): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const common = { registers: [registry] }
  const accepted = new Histogram({
    ...common,
    name: 'parley_accept_seconds',
    help: 'Requests at the doors, from the body to the answer',
    labelNames: ['door', 'answer'],
    buckets: seconds,
  })
  const attempts = new Histogram({
    ...common,
    name: 'parley_effect_attempt_seconds',
    help: 'Attempts to carry out an effect, by what the far side made of it',
    labelNames: ['destination', 'effect', 'outcome'],
    buckets: seconds,
  })
  const letters = new Counter({
    ...common,
    name: 'parley_dead_letters_total',
    help: 'What this node set aside',
    labelNames: ['kind'],
  })
  const domain = domainMetrics(registry, clock.now)
  let sources: MetricSources = { conversations: () => [], streams: async () => [], owed: async () => undefined }
  addGauges(registry, clock, () => sources)
  const since = (begin_ms: number) => (clock.now() - begin_ms) / 1_000

  return {
    accepting: (accept) => async (traceparent, door, raw) => {
      const begin_ms = clock.now()
      const answer = await accept(traceparent, door, raw)
      const said = answerOf(answer)
      accepted.observe({ door: door.name, answer: said }, since(begin_ms))
      if (door.name === 'digital-routing' && said === 'duplicate') domain.webhook('duplicate')
      if (door.name === 'digital-routing' && said === 'unhandled') domain.webhook('unknown')
      return answer
    },
    settingAside: (setAside) => async (letter, messageId) => {
      await setAside(letter, messageId)
      letters.inc({ kind: letter.kind })
    },
    performing: (adapter) => ({
      ...adapter,
      async perform(effect, call) {
        const begin_ms = clock.now()
        const observed = (outcome: string) =>
          attempts.observe({ destination: adapter.destination, effect: effect.type, outcome }, since(begin_ms))
        try {
          const output = await adapter.perform(effect, call)
          observed('done')
          return output
        } catch (error) {
          observed(error instanceof EffectError ? error.family : 'failed')
          throw error
        }
      },
    }),
    turned: domain.turned,
    reading(given) {
      sources = given
    },
    described: () =>
      registry
        .getMetricsAsArray()
        .filter(({ name }) => name.startsWith('parley_'))
        .map((one) => {
          const { name, help, type, labelNames = [] } = one as unknown as Described
          return { name, help, type, labels: [...labelNames] }
        })
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}

/** `stored`, `duplicate`, `unhandled`, or the status of a refusal. */
function answerOf({ status, body }: AcceptAnswer): string {
  if (!('eventId' in body)) return String(status)
  if (body.unhandled !== undefined) return 'unhandled'
  return body.duplicate ? 'duplicate' : 'stored'
}

interface Described {
  name: string
  help: string
  type: string
  labelNames?: string[]
}

function addGauges(registry: Registry, clock: Clock, sources: () => MetricSources): void {
  const common = { registers: [registry] }
  const read = () =>
    sources()
      .streams()
      .catch(() => [])
  new Gauge({
    ...common,
    name: 'parley_conversations',
    help: 'Conversations by channel and state, over the whole cluster',
    labelNames: ['channel', 'state'],
    collect() {
      this.reset()
      for (const { channel, state, count } of sources().conversations()) this.set({ channel, state }, count)
    },
  })
  new Gauge({
    ...common,
    name: 'parley_stream_messages',
    help: 'Messages that a stream holds: INBOX wait to be turned, TIMERS to be due, DEAD for a person',
    labelNames: ['stream'],
    async collect() {
      this.reset()
      for (const { stream, messages } of await read()) this.set({ stream }, messages)
    },
  })
  new Gauge({
    ...common,
    name: 'parley_inbox_oldest_seconds',
    help: 'How long the oldest message in the inbox has waited for its turn; 0 when none waits',
    async collect() {
      const inbox = (await read()).find(({ stream }) => stream === 'INBOX')
      this.set(inbox && inbox.messages > 0 ? Math.max(0, clock.now() - inbox.oldest_ms) / 1_000 : 0)
    },
  })
  new Gauge({
    ...common,
    name: 'parley_outbox_oldest_seconds',
    help: 'How long the oldest turn has waited for all its effects to end, at a far side or behind one that is retried; 0 when none waits',
    async collect() {
      this.reset()
      const oldest_ms = await sources()
        .owed()
        .catch(() => 'unknown' as const)
      if (oldest_ms === 'unknown') return this.remove()
      this.set(oldest_ms === undefined ? 0 : Math.max(0, clock.now() - oldest_ms) / 1_000)
    },
  })
}
