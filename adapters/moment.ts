/**
 * Moments as providers write them, brought to one form. Pure: reads no clock.
 */

/** Below this, a count since the epoch is in seconds, not in milliseconds (1e11 ms is March 1973). */
const epoch_ms_min = 100_000_000_000

/**
 * ISO 8601 in UTC with milliseconds, or undefined when `raw` is no moment. Takes ISO with or without a zone (none is
 * UTC), `2026-03-02 14:05:11`, and seconds or milliseconds since the epoch as a number or a string.
 */
export function utcMoment(raw: unknown): string | undefined {
  const text = typeof raw === 'number' ? String(raw) : typeof raw === 'string' ? raw.trim() : ''
  const ms = /^\d{9,14}(\.\d+)?$/.test(text) ? epochMs(Number(text)) : Date.parse(withZone(text))
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

/** `2026-03-02T14:05:55Z`: to the second, as Engage takes it. A text that is no moment stays as it is. */
export function utcSecond(at: string): string {
  return utcMoment(at)?.replace(/\.\d+Z$/, 'Z') ?? at
}

const epochMs = (count: number): number => (count < epoch_ms_min ? count * 1_000 : count)

function withZone(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}([T ]|$)/.test(text)) return ''
  const iso = text.replace(' ', 'T')
  return !iso.includes('T') || /(Z|[+-]\d{2}:?\d{2})$/i.test(iso) ? iso : `${iso}Z`
}
