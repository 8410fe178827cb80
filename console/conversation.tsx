/** One conversation: its statechart, its turns, and a slider that takes both to any turn of the past. */
import { useEffect, useMemo, useState } from 'react'
import type { MachineReading } from '../runtime/chart/drawings.ts'
import { takenBy } from '../runtime/chart/taken.ts'
import type { ConversationReading, TurnReading } from '../runtime/history.ts'
import type { LedgerEntry } from '../runtime/ledger.ts'
import { withReceipts } from '../runtime/receipts.ts'
import { ask, follow, reasonOf, useAnswer } from './api.ts'
import { ChartView } from './chart-view.tsx'
import { ConversationActs } from './conversation-acts.tsx'
import { Memory, useThen } from './memory.tsx'
import { Empty, Problem, StatePill } from './parts.tsx'
import { linkTo } from './route.ts'
import { Sequence } from './sequence.tsx'
import { Timeline, TurnDetails } from './timeline.tsx'
import { channelWords, timeOf } from './words.ts'

type Tab = 'chart' | 'sequence'

export function Conversation({ id }: { id: string; theme: string }) {
  const { one, turns, problem } = useConversation(id)
  const { answer: machines } = useAnswer<{ items: MachineReading[] }>('/v1/machines')
  const [pinned, setPinned] = useState<number>()
  const [tab, setTab] = useState<Tab>('chart')
  const last = turns.length - 1
  const chosen = Math.min(pinned ?? last, last)
  const turn = turns[chosen]
  const { after, before } = useThen(id, turn, turns[chosen - 1])
  const machine = machines?.items.find((found) => found.id === one?.machine && found.version === one?.version)
  const taken = useMemo(() => (machine && turn ? takenBy(machine.chart, turn) : []), [machine, turn])
  const choose = (index: number) => setPinned(index >= last ? undefined : index)

  if (!one) {
    return problem ? (
      <Empty title="This conversation cannot be shown">
        {problem} <a href={linkTo('conversations')}>All conversations</a>
      </Empty>
    ) : (
      <p className="loading">Loading…</p>
    )
  }
  return (
    <section className="page conversation">
      <header>
        <a href={linkTo('conversations')} aria-label="All conversations" className="back">
          ←
        </a>
        <h1>
          <bdi>{one.customer}</bdi>
        </h1>
        <span className={`channel channel-${one.channel}`}>{channelWords[one.channel]}</span>
        <StatePill state={turn?.stateAfter ?? one.state} />
        <span className="hint ids">
          {one.machine} {one.version} · {one.id}
          {one.agentId && ` · agent ${one.agentId}`}
        </span>
        <ConversationActs one={one} turns={turns} machines={machines?.items ?? []} onTurn={choose} />
      </header>
      <Problem text={problem} />
      <Problem text={one.notRestorable} />
      <div className="slider">
        <button type="button" onClick={() => choose(chosen - 1)} disabled={chosen <= 0} aria-label="The turn before">
          ‹
        </button>
        <input
          type="range"
          min={0}
          max={Math.max(0, last)}
          value={Math.max(0, chosen)}
          aria-label="Turn"
          aria-valuetext={turn ? `turn ${turn.turn}, ${turn.stateAfter}` : undefined}
          onChange={(event) => choose(Number(event.target.value))}
        />
        <button type="button" onClick={() => choose(chosen + 1)} disabled={chosen >= last} aria-label="The next turn">
          ›
        </button>
        <output>
          {turn ? `${turn.turn} of ${turns[last]?.turn} · ${timeOf(turn.at)}` : ''}
          {pinned === undefined ? <b className="live">live</b> : null}
        </output>
        {pinned !== undefined && (
          <button type="button" className="primary" onClick={() => setPinned(undefined)}>
            Back to now
          </button>
        )}
      </div>
      <div className="panes">
        <div className="pane">
          <div className="tabs" role="tablist" aria-label="Picture">
            {(['chart', 'sequence'] as const).map((name) => (
              <button key={name} type="button" role="tab" aria-selected={tab === name} onClick={() => setTab(name)}>
                {name === 'chart' ? 'Statechart' : 'Sequence'}
              </button>
            ))}
          </div>
          {tab === 'chart' ? (
            <ChartView
              machine={one.machine}
              version={one.version}
              marks={{ state: turn?.stateAfter ?? one.state, taken }}
            />
          ) : (
            <Sequence turns={turns} chosen={chosen} onChoose={choose} />
          )}
        </div>
        <div className="pane side">
          <h2>Turns</h2>
          <Timeline turns={turns} chosen={chosen} onChoose={choose} />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <section className="below" aria-label="The chosen turn" tabIndex={0}>
            {turn && <TurnDetails turn={turn} />}
            <h3>Remembers</h3>
            <Memory after={after} before={before} />
          </section>
        </div>
      </div>
    </section>
  )
}

/** The conversation and its turns, kept by its feed. */
function useConversation(id: string) {
  const [one, setOne] = useState<ConversationReading>()
  const [turns, setTurns] = useState<TurnReading[]>([])
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    const path = `/v1/conversations/${encodeURIComponent(id)}`
    const read = async () => {
      const [now, all] = await Promise.all([ask<ConversationReading>(path), ask<TurnReading[]>(`${path}/turns`)])
      setOne(now)
      setTurns((known) => merged(known, all))
      setProblem(undefined)
    }
    const failed = (error: unknown) => setProblem(reasonOf(error))
    read().catch(failed)
    return follow(`${path}/feed`, (event, data) => {
      if (event === 'open') read().catch(failed)
      if (event === 'turn') {
        setTurns((known) => merged(known, [data as TurnReading]))
        ask<ConversationReading>(path).then(setOne, failed)
      }
      if (event === 'effects') setTurns((known) => withOutcomes(known, data as LedgerEntry))
    })
  }, [id])
  return { one, turns: withReceipts(turns), problem }
}

/** By revision; what is known of a turn's effects is never taken back. */
function merged(known: readonly TurnReading[], more: readonly TurnReading[]): TurnReading[] {
  const all = new Map(known.map((turn) => [turn.revision, turn]))
  for (const turn of more) {
    const before = all.get(turn.revision)
    const isKnown = before?.effects.some(({ status }) => status !== 'pending')
    const isTold = turn.effects.some(({ status }) => status !== 'pending')
    if (!before || isTold || !isKnown) all.set(turn.revision, turn)
  }
  return [...all.values()].sort((a, b) => a.revision - b.revision)
}

function withOutcomes(turns: readonly TurnReading[], { revision, outcomes }: LedgerEntry): TurnReading[] {
  return turns.map((turn) => {
    if (turn.revision !== revision) return turn
    const effects = turn.effects.map((effect, index) => {
      const { index: _place, ...outcome } = outcomes.find((one) => one.index === index) ?? { index }
      return { ...effect, ...outcome }
    })
    return { ...turn, effects }
  })
}
