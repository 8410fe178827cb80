/**
 * Where everything of a chart lies: states in states, and one line for all transitions of the same two states. By ELK's
 * layered layout, whole chart at once. Pure but for the time it takes (half a second): `draw.ts` does it in a thread.
 */

import elk from 'elkjs/lib/elk.bundled.js'
import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'
import type { Chart, ChartState, ChartTransition } from '../../machines/chart.ts'

export interface Point {
  x: number
  y: number
}

export interface Box extends Point {
  width: number
  height: number
}

export interface Drawing {
  machine: string
  version: string
  width: number
  height: number
  states: (ChartState & { box: Box; lines: string[]; stays: ChartTransition[] })[]
  arrows: Arrow[]
  /** Where a compound state begins: the line from a dot to its initial child. */
  begins: { path: string; points: Point[] }[]
  /** Stands for every child of the state, where lines leave from all of them. */
  anys: { path: string; box: Box }[]
}

/** All that leads from one state to its sibling, from within it or into it too. */
export interface Arrow {
  source: string
  target: string
  points: Point[]
  label: Box
  rows: Row[]
}

/** One line of a label, and the transitions it stands for. */
export interface Row {
  text: string
  transitions: ChartTransition[]
}

export const text_px = { state: 13, line: 11, label: 10.5, rowHeight: 14, padding: 10 }

/** The package says of itself that it is a module, and is none. */
const Elk = elk as unknown as new () => ELK

export async function layOut(chart: Chart): Promise<Drawing> {
  const goings = linesOf(chart)
  const laid = await new Elk().layout(graphOf(chart, goings))
  const boxes = new Map<string, Box>()
  const edges = new Map<string, ElkExtendedEdge>()
  const visit = (node: ElkNode) => {
    for (const edge of node.edges ?? []) edges.set(edge.id, edge)
    boxes.set(node.id, { x: node.x ?? 0, y: node.y ?? 0, width: node.width ?? 0, height: node.height ?? 0 })
    for (const child of node.children ?? []) visit(child)
  }
  visit(laid)
  return {
    machine: chart.machine,
    version: chart.version,
    width: Math.ceil(laid.width ?? 0),
    height: Math.ceil(laid.height ?? 0),
    states: chart.states.map((state) => ({
      ...state,
      box: boxes.get(idOf(state.path))!,
      lines: detailsOf(state),
      stays: chart.transitions.filter(({ source, target }) => source === state.path && target === undefined),
    })),
    arrows: goings.map((going, index) => {
      const edge = edges.get(`edge ${index}`)!
      const { x = 0, y = 0, width = 0, height = 0 } = edge.labels?.[0] ?? {}
      return { ...going, points: pointsOf(edge), label: { x, y, width, height } }
    }),
    begins: chart.states
      .filter(({ isInitial }) => isInitial)
      .map(({ path }) => ({ path, points: pointsOf(edges.get(`begin ${path}`)!) })),
    anys: goings.filter(isFromAll).map(({ target }) => {
      const path = parentOf(target)
      return { path, box: boxes.get(anyOf(path))! }
    }),
  }
}

/** The line of a label: what is heard, and under which condition. */
export const labelOf = ({ words, guard }: ChartTransition): string =>
  [words, guard && `[${guard}]`].filter(Boolean).join(' ') || 'otherwise'

/** What stands in a state's box below its name. */
const detailsOf = ({ kind, asks, entry }: ChartState): string[] =>
  kind === 'root' || kind === 'compound'
    ? []
    : [...asks.map((ask) => `asks ${ask}`), ...entry.map((name) => `↳ ${name}`)]

type Going = Pick<Arrow, 'source' | 'target' | 'rows'>

/** One line between two siblings, however many transitions it stands for, each of them with its deepest ends in its words. */
function linesOf({ transitions }: Chart): Going[] {
  const goings = new Map<string, Going>()
  for (const transition of transitions) {
    const { target } = transition
    if (target === undefined) continue
    const ends = lifted(transition.source, target)
    const key = `${ends.source} ${ends.target}`
    const going = goings.get(key) ?? { ...ends, rows: [] }
    const isWhole = ends.source === transition.source && ends.target === target
    const text = isWhole ? labelOf(transition) : transition.words || 'otherwise'
    const row = going.rows.find((one) => one.text === text)
    if (row) row.transitions.push(transition)
    else going.rows.push({ text, transitions: [transition] })
    goings.set(key, going)
  }
  return [...goings.values()].map((going) => ({ ...going, rows: shortened(going.rows) }))
}

const rows_max = 6

function shortened(rows: Row[]): Row[] {
  if (rows.length <= rows_max) return rows
  const rest = rows.slice(rows_max - 1)
  const transitions = rest.flatMap((row) => row.transitions)
  return [...rows.slice(0, rows_max - 1), { text: `and ${rest.length} more`, transitions }]
}

/** Both ends as children of the innermost state that holds them; a source that holds its target is all its children. */
function lifted(source: string, target: string): { source: string; target: string } {
  const [from, to] = [stepsOf(source), stepsOf(target)]
  let depth = 0
  while (depth < to.length - 1 && depth < from.length && from[depth] === to[depth]) depth++
  return { source: from.slice(0, depth + 1).join('.'), target: to.slice(0, depth + 1).join('.') }
}

const stepsOf = (path: string): string[] => (path === '' ? [] : path.split('.'))
const parentOf = (path: string): string => stepsOf(path).slice(0, -1).join('.')
const isFromAll = ({ source, target }: Going): boolean => source === parentOf(target)
const anyOf = (path: string): string => `any ${path}`

/** ELK takes any text but an empty one. */
const idOf = (path: string): string => (path === '' ? 'root' : path)
const widthOf = (text: string, px: number): number => Math.ceil(text.length * px * 0.58)

function graphOf(chart: Chart, goings: Going[]): ElkNode {
  const nodeOf = (state: ChartState): ElkNode => {
    const children = chart.states.filter(({ parent }) => parent === state.path)
    const id = idOf(state.path)
    if (children.length === 0) return { id, ...sizeOf(state) }
    const arrows = goings.flatMap((going, index) => (parentOf(going.target) === state.path ? edgeOf(going, index) : []))
    const begin = children.find(({ isInitial }) => isInitial)
    const dot = begin ? [{ id: `dot ${state.path}`, width: 9, height: 9 }] : []
    const begins = begin
      ? [{ id: `begin ${begin.path}`, sources: [`dot ${state.path}`], targets: [idOf(begin.path)] }]
      : []
    const isAnyUsed = goings.some((going) => parentOf(going.target) === state.path && isFromAll(going))
    const any = isAnyUsed ? [{ id: anyOf(state.path), width: 74, height: 20 }] : []
    return {
      id,
      layoutOptions: state.path === '' ? { ...inside, ...outermost } : inside,
      children: [...dot, ...children.map(nodeOf), ...any],
      edges: [...begins, ...arrows],
    }
  }
  return { id: 'drawing', layoutOptions: whole, children: [nodeOf(chart.states[0]!)] }
}

function edgeOf(going: Going, index: number): ElkExtendedEdge {
  const texts = going.rows.map(({ text }) => text)
  const width = Math.max(...texts.map((text) => widthOf(text, text_px.label))) + 8
  return {
    id: `edge ${index}`,
    sources: [isFromAll(going) ? anyOf(going.source) : idOf(going.source)],
    targets: [idOf(going.target)],
    labels: [{ id: `label ${index}`, text: texts.join('\n'), width, height: texts.length * text_px.rowHeight }],
  }
}

function sizeOf(state: ChartState): { width: number; height: number } {
  const lines = detailsOf(state)
  const widths = [widthOf(state.name, text_px.state), ...lines.map((line) => widthOf(line, text_px.line))]
  return { width: Math.max(...widths, 52) + 2 * text_px.padding, height: 30 + lines.length * text_px.rowHeight }
}

const inside = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.padding': '[top=38,left=14,bottom=14,right=14]',
  'elk.spacing.nodeNode': '16',
  'elk.spacing.edgeEdge': '8',
  'elk.spacing.edgeNode': '10',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '8',
  'elk.layered.spacing.edgeNodeBetweenLayers': '10',
  'elk.layered.considerModelOrder.strategy': 'PREFER_NODES',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.compaction.postCompaction.strategy': 'EDGE_LENGTH',
  'elk.edgeLabels.inline': 'true',
}

const outermost = { 'elk.direction': 'DOWN' }

const whole = {
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.padding': '[top=8,left=8,bottom=8,right=8]',
}

function pointsOf(edge: ElkExtendedEdge): Point[] {
  const [section] = edge.sections ?? []
  return section ? [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] : []
}
