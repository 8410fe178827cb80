/** Every statechart of this build, warm where conversations are now. */
import { useMemo, useState } from 'react'
import type { MachineReading } from '../runtime/chart/drawings.ts'
import type { Page } from '../runtime/reading.ts'
import { useAnswer } from './api.ts'
import { ChartView } from './chart-view.tsx'
import { CopyButton, Problem } from './parts.tsx'
import { linkTo } from './route.ts'
import { withParents } from './taken.ts'

export function Machines({ id }: { id: string | undefined }) {
  const { answer, problem } = useAnswer<{ items: MachineReading[] }>('/v1/machines')
  const { answer: page } = useAnswer<Page>('/v1/conversations?limit=500', 3_000)
  const [isWarm, setWarm] = useState(true)
  const machines = answer?.items ?? []
  const machine = machines.find((one) => one.id === id) ?? machines[0]
  const heat = useMemo(() => {
    const counts = new Map<string, number>()
    for (const one of page?.items ?? []) {
      if (one.machine !== machine?.id) continue
      for (const state of withParents(one.state)) counts.set(state, (counts.get(state) ?? 0) + 1)
    }
    return counts
  }, [page, machine?.id])
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
        <button type="button" aria-pressed={isWarm} onClick={() => setWarm(!isWarm)}>
          Where conversations are ({heat.get('') ?? 0})
        </button>
        {machine && (
          <CopyButton
            label="Copy for Stately"
            what={`the XState config of ${machine.id}`}
            text={() => JSON.stringify(machine.definition, null, 2)}
          />
        )}
      </header>
      <Problem text={problem} />
      {machine && (
        <ChartView
          key={machine.id}
          machine={machine.id}
          version={machine.version}
          marks={{ heat: isWarm ? heat : new Map() }}
        />
      )}
    </section>
  )
}
