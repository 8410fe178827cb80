/** What customers were told of their wait, and how long it was: of the embedded desk's tasks, or in the mean where it is real. */
import { useMemo } from 'react'
import { useAnswer } from './api.ts'
import { type MetricSample, samplesOf } from './metrics-text.ts'
import { Trend } from './trend.tsx'
import { span, spanOfSeconds } from './words.ts'

interface Task {
  taskId: string
  origin: string
  history: { state: string; time: string }[]
  estimatedWaitTime?: number | string | null
}

interface Waited {
  taskId: string
  origin: string
  ended_s: number
  told_s: number | null
  real_s: number
}

const shown_max = 100
const listed_max = 6

export function Waits({ metrics }: { metrics: string }) {
  const { answer, problem } = useAnswer<{ items: Task[] }>('/desk/tasks', 3_000)
  const waits = useMemo(() => waitsOf(answer?.items ?? []), [answer])
  const at = useMemo(() => waits.map(({ ended_s }) => ended_s), [waits])
  const lines = useMemo(
    () => [
      { label: 'real', colour: '--accent', values: waits.map(({ real_s }) => real_s) },
      { label: 'told', colour: '--queue', values: waits.map(({ told_s }) => told_s), isDashed: true },
    ],
    [waits],
  )
  return (
    <article className="tile">
      <h2>Waits: told and real</h2>
      {waits.length === 0 && (
        <p className="hint">{problem === undefined ? 'Nobody has waited yet.' : meansIn(metrics)}</p>
      )}
      {waits.length > 0 && (
        <>
          <Trend
            label="Waits as they were told and as they were, by the moment they ended"
            at={at}
            lines={lines}
            words={spanOfSeconds}
            showsPoints
          />
          <table>
            <tbody>
              {waits
                .slice(-listed_max)
                .toReversed()
                .map(({ taskId, origin, told_s, real_s }) => (
                  <tr key={taskId}>
                    <th scope="row">
                      <bdi>{origin}</bdi>
                    </th>
                    <td className="number">{told_s === null ? 'told nothing' : `told ${span(told_s * 1_000)}`}</td>
                    <td className="number">{span(real_s * 1_000)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </>
      )}
    </article>
  )
}

/** Of tasks that an agent took, oldest first. */
function waitsOf(tasks: Task[]): Waited[] {
  return tasks
    .flatMap(({ taskId, origin, history, estimatedWaitTime }) => {
      const began = history[0]?.time
      const ended = history.find(({ state }) => state === 'ROUTED')?.time
      if (began === undefined || ended === undefined) return []
      const ended_s = Date.parse(ended) / 1_000
      const told = Number(estimatedWaitTime)
      return [{ taskId, origin, ended_s, told_s: told > 0 ? told : null, real_s: ended_s - Date.parse(began) / 1_000 }]
    })
    .sort((a, b) => a.ended_s - b.ended_s)
    .slice(-shown_max)
}

/** Since this node began, where the contact centre is another one. */
function meansIn(metrics: string): string {
  const sum = (samples: MetricSample[]) => samples.reduce((total, { value }) => total + value, 0)
  const [told, real] = ['estimated', 'actual'].map((which) => {
    const [seconds, count] = ['sum', 'count'].map((end) =>
      sum(samplesOf(metrics, `parley_${which}_wait_seconds_${end}`)),
    )
    return count ? span(((seconds ?? 0) / count) * 1_000) : undefined
  })
  return told && real
    ? `In the mean told ${told}, waited ${real}.`
    : 'Nobody who was told of a wait has been served yet.'
}
