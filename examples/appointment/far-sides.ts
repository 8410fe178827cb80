/** Carries out what appointments ask for: one POST a call, under the same idempotency key on every attempt. */
import { type Adapter, type AnyEffect, EffectError } from 'parley'

const far = (destination: string, url: string, performs: string[]): Adapter<AnyEffect> => ({
  destination,
  performs,
  async perform({ type, payload }, { idempotencyKey, signal }) {
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey }
    const posted = fetch(`${url}/${type}`, { method: 'POST', headers, body: JSON.stringify(payload), signal })
    const response = await posted.catch(() => undefined)
    if (response?.ok) return {}
    const found = response?.status ?? 'no answer'
    const isRetryable = response === undefined || response.status >= 500 || response.status === 429
    if (isRetryable)
      throw new EffectError('retryable', 'failed', `${destination}: expected 2xx, found ${found}; try again`)
    throw new EffectError('terminal', 'refused', `${destination}: expected 2xx, found ${found}; look at ${type}`)
  },
})

export const farSides = (url: string): Adapter<AnyEffect>[] => [
  far('texts', url, ['sendText']),
  far('calendar', url, ['confirmAppointment', 'freeSlot']),
  far('people', url, ['askPersonToCall']),
]
