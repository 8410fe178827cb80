/** The drawing of a machine on a page: where a conversation is, what it did last, how often each way was gone; zoomed and scrolled. */
import { useEffect, useRef, useState } from 'react'
import { withParents } from '../runtime/chart/taken.ts'
import { useAnswer } from './api.ts'
import type { Warmth } from './coverage.tsx'
import { Problem } from './parts.tsx'

export interface ChartMarks {
  /** The state that is lit, with all that hold it. */
  state?: string
  /** Ids of transitions just taken. */
  taken?: readonly string[]
  /** How often each state and each way was gone. */
  warmth?: Warmth
}

const zooms = [0.4, 0.55, 0.7, 0.85, 1, 1.25, 1.6]

export function ChartView({ machine, version, marks }: { machine: string; version: string; marks: ChartMarks }) {
  const { answer: svg, problem } = useAnswer<string>(
    `/v1/machines/${encodeURIComponent(machine)}/${encodeURIComponent(version)}/drawing`,
  )
  const box = useRef<HTMLDivElement>(null)
  const paper = useRef<HTMLDivElement>(null)
  const [zoom, setZoom] = useState(0.85)
  const { state, taken, warmth } = marks

  useEffect(() => {
    if (!paper.current || svg === undefined) return
    // The node's own drawing: names in it are escaped there.
    paper.current.innerHTML = svg
    bringIntoSight(box.current, paper.current.querySelector('.state.atomic'))
  }, [svg])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new drawing is marked anew
  useEffect(() => {
    const drawing = paper.current?.querySelector('svg')
    if (!drawing) return
    const { width, height } = drawing.viewBox.baseVal
    drawing.setAttribute('width', String(width * zoom))
    drawing.setAttribute('height', String(height * zoom))
  }, [svg, zoom])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new drawing is marked anew
  useEffect(() => {
    const drawing = paper.current?.querySelector('svg')
    if (!drawing) return
    for (const one of drawing.querySelectorAll('.lit, .taken')) one.classList.remove('lit', 'taken')
    for (const path of state === undefined ? [] : withParents(state)) {
      if (path !== '') drawing.querySelector(`[data-state="${CSS.escape(path)}"]`)?.classList.add('lit')
    }
    for (const text of drawing.querySelectorAll<SVGTextElement>('[data-transitions]')) {
      const ids = text.dataset.transitions?.split('\n') ?? []
      if (!taken?.some((id) => ids.includes(id))) continue
      text.classList.add('taken')
      const { source = '', target = '' } = (text.closest('.label') as SVGGElement).dataset
      drawing
        .querySelector(`.arrow[data-source="${CSS.escape(source)}"][data-target="${CSS.escape(target)}"]`)
        ?.classList.add('taken')
    }
    if (state !== undefined) bringIntoSight(box.current, drawing.querySelector(`[data-state="${CSS.escape(state)}"]`))
  }, [svg, state, taken, zoom])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new drawing is marked anew
  useEffect(() => {
    const drawing = paper.current?.querySelector('svg')
    if (drawing) warm(drawing, warmth)
  }, [svg, warmth])

  const step = (by: number) => setZoom(zooms[Math.min(zooms.length - 1, Math.max(0, zooms.indexOf(zoom) + by))] ?? 1)
  return (
    <div className="chart-view">
      <div className="zoom">
        <button type="button" onClick={() => step(-1)} aria-label="Smaller">
          −
        </button>
        <button type="button" onClick={() => step(1)} aria-label="Larger">
          +
        </button>
      </div>
      <Problem text={problem} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="chart-box" ref={box} tabIndex={0} aria-label={`Statechart of ${machine}`}>
        {svg === undefined && problem === undefined ? <p className="loading">Drawing…</p> : null}
        <div ref={paper} />
      </section>
    </div>
  )
}

/** A line is as warm as the warmest of the transitions it stands for; one that none went is dashed. */
function warm(drawing: SVGSVGElement, warmth: Warmth | undefined) {
  const mark = (one: SVGElement, heat: number | undefined) => {
    one.classList.toggle('warm', heat !== undefined && heat > 0)
    one.classList.toggle('never', heat === 0)
    one.style.setProperty('--heat', (heat ?? 0).toFixed(2))
  }
  for (const one of drawing.querySelectorAll<SVGGElement>('.state')) {
    mark(one, warmth && (warmth.states.get(one.dataset.state ?? '') ?? 0))
  }
  for (const label of drawing.querySelectorAll<SVGGElement>('.label')) {
    const { source = '', target = '' } = label.dataset
    const heats = [...label.querySelectorAll<SVGTextElement>('[data-transitions]')].map((text) => {
      const ids = text.dataset.transitions?.split('\n') ?? []
      const heat = warmth?.transitions && Math.max(0, ...ids.map((id) => warmth.transitions?.get(id) ?? 0))
      mark(text, heat)
      say(text, heat === undefined || !warmth ? undefined : ids.map((id) => warmth.wordsOf(id)).join(', '))
      return heat
    })
    const arrow = `.arrow[data-source="${CSS.escape(source)}"][data-target="${CSS.escape(target)}"]`
    const most = heats.includes(undefined) ? undefined : Math.max(...(heats as number[]))
    for (const line of drawing.querySelectorAll<SVGGElement>(arrow)) mark(line, most)
  }
}

/** What is told where a pointer rests on a label, and to screen readers. */
function say(text: SVGTextElement, words: string | undefined) {
  text.querySelector('title')?.remove()
  if (words === undefined) return
  const title = document.createElementNS('http://www.w3.org/2000/svg', 'title')
  title.textContent = `${text.textContent}: ${words}`
  text.append(title)
}

function bringIntoSight(box: HTMLElement | null, state: Element | null) {
  if (!box || !state) return
  const [outer, inner] = [box.getBoundingClientRect(), state.getBoundingClientRect()]
  box.scrollTo({
    left: box.scrollLeft + inner.x - outer.x - (outer.width - inner.width) / 2,
    top: box.scrollTop + inner.y - outer.y - (outer.height - inner.height) / 2,
    behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth',
  })
}
