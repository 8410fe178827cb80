/**
 * The tries of one delivery: posted over HTTP until it is taken, refused or given up, with growing pauses, every try with
 * the same body and eventId (flows.md 2.10, S-OWH). Speaks to the other side's doors; what the outcome means for the lane
 * and the journal is `webhooks.ts`'s.
 */
import type { Clock } from '../clock.ts'
import { exchange } from '../http-exchange.ts'
import type { Trouble } from '../trouble.ts'
import type { Delivery } from './entries.ts'
import { type InboundSecrets, inboundCredentials } from './inbound-credentials.ts'

/** What came of it. `status` is the answer's, 0 when none came. */
export type Tried = Settled | Unsettled
export interface Settled {
  outcome: 'delivered' | 'refused' | 'givenUp' | 'dropped'
  status: number
  tries: number
  /** Why Connect did not take it. */
  code?: string
}
/** It still waits. `failed`: another try may do better. */
interface Unsettled {
  outcome: 'failed' | 'held' | 'stopped'
  status: number
  tries: number
}

export function isSettled(tried: Tried): tried is Settled {
  return !['failed', 'held', 'stopped'].includes(tried.outcome)
}

export interface Destination {
  url: string
  /** What its door asks for; nothing for an address of others. */
  secrets: InboundSecrets
}

export interface AttemptsMeans {
  clock: Clock
  destinationOf: (delivery: Delivery) => Destination
  troubleOf: (delivery: Delivery) => Trouble
  /** How many extra times each webhook is sent, whatever its trouble says. */
  duplicate: () => number
  onFailed: (delivery: Delivery, tried: Tried) => void
  /** Aborted when the desk stops. */
  stopping: AbortSignal
  /** While it waits on the clock: called before and after. */
  onPause: (isPausing: boolean) => void
}

export interface Attempts {
  /** One try, the `tries`th, and the extra copies when it is taken. Never rejects. */
  once(delivery: Delivery, tries: number): Promise<Tried>
  /** Try after try, never `failed`. After each pause `mayGo` is asked whether to go on. Never rejects. */
  untilTaken(delivery: Delivery, mayGo: () => boolean): Promise<Tried>
}

export function openAttempts(means: AttemptsMeans): Attempts {
  const { clock, stopping, troubleOf, onFailed, onPause } = means

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      if (stopping.aborted) return resolve()
      onPause(true)
      // Not an awaited `sleep`: the wake-up itself makes the desk busy again, so that no onlooker sees it idle in between.
      const wake = () => {
        cancel()
        stopping.removeEventListener('abort', wake)
        onPause(false)
        resolve()
      }
      const cancel = clock.after(ms, wake)
      stopping.addEventListener('abort', wake, { once: true })
    })
  const sendExtraCopies = async (delivery: Delivery) => {
    if (delivery.kind !== 'webhook') return
    const copies = Math.max(means.duplicate(), troubleOf(delivery).duplicate)
    for (let copy = 0; copy < copies; copy += 1) await posted(delivery, means)
  }

  const once = async (delivery: Delivery, tries: number): Promise<Tried> => {
    const { status, code } = await posted(delivery, means)
    if (status === 0 && stopping.aborted) return { outcome: 'stopped', status, tries }
    if (status >= 200 && status < 300) {
      await sendExtraCopies(delivery)
      return code === undefined ? { outcome: 'delivered', status, tries } : { outcome: 'refused', status, tries, code }
    }
    if (status >= 400 && status < 500) return { outcome: 'refused', status, tries }
    if (tries >= tries_max) return { outcome: 'givenUp', status, tries }
    const failed: Unsettled = { outcome: 'failed', status, tries }
    onFailed(delivery, failed)
    return failed
  }

  return {
    once,
    async untilTaken(delivery, mayGo) {
      const { drop, delayMs } = troubleOf(delivery)
      let tried: Tried = { outcome: 'dropped', status: 0, tries: 0 }
      if (drop) return tried
      if (delayMs > 0) await pause(delayMs)
      while (!stopping.aborted) {
        tried = await once(delivery, tried.tries + 1)
        if (tried.outcome !== 'failed') return tried
        await pause(backoff_ms[tried.tries - 1] ?? backoff_last_ms)
        if (!mayGo()) return { ...tried, outcome: 'held' }
      }
      return { ...tried, outcome: 'stopped' }
    },
  }
}

async function posted(
  delivery: Delivery,
  { destinationOf, stopping }: AttemptsMeans,
): Promise<{ status: number; code?: string }> {
  try {
    const { url, secrets } = destinationOf(delivery)
    const body = JSON.stringify(delivery.body)
    const headers = { 'content-type': 'application/json', ...inboundCredentials(secrets, body) }
    const signal = AbortSignal.any([AbortSignal.timeout(post_wait_ms), stopping])
    const { status, text } = await exchange({ method: 'POST', url, headers, body, signal })
    return { status, ...(saysWords(delivery) && notTaken(text)) }
  } catch {
    // No answer; or the sender of a message asked for receipts at what is no address.
    return { status: 0 }
  }
}

const saysWords = ({ kind }: Delivery): boolean => kind === 'message' || kind === 'text'

/** Connect's answer to a message says by a code in it whether it was taken: 7312 for a thread that is closed. */
function notTaken(said: string): { code?: string } {
  const code = /"code":"(\d+)"/.exec(said)?.[1]
  return code === undefined || code === taken ? {} : { code }
}

const taken = '1001'
const post_wait_ms = 10_000
const backoff_ms = [1_000, 2_000, 5_000]
const backoff_last_ms = 10_000
const tries_max = 30
