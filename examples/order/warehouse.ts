/** Carries out what orders ask for: one POST a call at the warehouse, under the same idempotency key on every attempt. */
import { type Adapter, type AnyEffect, type Call, EffectError } from 'parley'

export const warehouse = (url: string): Adapter<AnyEffect> => ({
  destination: 'warehouse',
  performs: ['reserveStock', 'releaseStock', 'ship', 'refund'],
  async perform({ type, payload }, call) {
    const response = await posted(`${url}/${type}`, payload, call)
    if (response.ok) return {}
    if (response.status >= 500 || response.status === 429)
      throw new EffectError(
        'retryable',
        'failed',
        `warehouse ${type}: expected 2xx, found ${response.status}; try again`,
      )
    throw new EffectError(
      'terminal',
      'refused',
      `warehouse ${type}: expected 2xx, found ${response.status}; look at the order`,
    )
  },
})

async function posted(url: string, payload: object, { idempotencyKey, signal }: Call): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey }
  try {
    return await fetch(url, { method: 'POST', headers, body: JSON.stringify(payload), signal })
  } catch {
    throw new EffectError('retryable', 'failed', 'warehouse: expected an answer, found none; try again')
  }
}
