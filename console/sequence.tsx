/** The turns of a conversation as a sequence diagram: customer, machine, Engage, router, channel; solid for what is said, dashed for answers. */
import type { TurnReading } from '../runtime/history.ts'
import { causeOf, type Party, partyOfEffect, partyWords, timeOf } from './words.ts'

const parties: Party[] = ['customer', 'machine', 'store', 'router', 'channel']
const lane_px = 136
const row_px = 24
const head_px = 40
const shown_rows_max = 400

interface Line {
  key: string
  from: Party
  to: Party
  words: string
  at?: string
  kind: 'said' | 'answer' | 'late' | 'failed'
  turn: number
}

function linesOf(turn: TurnReading, index: number): Line[] {
  const cause = causeOf(turn)
  const isAnswer = turn.event.type === 'parley.ask.answered'
  const heard: Line = {
    key: `${turn.revision}`,
    from: cause.party,
    to: 'machine',
    words: cause.said === undefined ? cause.words : `“${cause.said.slice(0, 40)}”`,
    at: turn.at,
    kind: turn.heard === 'turned' ? (isAnswer ? 'answer' : 'said') : 'late',
    turn: index,
  }
  const went = turn.effects.map(({ key, type, status, attempts }): Line => {
    const tries = attempts > 1 ? ` (${attempts} attempts)` : ''
    const kind = status === 'failed' ? 'failed' : 'said'
    return { key, from: 'machine', to: partyOfEffect(type), words: type + tries, kind, turn: index }
  })
  return [heard, ...went]
}

export function Sequence({
  turns,
  chosen,
  onChoose,
}: {
  turns: readonly TurnReading[]
  chosen: number
  onChoose: (index: number) => void
}) {
  const all = turns.slice(0, chosen + 1).flatMap(linesOf)
  const lines = all.slice(-shown_rows_max)
  const width = lane_px * parties.length
  const height = head_px + lines.length * row_px + 20
  const xOf = (party: Party) => lane_px * (parties.indexOf(party) + 0.5)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="sequence" tabIndex={0} aria-label="Sequence diagram">
      {all.length > lines.length && <p className="hint">The last {shown_rows_max} lines up to this turn.</p>}
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label="Who told whom what">
        <defs>
          <marker id="said" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0,0.8 L7.4,4 L0,7.2 z" />
          </marker>
        </defs>
        {parties.map((party) => (
          <g key={party} className="lane">
            <line x1={xOf(party)} x2={xOf(party)} y1={head_px - 8} y2={height} />
            <rect x={xOf(party) - 52} y={6} width={104} height={26} rx={8} />
            <text x={xOf(party)} y={23} textAnchor="middle">
              {partyWords[party]}
            </text>
          </g>
        ))}
        {lines.map((line, row) => {
          const y = head_px + row * row_px + 16
          const [x1, x2] = [xOf(line.from), xOf(line.to)]
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: the timeline has the same choice as buttons
            <g key={line.key} className={`line ${line.kind}`} onClick={() => onChoose(line.turn)}>
              <title>{line.at ? `${timeOf(line.at)} ${line.words}` : line.words}</title>
              {x1 === x2 ? (
                <path d={`M${x1},${y - 6} h18 v10 h-16`} markerEnd="url(#said)" />
              ) : (
                <path d={`M${x1},${y} L${x2 + (x2 > x1 ? -2 : 2)},${y}`} markerEnd="url(#said)" />
              )}
              <text x={x1 === x2 ? x1 + 24 : (x1 + x2) / 2} y={y - 4} textAnchor={x1 === x2 ? 'start' : 'middle'}>
                {line.words}
              </text>
            </g>
          )
        })}
      </svg>
    </section>
  )
}
