/**
 * A drawing as SVG text that stands on its own: nested boxes, lines with round corners, labels; light or dark as its reader
 * prefers, or as a page says by `data-theme`. Pure.
 *
 * For a page that shows it live: every state is a `g.state[data-state="inQueue.queued"]`, every line a
 * `g.arrow[data-source][data-target]` and the `g.label` of the same, whose
 * `text[data-transitions]` names the ids of the transitions it stands for, a line each; the classes `lit`, `was`, `taken`
 * and `--heat` on any of them are styled here.
 */
import type { ChartTransition } from '../../machines/chart.ts'
import { type Arrow, type Drawing, labelOf, type Point, text_px } from './layout.ts'

export function svgOf(drawing: Drawing): string {
  const { width, height, machine, version } = drawing
  const depth = (path: string) => (path === '' ? 0 : path.split('.').length)
  const states = [...drawing.states].sort((a, b) => depth(a.path) - depth(b.path))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(`The chart of ${machine}, version ${version}`)}">`,
    `<style>${style}</style>`,
    `<defs>${heads.map(head).join('')}</defs>`,
    ...states.map(stateSvg),
    ...drawing.begins.map(
      ({ points }) =>
        `<g class="begin"><circle cx="${points[0]!.x}" cy="${points[0]!.y - 4.5}" r="4.5"/><path d="${pathThrough(points)}" marker-end="url(#head)"/></g>`,
    ),
    ...drawing.anys.map(
      ({ box: { x, y, width, height } }) =>
        `<g class="any"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${height / 2}"/><text x="${x + width / 2}" y="${y + 14}" text-anchor="middle">any of these</text></g>`,
    ),
    ...drawing.arrows.map(arrowLine),
    ...drawing.arrows.map(arrowLabel),
    '</svg>',
    '',
  ].join('\n')
}

const heads = ['head', 'head-taken']
const head = (id: string): string =>
  `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="9" orient="auto-start-reverse"><path class="${id}" d="M0,0.8 L7.4,4 L0,7.2 z"/></marker>`

function stateSvg({ path, name, kind, box, lines, entry, exit, asks, stays }: Drawing['states'][number]): string {
  const { x, y, width, height } = box
  const said = [
    path || name,
    ...listed('asks', asks),
    ...listed('entry', entry),
    ...listed('exit', exit),
    ...stays.map((stay) => `stays: ${describe(stay)}`),
  ]
  const title = kind === 'root' || kind === 'compound' ? ` class="name"` : ` class="name" text-anchor="middle"`
  const nameX = kind === 'root' || kind === 'compound' ? x + 14 : x + width / 2
  const rows = lines.map(
    (line, row) =>
      `<text class="line" x="${x + width / 2}" y="${y + 34 + row * text_px.rowHeight}" text-anchor="middle">${escaped(line)}</text>`,
  )
  return [
    `<g class="state ${kind}" data-state="${escaped(path)}"><title>${escaped(said.join('\n'))}</title>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${kind === 'atomic' || kind === 'final' ? 8 : 12}"/>`,
    `<text${title} x="${nameX}" y="${y + 20}">${escaped(name)}</text>${rows.join('')}</g>`,
  ].join('')
}

const listed = (what: string, names: string[]): string[] => (names.length > 0 ? [`${what}: ${names.join(', ')}`] : [])

/** A transition in words: what is heard, under which condition, what it does. */
function describe(transition: ChartTransition): string {
  const does = transition.actions.length > 0 ? ` / ${transition.actions.join(', ')}` : ''
  return labelOf(transition) + does
}

const ends = ({ source, target }: Arrow): string => `data-source="${escaped(source)}" data-target="${escaped(target)}"`

const arrowLine = (arrow: Arrow): string =>
  `<g class="arrow" ${ends(arrow)}><path d="${pathThrough(arrow.points)}" marker-end="url(#head)"/></g>`

function arrowLabel(arrow: Arrow): string {
  const { x, y, width, height } = arrow.label
  const said = arrow.rows.flatMap(({ transitions }) =>
    transitions.map((one) => `${one.source} · ${describe(one)} → ${one.target}`),
  )
  const texts = arrow.rows.map(
    ({ text, transitions }, row) =>
      `<text data-transitions="${escaped(transitions.map(({ id }) => id).join('\n'))}" x="${x + width / 2}" y="${y + 10.5 + row * text_px.rowHeight}" text-anchor="middle">${escaped(text)}</text>`,
  )
  return `<g class="label" ${ends(arrow)}><title>${escaped(said.join('\n'))}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="4"/>${texts.join('')}</g>`
}

const corner_px = 6

/** Straight lines with round corners. */
function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (!first) return ''
  const turns = rest.map((point, index) => {
    const next = rest[index + 1]
    if (!next) return `L${point.x},${point.y}`
    const from = towards(point, rest[index - 1] ?? first)
    const to = towards(point, next)
    return `L${from.x},${from.y} Q${point.x},${point.y} ${to.x},${to.y}`
  })
  return [`M${first.x},${first.y}`, ...turns].join(' ')
}

/** A little way from a corner to another point. */
function towards(corner: Point, other: Point): Point {
  const [dx, dy] = [other.x - corner.x, other.y - corner.y]
  const length = Math.hypot(dx, dy) || 1
  const way = Math.min(corner_px, length / 2) / length
  return { x: round(corner.x + dx * way), y: round(corner.y + dy * way) }
}

const round = (value: number): number => Math.round(value * 10) / 10

export const escaped = (text: string): string => text.replace(/[&<>"'\n]/g, (sign) => `&#${sign.charCodeAt(0)};`)

const light =
  '--chart-box:#fff;--chart-inner:#f6f7fa;--chart-line:#c9ced9;--chart-text:#1c2331;--chart-soft:#5b6577;--chart-arrow:#8a93a6;--chart-lit:#0f766e;--chart-lit-box:#d5f5ee;--chart-taken:#b45309;--chart-label:#fffffff0;'
const dark =
  '--chart-box:#1b2230;--chart-inner:#151b27;--chart-line:#39445a;--chart-text:#e7ebf3;--chart-soft:#9aa6bd;--chart-arrow:#66728b;--chart-lit:#2dd4bf;--chart-lit-box:#123b3a;--chart-taken:#f59e0b;--chart-label:#151b27f0;'

const style = [
  `.chart{${light}font:${text_px.label}px ui-sans-serif,system-ui,"Segoe UI",Helvetica,Arial,sans-serif}`,
  `@media (prefers-color-scheme:dark){.chart{${dark}}}`,
  `[data-theme=light] .chart{${light}}[data-theme=dark] .chart{${dark}}`,
  '.chart .state rect{fill:var(--chart-box);stroke:var(--chart-line);stroke-width:1.2}',
  '.chart .state.compound rect,.chart .state.root rect{fill:var(--chart-inner)}',
  '.chart .state.final rect{stroke-width:3}',
  `.chart .name{fill:var(--chart-text);font-size:${text_px.state}px;font-weight:600}`,
  `.chart .line{fill:var(--chart-soft);font-size:${text_px.line}px}`,
  '.chart .arrow path,.chart .begin path{fill:none;stroke:var(--chart-arrow);stroke-width:1.2}',
  '.chart .begin circle,.chart path.head{fill:var(--chart-arrow)}.chart path.head-taken{fill:var(--chart-taken)}',
  '.chart .any rect{fill:none;stroke:var(--chart-line);stroke-dasharray:3 3}.chart .any text{fill:var(--chart-soft)}',
  '.chart .label rect{fill:var(--chart-label)}.chart .label text{fill:var(--chart-soft)}',
  '.chart .state.lit>rect{stroke:var(--chart-lit);stroke-width:2.4}',
  '.chart .state.atomic.lit>rect,.chart .state.final.lit>rect{fill:var(--chart-lit-box)}',
  '.chart .arrow.taken path{stroke:var(--chart-taken);stroke-width:2.4;marker-end:url(#head-taken)}',
  '.chart .label text.taken{fill:var(--chart-taken);font-weight:700}',
  '.chart .state.atomic:hover>rect{stroke:var(--chart-text)}.chart .label:hover text{fill:var(--chart-text)}',
].join('')
