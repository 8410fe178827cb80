/**
 * Reads the `Retry-After` header of an answer. Pure: the time is handed in, so that virtual time holds here too.
 */

/**
 * Milliseconds to wait, from delay-seconds or an HTTP-date (RFC 9110, 10.2.3). A date in the past is 0.
 * Undefined when the header is absent or unreadable: then the caller's own back-off decides.
 */
export function retryAfterMs(header: string | null, now_ms: number): number | undefined {
  const value = header?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1_000)
  if (!/[a-z]/i.test(value)) return undefined
  const date_ms = Date.parse(value)
  return Number.isNaN(date_ms) ? undefined : Math.max(0, date_ms - now_ms)
}
