/**
 * The outgoing queue: task webhooks and delivery receipts, posted until they are taken (flows.md 2.10, S-OWH).
 * Speaks to the other side's doors over HTTP and to the journal. Invariants: one lane (task or text) goes out in order,
 * one at a time, unless a tester releases held ones in another order; every try carries the same body and eventId; what
 * is not taken when the desk stops goes out when it starts again. Of several desks on one journal, the one that wrote an
 * entry posts what follows from it; the others wait their turn in its lane, and take over after 30 s without an outcome.
 */
import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock.ts'
import type { Delivery } from './entries.ts'
import { type InboundSecrets, inboundCredentials } from './inbound-credentials.ts'
import type { Journal } from './journal.ts'
import { behind_ms, type Trouble } from './troubles.ts'

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

export interface Destination {
  url: string
  /** What its door asks for; nothing for an address of others. */
  secrets: InboundSecrets
}

type Outcome = 'delivered' | 'refused' | 'givenUp' | 'dropped' | 'held' | 'stopped'

export function openWebhooks(means: {
  journal: Journal
  clock: Clock
  destinationOf: (delivery: Delivery) => Destination
  /** What goes wrong with webhooks of a type now. */
  troubleOf: (type: string) => Trouble
  onOutcome: (delivery: Delivery, outcome: string, status: number, tries: number) => void
}): Webhooks {
  const { journal, clock, destinationOf, troubleOf, onOutcome } = means
  const queues = new Map<string, Delivery[]>()
  const ready = new Set<string>()
  const running = new Map<string, Promise<void>>()
  /** Held ones that a tester let go: being tried for the first time, then handed to their lane. */
  const releasing = new Set<string>()
  const freed = new Set<string>()
  const stopping = new AbortController()
  // Every waiting lane listens, and there is one for each open task when the runtime is down.
  setMaxListeners(0, stopping.signal)
  let hold = false
  let duplicate = 0
  let posting = 0

  const enqueue = (delivery: Delivery) => {
    const queue = queues.get(delivery.lane) ?? []
    queues.set(delivery.lane, [...queue, delivery])
    ready.add(delivery.lane)
  }
  for (const delivery of journal.floor.deliveries.values()) enqueue(delivery)

  /** Being posted by another desk: until when it is left to that one, the soonest first. */
  const others = new Map<string, { dueMs: number; lane: string }>()
  let cancelTakeOver = () => {}
  const armTakeOver = () => {
    cancelTakeOver()
    const [first] = others.values()
    if (first) cancelTakeOver = clock.after(first.dueMs - clock.now(), takeOver)
  }
  const takeOver = () => {
    for (const [id, { dueMs, lane }] of others) {
      if (dueMs > clock.now()) break
      others.delete(id)
      ready.add(lane)
    }
    armTakeOver()
    go()
  }
  const leaveToOther = (delivery: Delivery) => {
    enqueue(delivery)
    others.set(delivery.id, { dueMs: clock.now() + take_over_ms, lane: delivery.lane })
    if (others.size === 1) armTakeOver()
  }
  const takenByOther = ({ id }: { id: string }) => {
    const lane = others.get(id)?.lane
    if (lane === undefined) return
    others.delete(id)
    if (others.size === 0) cancelTakeOver()
    forgetDelivery(lane, id)
    ready.add(lane)
    go()
  }
  const forgetDelivery = (lane: string, id: string) => {
    const rest = (queues.get(lane) ?? []).filter((other) => other.id !== id)
    if (rest.length === 0) queues.delete(lane)
    else queues.set(lane, rest)
  }
  journal.onEntry((entry) => {
    const isOwn = entry.by === undefined || entry.by === journal.id
    entry.deliveries?.forEach(isOwn ? enqueue : leaveToOther)
    if (!isOwn && entry.type === 'webhookDelivered') takenByOther(entry.data)
  })

  const mayGo = ({ id, kind }: Delivery) => (!hold || kind !== 'webhook' || freed.has(id)) && !releasing.has(id)
  const nextOf = (lane: string) => {
    const queue = queues.get(lane) ?? []
    if (others.has(queue[0]?.id ?? '')) return undefined
    const [first, second] = queue.filter((one) => mayGo(one) && !others.has(one.id))
    return first && waitsBehind(first) ? second : first
  }
  /** Those that should come behind another one, until it went or did not come. */
  const behind = new Map<string, () => void>()
  const waitsBehind = (delivery: Delivery): boolean => {
    if (delivery.kind !== 'webhook' || overtaken.has(delivery.id) || !troubleOf(delivery.type).behind) return false
    if (!behind.has(delivery.id))
      behind.set(
        delivery.id,
        clock.after(behind_ms, () => letGo(delivery)),
      )
    return true
  }
  const overtaken = new Set<string>()
  const letGo = ({ id, lane }: Delivery) => {
    behind.get(id)?.()
    behind.delete(id)
    overtaken.add(id)
    ready.add(lane)
    go()
  }

  const post = async (delivery: Delivery): Promise<{ status: number; code?: string }> => {
    try {
      const { url, secrets } = destinationOf(delivery)
      const body = JSON.stringify(delivery.body)
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...inboundCredentials(secrets, body) },
        body,
        signal: AbortSignal.any([AbortSignal.timeout(post_wait_ms), stopping.signal]),
      })
      const said = await answer.text()
      return { status: answer.status, ...(saysWords(delivery) && notTaken(said)) }
    } catch {
      return { status: 0 }
    }
  }

  /** Waits on the clock. The wake-up itself makes the desk busy again, so that no onlooker sees it idle in between. */
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      posting -= 1
      const wake = () => {
        cancel()
        stopping.signal.removeEventListener('abort', wake)
        posting += 1
        resolve()
      }
      const cancel = clock.after(ms, wake)
      stopping.signal.addEventListener('abort', wake, { once: true })
    })

  const settle = async (
    delivery: Delivery,
    outcome: 'delivered' | 'refused' | 'givenUp' | 'dropped',
    status: number,
    tries: number,
    code?: string,
  ) => {
    forgetDelivery(delivery.lane, delivery.id)
    freed.delete(delivery.id)
    overtaken.delete(delivery.id)
    onOutcome(delivery, outcome, status, tries)
    const data = { id: delivery.id, outcome, status, tries, ...(code !== undefined && { code }) }
    // Not stored means that it goes out again after a restart, with the same eventId: late, never lost.
    await journal.write(() => ({ entry: { type: 'webhookDelivered', data }, result: undefined })).catch(() => {})
  }

  const sendExtraCopies = async (delivery: Delivery) => {
    if (delivery.kind !== 'webhook') return
    const copies = Math.max(duplicate, troubleOf(delivery.type).duplicate)
    for (let copy = 0; copy < copies; copy += 1) await post(delivery)
  }

  const attempt = async (delivery: Delivery, tries: number): Promise<Outcome | 'retry'> => {
    const { status, code } = await post(delivery)
    if (status === 0 && stopping.signal.aborted) return 'stopped'
    if (status >= 200 && status < 300) {
      await sendExtraCopies(delivery)
      const outcome = code === undefined ? 'delivered' : 'refused'
      await settle(delivery, outcome, status, tries, code)
      return outcome
    }
    const outcome = status >= 400 && status < 500 ? 'refused' : tries >= tries_max ? 'givenUp' : undefined
    if (outcome) await settle(delivery, outcome, status, tries)
    else onOutcome(delivery, 'failed', status, tries)
    return outcome ?? 'retry'
  }

  const deliver = async (delivery: Delivery): Promise<Outcome> => {
    const trouble = delivery.kind === 'webhook' ? troubleOf(delivery.type) : undefined
    if (trouble?.drop) {
      await settle(delivery, 'dropped', 0, 0)
      return 'dropped'
    }
    if (trouble && trouble.delayMs > 0) await pause(trouble.delayMs)
    if (stopping.signal.aborted) return 'stopped'
    for (let tries = 1; ; tries += 1) {
      const outcome = await attempt(delivery, tries)
      if (outcome !== 'retry') return outcome
      await pause(backoff_ms[tries - 1] ?? backoff_last_ms)
      if (stopping.signal.aborted) return 'stopped'
      if (!mayGo(delivery)) return 'held'
    }
  }

  const runLane = async (lane: string) => {
    posting += 1
    for (let next = nextOf(lane); next && !stopping.signal.aborted; next = nextOf(lane)) {
      await deliver(next)
      for (const waiting of queues.get(lane) ?? []) if (behind.has(waiting.id)) letGo(waiting)
    }
    posting -= 1
    running.delete(lane)
  }

  const go = () => {
    for (const lane of ready) {
      ready.delete(lane)
      if (nextOf(lane) && !running.has(lane) && !stopping.signal.aborted) running.set(lane, runLane(lane))
    }
  }

  const retry = () => {
    for (const lane of queues.keys()) ready.add(lane)
    go()
  }

  const held = () =>
    [...queues.values()]
      .flat()
      .filter((delivery) => !mayGo(delivery) && !releasing.has(delivery.id) && !others.has(delivery.id))

  return {
    go,
    held,
    settings: () => ({ hold, duplicate }),
    set(settings) {
      hold = settings.hold ?? hold
      duplicate = settings.duplicate ?? duplicate
      if (!hold) retry()
      else go()
    },
    retry,
    async release(types, taskId) {
      const sent: Delivery[] = []
      for (const type of types) {
        const delivery = held().find((one) => one.type === type && (taskId === undefined || one.taskId === taskId))
        if (!delivery) continue
        releasing.add(delivery.id)
        sent.push(delivery)
        posting += 1
        const outcome = await attempt(delivery, 1)
        releasing.delete(delivery.id)
        if (outcome === 'retry') freed.add(delivery.id)
        posting -= 1
        ready.add(delivery.lane)
        go()
      }
      return sent
    },
    busy: () => posting > 0 || ready.size > 0,
    async stop() {
      cancelTakeOver()
      for (const cancel of behind.values()) cancel()
      stopping.abort()
      await Promise.all(running.values())
    },
  }
}

const saysWords = ({ kind }: Delivery): boolean => kind === 'message' || kind === 'text'

/** Connect's answer to a message says by a code in it whether it was taken: 7312 for a thread that is closed. */
function notTaken(said: string): { code?: string } {
  const code = /"code":"(\d+)"/.exec(said)?.[1]
  return code === undefined || code === taken ? {} : { code }
}

const taken = '1001'
/** Longer than a post may take, so that a slow answer is not mistaken for a lost desk. */
const take_over_ms = 30_000
const post_wait_ms = 10_000
const backoff_ms = [1_000, 2_000, 5_000]
const backoff_last_ms = 10_000
const tries_max = 30
