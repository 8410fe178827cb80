/** How long things took, kept as they come and told as percentiles. */

export interface LatencyRow {
  what: string
  count: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
  maxMs: number
}

export interface Latencies {
  add(what: string, ms: number): void
  rows(): LatencyRow[]
}

export function latencies(): Latencies {
  const all = new Map<string, number[]>()
  return {
    add(what, ms) {
      const known = all.get(what)
      if (known) known.push(ms)
      else all.set(what, [ms])
    },
    rows: () =>
      [...all].map(([what, unsorted]) => {
        const sorted = unsorted.toSorted((a, b) => a - b)
        const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0)
        return { what, count: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) }
      }),
  }
}
