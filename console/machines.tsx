/** Every statechart of this build, coloured by what generated paths walk, by real turns, or by where conversations are now. */
import { useMemo, useState } from 'react'
import type { Chart } from '../machines/chart.ts'
import type { MachineReading } from '../runtime/chart/drawings.ts'
import { withParents } from '../runtime/chart/taken.ts'
import type { CoverageReading } from '../runtime/machine-doors.ts'
import type { Page } from '../runtime/reading.ts'
import { useAnswer } from './api.ts'
import { ChartView } from './chart-view.tsx'
import { type Count, Legend, WaysTable, warmthOf } from './coverage.tsx'
import { CopyButton, Problem } from './parts.tsx'
import { linkTo } from './route.ts'

const views = { paths: 'Generated paths', traffic: 'Real traffic', now: 'Where conversations are' } as const
type View = keyof typeof views

export function Machines({ id }: { id: string | undefined }) {
  const { answer, problem } = useAnswer<{ items: MachineReading[] }>('/v1/machines')
  const [view, setView] = useState<View>('paths')
  const machines = answer?.items ?? []
  const machine = machines.find((one) => one.id === id) ?? machines[0]
  return (
    <section className="page machines">
      <header>
        <h1>Machines</h1>
        <div className="tabs" role="tablist" aria-label="Machine">
          {machines.map((one) => (
            <a
              key={`${one.id} ${one.version}`}
              role="tab"
              aria-selected={one === machine}
              href={linkTo('machines', one.id)}
            >
              {one.id} <small>v{one.version}</small>
            </a>
          ))}
        </div>
        <fieldset className="switches">
          <legend className="unseen">Coloured by</legend>
          {(Object.keys(views) as View[]).map((name) => (
            <button key={name} type="button" aria-pressed={view === name} onClick={() => setView(name)}>
              {views[name]}
            </button>
          ))}
        </fieldset>
        {machine && (
          <CopyButton
            label="Copy for Stately"
            what={`the XState config of ${machine.id}`}
            text={() => JSON.stringify(machine.definition, null, 2)}
          />
        )}
      </header>
      <Problem text={problem} />
      {machine && <Coloured key={`${machine.id} ${machine.version}`} machine={machine} view={view} />}
    </section>
  )
}

function Coloured({ machine: { id, version, chart }, view }: { machine: MachineReading; view: View }) {
  const path = `/v1/machines/${encodeURIComponent(id)}/${encodeURIComponent(version)}/coverage`
  const { answer: coverage, problem } = useAnswer<CoverageReading>(path, 3_000)
  const { answer: page } = useAnswer<Page>(view === 'now' ? '/v1/conversations?limit=500' : undefined, 3_000)
  const count = useMemo(() => countOf(view, id, coverage, page), [view, id, coverage, page])
  const warmth = useMemo(() => count && warmthOf(count), [count])
  return (
    <>
      <Problem text={problem} />
      <Legend about={aboutOf(view, chart, coverage, count)} count={count} />
      <ChartView machine={id} version={version} marks={warmth ? { warmth } : {}} />
      {coverage && view !== 'now' && <WaysTable chart={chart} {...coverage} />}
    </>
  )
}

/** Undefined while it is not known, or where it cannot be. */
function countOf(view: View, id: string, coverage: CoverageReading | undefined, page: Page | undefined) {
  if (view === 'now') return page && whereTheyAre(page.items.filter(({ machine }) => machine === id))
  if (!coverage) return undefined
  const { paths, traffic } = coverage
  if (view === 'paths') return paths ? { ...paths, unit: 'path' } : undefined
  return { ...traffic, unit: 'turn' }
}

function whereTheyAre(items: Page['items']): Count {
  const states: Record<string, number> = {}
  for (const { state } of items) {
    for (const path of withParents(state)) states[path] = (states[path] ?? 0) + 1
  }
  return { states, unit: 'conversation' }
}

/** What the colours stand for, in a sentence. */
function aboutOf(view: View, { transitions }: Chart, coverage: CoverageReading | undefined, count: Count | undefined) {
  if (view === 'now') return `${count?.states[''] ?? 0} conversations of this machine among the first 500.`
  if (!coverage) return 'Reading…'
  const { paths, traffic } = coverage
  if (view === 'traffic') {
    const seen = Object.keys(traffic.transitions).length
    const since = traffic.since === null ? '' : ` since ${new Date(traffic.since).toLocaleString()}`
    const more = traffic.isBehind ? ' Still counting.' : ''
    return `${traffic.turns.toLocaleString()} turns${since} went ${seen} of ${transitions.length} ways; what stays where it is, is not told apart.${more}`
  }
  if (!paths) return 'No paths were generated for this chart: parley paths does it.'
  const walked = transitions.filter((one) => (paths.transitions[one.id] ?? 0) > 0).length
  return `${paths.paths} generated paths of ${paths.steps.toLocaleString()} steps walk ${walked} of ${transitions.length} ways.`
}
