/** How often each way of a chart was gone, as warmth on the drawing, as a legend, and in words for whoever does not see colours. */
import type { Chart } from '../machines/chart.ts'
import type { CoverageReading } from '../runtime/machine-doors.ts'

export interface Count {
  states: Record<string, number>
  /** By id; without them only states are coloured. */
  transitions?: Record<string, number>
  /** What is counted: a path, a turn, a conversation. */
  unit: string
}

/** From 0, never, to 1, the most; by powers, since a few ways are gone a hundred times as often as the rest. */
export interface Warmth {
  states: ReadonlyMap<string, number>
  transitions: ReadonlyMap<string, number> | undefined
  /** What is said of a transition by its id. */
  wordsOf: (id: string) => string
}

export function warmthOf({ states, transitions, unit }: Count): Warmth {
  return {
    states: scaled(states),
    transitions: transitions && scaled(transitions),
    wordsOf: (id) => amount(transitions?.[id] ?? 0, unit),
  }
}

function scaled(counts: Record<string, number>): ReadonlyMap<string, number> {
  const most = Math.log1p(Math.max(1, ...Object.values(counts)))
  return new Map(Object.entries(counts).map(([key, count]) => [key, Math.log1p(count) / most]))
}

const amount = (count: number, unit: string): string =>
  count === 0 ? `no ${unit}` : `${count.toLocaleString()} ${unit}${count === 1 ? '' : 's'}`

export function Legend({ about, count }: { about: string; count: Count | undefined }) {
  const { unit, transitions, states } = count ?? {}
  const most = Math.max(0, ...Object.values(transitions ?? states ?? {}))
  return (
    <p className="legend">
      {unit !== undefined && (
        <span className="scale">
          <i className="never" aria-hidden="true" /> never
          <i className="warmths" aria-hidden="true" /> {most > 1 ? `1 to ${amount(most, unit)}` : amount(most, unit)}
        </span>
      )}
      <span role="status">{about}</span>
    </p>
  )
}

/** Every transition in words, those that were gone least first. */
export function WaysTable({ chart, paths, traffic }: CoverageReading & { chart: Chart }) {
  const rows = chart.transitions
    .map((one) => ({ ...one, walked: paths?.transitions[one.id] ?? 0, taken: traffic.transitions[one.id] ?? 0 }))
    .sort((a, b) => a.walked - b.walked || a.taken - b.taken)
  return (
    <details className="ways">
      <summary>Every way in words ({rows.length})</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section tabIndex={0} aria-label="Every way in words">
        <table>
          <thead>
            <tr>
              <th scope="col">In</th>
              <th scope="col">hears</th>
              <th scope="col">goes to</th>
              <th scope="col" className="number">
                {paths ? `of ${paths.paths} paths` : 'paths'}
              </th>
              <th scope="col" className="number">
                turns
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, source, words, guard, target, walked, taken }) => (
              <tr key={id}>
                <th scope="row">{source || chart.machine}</th>
                <td>{[words || 'at once', guard && `[${guard}]`].filter(Boolean).join(' ')}</td>
                <td>{target ?? 'stays'}</td>
                <td className="number" title={paths?.unreachable[id]}>
                  {paths?.unreachable[id] ? 'cannot be reached' : paths ? walked : '–'}
                </td>
                <td className="number">{target === undefined ? '–' : taken}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  )
}
