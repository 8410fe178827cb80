/** The cost curve as a picture: for each axis the turns a second over it, both on logarithmic scales. Pure; SVG 1.1. */
import { type Axis, axisTitles } from './axes.ts'
import type { Point } from './curve.ts'

const panel = { width: 300, height: 210, left: 52, right: 18, top: 34, bottom: 44 } as const
const per_row = 2
const tick_length = 4
const dot_radius = 3.5

/** Readable on light and dark pages: it brings its own ground. */
export function plotOf(points: readonly Point[]): string {
  const drawn = [...new Set(points.map(({ axis }) => axis))]
  const rows = Math.ceil(drawn.length / per_row)
  const [width, height] = [panel.width * Math.min(per_row, drawn.length), panel.height * rows]
  const top_per_s = 10 ** Math.ceil(Math.log10(Math.max(1, ...points.map(({ turnsPerS }) => turnsPerS))))
  const panels = drawn.map((axis, place) => {
    const at = `translate(${(place % per_row) * panel.width} ${Math.floor(place / per_row) * panel.height})`
    const own = points.filter((point) => point.axis === axis)
    return `<g transform="${at}">${panelOf(axis, own, top_per_s)}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11">
<title>Turns a second, by what is varied</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${panels.join('\n')}
</svg>
`
}

function panelOf(axis: Axis, points: readonly Point[], top_per_s: number): string {
  const x = scale(
    points.map(({ value }) => value),
    panel.left,
    panel.width - panel.right,
  )
  const y = scale([top_per_s / 100, top_per_s], panel.height - panel.bottom, panel.top)
  const places = points.map(({ value, turnsPerS }) => ({ left: x(value), top: y(turnsPerS), value, turnsPerS }))
  const ground = panel.height - panel.bottom
  const levels = [top_per_s / 100, top_per_s / 10, top_per_s].map(
    (level) =>
      `<path d="M${panel.left} ${y(level)}H${panel.width - panel.right}" stroke="#ddd"/>${text(panel.left - 6, y(level) + 4, 'end', compact(level))}`,
  )
  const ticks = places.map(
    ({ left, value }) =>
      `<path d="M${left} ${ground}v${tick_length}" stroke="#555"/>${text(left, ground + 16, 'middle', compact(value))}`,
  )
  const line = `<polyline points="${places.map(({ left, top }) => `${left},${top}`).join(' ')}" fill="none" stroke="#0b62c4" stroke-width="2"/>`
  const dots = places.map(
    ({ left, top, turnsPerS }) =>
      `<circle cx="${left}" cy="${top}" r="${dot_radius}" fill="#0b62c4"/>${text(left, top - 8, 'middle', String(turnsPerS))}`,
  )
  const names = [
    text(panel.left, 16, 'start', 'turns a second'),
    text((panel.left + panel.width - panel.right) / 2, panel.height - 8, 'middle', axisTitles[axis]),
  ]
  return [...levels, ...ticks, line, ...dots, ...names].join('')
}

/** From values to places, by their logarithm; a single value lies in the middle. */
function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const logs = values.map(Math.log10)
  const [low, high] = [Math.min(...logs), Math.max(...logs)]
  const share = (value: number) => (high === low ? 0.5 : (Math.log10(value) - low) / (high - low))
  return (value) => Math.round(from + share(Math.max(value, 10 ** low)) * (to - from))
}

const text = (x: number, y: number, anchor: string, words: string): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#222">${words}</text>`

const compact = (value: number): string =>
  value >= 1_000_000 ? `${value / 1_000_000} M` : value >= 1_000 ? `${value / 1_000} k` : String(value)
