/**
 * The outgoing queue: task webhooks, delivery receipts and what agents say, posted until they are taken. Runs the lanes
 * (`delivery-lanes.ts` says which goes next, `delivery-attempts.ts` tries it) and hears from the journal what is to go out.
 * Invariants: of one lane one goes at a time, unless a tester releases another one; what is not taken when the desk stops
 * goes out when it starts again. Of several desks on one journal, the one that wrote an entry posts what follows from it;
 * the others take over after 30 s without an outcome.
 */
import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock.ts'
import { noTrouble, type Trouble } from '../trouble.ts'
import { type Destination, isSettled, openAttempts, type Settled } from './delivery-attempts.ts'
import { openLanes, type Waiting } from './delivery-lanes.ts'
import type { Delivery } from './entries.ts'
import type { Journal } from './journal.ts'

export interface Webhooks {
  /** Starts what may go out. Called when the answer that caused it is out, so that the caller hears the answer first. */
  go(): void
  /** `hold` keeps webhooks back (receipts are not held); `duplicate` sends each webhook that many extra times. */
  set(settings: { hold?: boolean | undefined; duplicate?: number | undefined }): void
  settings(): { hold: boolean; duplicate: number }
  /** Looks again at everything that waits: the troubles on the way are others now. */
  retry(): void
  held(): Delivery[]
  /**
   * Sends held webhooks now, in the order of `types`, one (the oldest) for each name, whatever their lanes say.
   * Resolves with those that were sent when each has been tried once; one that fails is tried again as usual.
   */
  release(types: string[], taskId?: string): Promise<Delivery[]>
  /** True while something is being posted or is about to be; waiting on the clock or being held is not busy. */
  busy(): boolean
  stop(): Promise<void>
}

export interface WebhooksMeans {
  journal: Journal
  clock: Clock
  destinationOf: (delivery: Delivery) => Destination
  /** What goes wrong with webhooks of a type now. */
  troubleOf: (type: string) => Trouble
  onOutcome: (delivery: Delivery, outcome: string, status: number, tries: number) => void
}

export function openWebhooks(means: WebhooksMeans): Webhooks {
  const { journal, clock } = means
  const settings = { hold: false, duplicate: 0 }
  /** Lanes to look at when `go` is called next. */
  const ready = new Set<string>()
  const running = new Map<string, Promise<void>>()
  const stopping = new AbortController()
  // Every waiting lane listens, and there is one for each open task when the runtime is down.
  setMaxListeners(0, stopping.signal)
  let posting = 0

  const troubleOf = ({ kind, type }: Delivery) => (kind === 'webhook' ? means.troubleOf(type) : noTrouble)
  const lanes = openLanes({
    clock,
    isHolding: () => settings.hold,
    comesBehind: (delivery) => troubleOf(delivery).behind,
    onFree: (lane) => {
      ready.add(lane)
      go()
    },
  })
  const attempts = openAttempts({
    ...means,
    troubleOf,
    duplicate: () => settings.duplicate,
    onFailed: (delivery, { outcome, status, tries }) => means.onOutcome(delivery, outcome, status, tries),
    stopping: stopping.signal,
    onPause: (isPausing) => {
      posting += isPausing ? -1 : 1
    },
  })

  const join = (delivery: Delivery) => {
    lanes.join(delivery)
    ready.add(delivery.lane)
  }
  for (const delivery of journal.floor.deliveries.values()) join(delivery)
  journal.onEntry((entry) => {
    const isOwn = entry.by === undefined || entry.by === journal.id
    entry.deliveries?.forEach(isOwn ? join : lanes.joinElsewhere)
    if (isOwn || entry.type !== 'webhookDelivered') return
    const lane = lanes.takenElsewhere(entry.data.id)
    if (lane === undefined) return
    ready.add(lane)
    go()
  })

  const conclude = async (one: Waiting, { outcome, status, tries, code }: Settled) => {
    lanes.leave(one)
    means.onOutcome(one.delivery, outcome, status, tries)
    const data = { id: one.delivery.id, outcome, status, tries, ...(code !== undefined && { code }) }
    // Not stored means that it goes out again after a restart, with the same eventId: late, never lost.
    await journal.write(() => ({ entry: { type: 'webhookDelivered', data }, result: undefined })).catch(() => {})
  }
  const runLane = async (lane: string) => {
    posting += 1
    for (let next = lanes.next(lane); next && !stopping.signal.aborted; next = lanes.next(lane)) {
      const one = next
      const tried = await attempts.untilTaken(one.delivery, () => lanes.mayGo(one))
      if (isSettled(tried)) await conclude(one, tried)
      lanes.overtake(lane)
    }
    posting -= 1
    running.delete(lane)
  }
  const go = () => {
    for (const lane of ready) {
      ready.delete(lane)
      if (lanes.next(lane) && !running.has(lane) && !stopping.signal.aborted) running.set(lane, runLane(lane))
    }
  }
  const retry = () => {
    for (const lane of lanes.names()) ready.add(lane)
    go()
  }

  return {
    go,
    retry,
    settings: () => ({ ...settings }),
    set({ hold = settings.hold, duplicate = settings.duplicate }) {
      Object.assign(settings, { hold, duplicate })
      if (!hold) retry()
      else go()
    },
    held: () => lanes.held().map(({ delivery }) => delivery),
    async release(types, taskId) {
      const sent: Delivery[] = []
      for (const type of types) {
        const one = lanes
          .held()
          .find(({ delivery }) => delivery.type === type && (taskId === undefined || delivery.taskId === taskId))
        if (!one) continue
        lanes.release(one)
        sent.push(one.delivery)
        posting += 1
        const tried = await attempts.once(one.delivery, 1)
        if (isSettled(tried)) await conclude(one, tried)
        else lanes.released(one)
        posting -= 1
        ready.add(one.delivery.lane)
        go()
      }
      return sent
    },
    busy: () => posting > 0 || ready.size > 0,
    async stop() {
      lanes.stop()
      stopping.abort()
      await Promise.all(running.values())
    },
  }
}
