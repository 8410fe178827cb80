/**
 * The embedded desk as its tests have it: on a real broker, with a stand-in where the runtime's doors would be, a clock that
 * only moves when told to, and nothing left of the test before.
 */
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { type VirtualClock, virtualClock } from '../adapters/clock.ts'
import { type Desk, type DeskOptions, startDesk } from '../adapters/desk/desk.ts'
import type { AllSettings } from '../adapters/desk/settings.ts'
import { type Broker, startBroker } from './broker.ts'
import { emptyJournal } from './empty-journal.ts'
import { type StandIn, standIn } from './far-side.ts'
import { type Answer, request } from './node.ts'

export const desk_start_ms = Date.parse('2026-03-02T14:00:00.000Z')

export interface DeskStand {
  readonly desk: Desk
  readonly clock: VirtualClock
  readonly nats: NatsConnection
  readonly natsUrl: string
  /** Where webhooks and inbound messages go. */
  readonly runtime: StandIn
  /** Another desk on the same journal; the caller stops it. */
  openDesk(agents?: Partial<AllSettings>, more?: Partial<DeskOptions>): Promise<Desk>
  /** Starts it again on what it has written, for a test that has stopped it. */
  start(agents?: Partial<AllSettings>, more?: Partial<DeskOptions>): Promise<void>
  /** Stops it and starts it again. */
  restart(agents?: Partial<AllSettings>, more?: Partial<DeskOptions>): Promise<void>
  /** One request to the desk; `key` goes along as its idempotency key. */
  ask(method: string, path: string, body?: unknown, key?: string): Promise<Answer>
  /** Until nothing is being written or delivered. */
  idle(): Promise<void>
  advance(ms: number): Promise<void>
}

/** Stands for all tests of the file that calls it; each one begins with an empty desk. */
export function deskStand(always: Partial<DeskOptions> = {}): DeskStand {
  let broker: Broker
  let nats: NatsConnection
  let clock: VirtualClock
  let runtime: StandIn
  let desk: Desk

  const openDesk: DeskStand['openDesk'] = (agents = {}, more = {}) =>
    startDesk({
      nats,
      clock,
      host: '127.0.0.1',
      port: 0,
      webhookUrl: () => `${runtime.url}/v1/webhooks/digital-routing`,
      inboundUrl: (channel) => `${runtime.url}/v1/inbound/${channel}`,
      inboundToken: 'runtime-token',
      agents: { automatic: false, ...agents },
      ...always,
      ...more,
    })

  beforeAll(async () => {
    broker = await startBroker()
    nats = await connect({ servers: broker.url })
  })
  afterAll(async () => {
    await nats.close()
    await broker.stop()
  })
  beforeEach(async () => {
    await emptyJournal(nats)
    clock = virtualClock(desk_start_ms)
    runtime = await standIn()
    desk = await openDesk()
  })
  afterEach(async () => {
    await desk.stop()
    await runtime.close()
  })

  const start: DeskStand['start'] = async (agents, more) => {
    desk = await openDesk(agents, more)
  }
  const idle = () => vi.waitFor(() => expect(desk.idle()).toBe(true), { timeout: 10_000, interval: 2 })
  return {
    get desk() {
      return desk
    },
    get clock() {
      return clock
    },
    get nats() {
      return nats
    },
    get natsUrl() {
      return broker.url
    },
    get runtime() {
      return runtime
    },
    openDesk,
    start,
    async restart(agents, more) {
      await desk.stop()
      await start(agents, more)
    },
    ask: (method, path, body, key) =>
      request(desk.url + path, method, body, key === undefined ? {} : { 'idempotency-key': key }),
    idle,
    async advance(ms) {
      await idle()
      await clock.advance(ms, idle)
    },
  }
}
