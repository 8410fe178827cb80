/** The turns of a conversation, one a row: who caused it, what it changed, what went out; the chosen one is opened. */
import type { EffectReading, TurnReading } from '../runtime/history.ts'
import { Said } from './parts.tsx'
import { VirtualList } from './virtual-list.tsx'
import { causeOf, heardWords, timeOf } from './words.ts'

export function Timeline({
  turns,
  chosen,
  onChoose,
}: {
  turns: readonly TurnReading[]
  /** Index of the turn that is shown. */
  chosen: number
  onChoose: (index: number) => void
}) {
  return (
    <VirtualList items={turns} rowHeight={52} keyOf={(turn) => String(turn.revision)} label="Turns" showing={chosen}>
      {(turn, index) => (
        <button
          type="button"
          className={`turn heard-${turn.heard}`}
          aria-current={index === chosen ? 'step' : undefined}
          onClick={() => onChoose(index)}
          title={heardWords[turn.heard] || undefined}
        >
          <time dateTime={turn.at}>{timeOf(turn.at)}</time>
          <Told turn={turn} />
          <Dots effects={turn.effects} />
        </button>
      )}
    </VirtualList>
  )
}

function Told({ turn }: { turn: TurnReading }) {
  const { party, words, said } = causeOf(turn)
  const moved = turn.stateBefore !== turn.stateAfter
  return (
    <span className="told">
      <span className={`cause party-${party}`}>
        {words}
        {said !== undefined && <bdi> “{said.slice(0, 120)}”</bdi>}
      </span>
      <small>{moved ? `→ ${turn.stateAfter}` : heardWords[turn.heard] || `stays in ${turn.stateAfter}`}</small>
    </span>
  )
}

/** An effect a dot: done, given up, or on its way. */
function Dots({ effects }: { effects: EffectReading[] }) {
  if (effects.length === 0) return null
  const said = effects
    .map(({ type, status, attempts, delivery }) =>
      [`${type} ${status}`, `${attempts} attempts`, ...(delivery ? [delivery.status] : [])].join(', '),
    )
    .join('; ')
  return (
    <span className="dots" role="img" aria-label={said} title={said}>
      {effects.map(({ key, status, delivery }) => (
        <i key={key} className={`dot ${delivery?.status === 'failed' ? 'failed' : status}`} />
      ))}
    </span>
  )
}

/** All there is of one turn. */
export function TurnDetails({ turn }: { turn: TurnReading }) {
  const { words, said } = causeOf(turn)
  return (
    <div className="turn-details">
      <h3>
        Turn {turn.turn}: {words}
      </h3>
      {said !== undefined && <Said text={said} />}
      <p className="hint">
        {new Date(turn.at).toLocaleString()} · revision {turn.revision} · {turn.event.type}
      </p>
      {turn.heard !== 'turned' && <p className="hint">{heardWords[turn.heard]}</p>}
      {turn.effects.length === 0 ? (
        <p className="hint">Nothing went out.</p>
      ) : (
        <ul className="effects">
          {turn.effects.map((effect) => (
            <li key={effect.key}>
              <span className={`dot ${effect.status}`} /> <b>{effect.type}</b>{' '}
              <span className={`status ${effect.status}`}>
                {effect.status}
                {effect.code ? ` (${effect.code})` : ''}, {effect.attempts} attempt{effect.attempts === 1 ? '' : 's'}
              </span>
              {effect.delivery && (
                <span className={`status ${effect.delivery.status === 'failed' ? 'failed' : 'done'}`}>
                  {' · '}
                  {effect.delivery.status === 'failed' ? 'not delivered' : effect.delivery.status}
                  {effect.delivery.code ? ` (${effect.delivery.code})` : ''}
                </span>
              )}
              <PayloadText payload={effect.payload} />
              <code className="key">{effect.key}</code>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function PayloadText({ payload }: { payload: object }) {
  const { text } = payload as { text?: unknown }
  return (
    <>
      {typeof text === 'string' && text !== '' && <Said text={text} />}
      <details>
        <summary>payload</summary>
        <pre>{JSON.stringify(payload, null, 2)}</pre>
      </details>
    </>
  )
}
