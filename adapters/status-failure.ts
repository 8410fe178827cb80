/**
 * What an HTTP status means for an effect, where the far side says no more than the status (CONTRACTS sections 5, 6a).
 * Owns the one table; every adapter falls back to it.
 */
import { EffectError } from './adapter.ts'
import type { Answer } from './http.ts'

/** Whether the status alone says yes. */
export const agreed = (answer: Answer): boolean => answer.status >= 200 && answer.status < 300

/**
 * The error for a status that is not 2xx. Retryable: 408, 425, 429, 5xx. Terminal: everything else, a redirect too,
 * which would repeat the request to an address that nobody configured.
 */
export function failureOfStatus(destination: string, call: string, answer: Answer): EffectError {
  const { family, code } = readings(answer.status)
  const todo = family === 'retryable' ? 'try again' : 'check the request and the rights of the token'
  return new EffectError(family, code, `${destination} ${call}: expected 2xx, found ${answer.status}; ${todo}`, {
    retryAfterMs: answer.retryAfterMs,
  })
}

function readings(status: number): Pick<EffectError, 'family' | 'code'> {
  if (status === 429) return { family: 'retryable', code: 'tooManyRequests' }
  if (status === 503) return { family: 'retryable', code: 'serviceUnavailable' }
  if (status === 408 || status === 425 || status >= 500) return { family: 'retryable', code: 'failed' }
  if (status === 404) return { family: 'terminal', code: 'notFound' }
  return { family: 'terminal', code: 'refused' }
}
