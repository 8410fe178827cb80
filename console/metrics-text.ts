/** Prometheus text, as far as the console reads it. Pure. */
export interface MetricSample {
  labels: Record<string, string>
  value: number
}

/** Samples of one metric. */
export function samplesOf(text: string, name: string): MetricSample[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => ({
      labels: Object.fromEntries([...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
      value: Number(line.slice(line.lastIndexOf(' ') + 1)),
    }))
}
