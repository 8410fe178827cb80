/** Lines over time, drawn by uPlot; what they show last is said in words beside them. */
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

export interface TrendLine {
  label: string
  /** A custom property of the page's style, such as `--accent`. */
  colour: string
  /** Null where nothing is known. */
  values: (number | null)[]
  /** A dash tells lines apart without colours. */
  isDashed?: boolean
}

const height_px = 150
const shown_s_min = 60

/** `at` are moments in seconds since the epoch, `words` a value as it is said. */
export function Trend({
  label,
  at,
  lines,
  words,
  showsPoints = false,
}: {
  label: string
  at: number[]
  lines: TrendLine[]
  words: (value: number) => string
  showsPoints?: boolean
}) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const names = lines.map((line) => line.label).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: made again for other lines; their values are set below
  useEffect(() => {
    const element = place.current
    if (!element) return
    const made = new uPlot(optionsOf(element, lines, words, showsPoints), dataOf(at, lines), element)
    plot.current = made
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: height_px }))
    resized.observe(element)
    const themed = new MutationObserver(() => made.redraw(false, true))
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    return () => {
      resized.disconnect()
      themed.disconnect()
      made.destroy()
    }
  }, [names])
  useEffect(() => plot.current?.setData(dataOf(at, lines)), [at, lines])
  const last = lines.map((line) => ({ ...line, value: line.values.findLast((value) => value !== null) }))
  return (
    <figure className="trend">
      <figcaption>
        {last.map(({ label: name, colour, isDashed, value }) => (
          <span key={name}>
            <i className={isDashed ? 'dashed' : ''} style={{ borderColor: `var(${colour})` }} aria-hidden="true" />
            {name} <b>{value === undefined || value === null ? '–' : words(value)}</b>
          </span>
        ))}
      </figcaption>
      <div ref={place} role="img" aria-label={label} />
    </figure>
  )
}

const dataOf = (at: number[], lines: TrendLine[]): uPlot.AlignedData => [at, ...lines.map(({ values }) => values)]

function optionsOf(
  element: HTMLElement,
  lines: TrendLine[],
  words: (value: number) => string,
  showsPoints: boolean,
): uPlot.Options {
  const colourOf = (name: string) => () => getComputedStyle(element).getPropertyValue(name).trim()
  const axis = { stroke: colourOf('--soft'), grid: { stroke: colourOf('--line'), width: 1 }, ticks: { show: false } }
  return {
    width: element.clientWidth,
    height: height_px,
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false } },
    scales: {
      x: { range: (_plot, min, max) => [Math.min(min, max - shown_s_min), max] },
      y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] },
    },
    axes: [
      { ...axis, size: 26, space: 80, values: (_plot, splits) => splits.map(timeWords) },
      { ...axis, size: 56, values: (_plot, splits) => splits.map(words) },
    ],
    series: [
      {},
      ...lines.map(({ label, colour, isDashed }) => ({
        label,
        stroke: colourOf(colour),
        width: 2,
        ...(isDashed ? { dash: [5, 4] } : {}),
        // Otherwise where there are few, as uPlot has it.
        ...(showsPoints ? { points: { show: true } } : {}),
      })),
    ],
  }
}

const timeWords = (at_s: number): string => new Date(at_s * 1_000).toLocaleTimeString([], { hour12: false })
