/** How long the oldest message and the oldest effect have waited, over the last minutes: read from the node's metrics. */
import { useEffect, useMemo, useState } from 'react'
import { samplesOf } from './metrics-text.ts'
import { Trend } from './trend.tsx'
import { spanOfSeconds } from './words.ts'

interface Sample {
  at_s: number
  inbox: number | null
  outbox: number | null
}

const kept_s = 10 * 60
/** Kept by the tab, so that looking at another page leaves no more than a gap. */
let samples: Sample[] = []

export function Ages({ metrics }: { metrics: string | undefined }) {
  const [shown, setShown] = useState(samples)
  useEffect(() => {
    if (metrics === undefined) return
    const at_s = Date.now() / 1_000
    const one = { at_s, inbox: valueIn(metrics, 'inbox'), outbox: valueIn(metrics, 'outbox') }
    samples = [...samples.filter((known) => known.at_s > at_s - kept_s), one]
    setShown(samples)
  }, [metrics])
  const at = useMemo(() => shown.map(({ at_s }) => at_s), [shown])
  const lines = useMemo(
    () => [
      { label: 'inbox', colour: '--accent', values: shown.map(({ inbox }) => inbox) },
      { label: 'outbox', colour: '--queue', values: shown.map(({ outbox }) => outbox), isDashed: true },
    ],
    [shown],
  )
  return (
    <article className="tile">
      <h2>Oldest that waits</h2>
      <Trend
        label="Age of the inbox and of the outbox over the last minutes"
        at={at}
        lines={lines}
        words={spanOfSeconds}
      />
      <p className="hint">
        Inbox: the oldest event that is not turned. Outbox: the oldest turn of which an effect has not ended.
      </p>
    </article>
  )
}

const valueIn = (metrics: string, box: 'inbox' | 'outbox'): number | null =>
  samplesOf(metrics, `parley_${box}_oldest_seconds`)[0]?.value ?? null
