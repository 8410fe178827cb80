/** A conversation decided again on a version of its machine, up to the first difference; the node does it, as `parley replay`. */
import { type FormEvent, useState } from 'react'
import type { ReplayReading } from '../runtime/replay-door.ts'
import { ask, reasonOf } from './api.ts'
import { CopyButton, Problem } from './parts.tsx'
import { timeOf } from './words.ts'

export function Replay({
  id,
  own,
  versions,
  onTurn,
}: {
  id: string
  /** The version it runs on. */
  own: string
  versions: readonly string[]
  /** Shows a turn by its revision. */
  onTurn: (revision: number) => void
}) {
  const [version, setVersion] = useState(versions.at(-1) ?? own)
  const [found, setFound] = useState<ReplayReading | 'asked'>()
  const [problem, setProblem] = useState<string>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setFound('asked')
    setProblem(undefined)
    await ask<ReplayReading>(`/v1/conversations/${id}/replay?machine=${encodeURIComponent(version)}`).then(
      setFound,
      (error) => {
        setFound(undefined)
        setProblem(reasonOf(error))
      },
    )
  }
  return (
    <section className="replay" aria-label="Replay">
      <form onSubmit={(event) => void submit(event)}>
        <label>
          On version{' '}
          <select value={version} onChange={(event) => setVersion(event.target.value)}>
            {versions.map((one) => (
              <option key={one} value={one}>
                {one === own ? `${one}, its own` : one}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="primary" disabled={found === 'asked'}>
          Replay
        </button>
        <CopyButton
          label="Copy as command"
          what="the command"
          text={() => `npx parley replay ${id} --machine ${version}`}
        />
        <span className="hint">With the asset’s settings of today. Nothing is stored, nothing goes out.</span>
      </form>
      <Problem text={problem} />
      <div role="status">
        {found === 'asked' && <p className="loading">Replaying…</p>}
        {found !== undefined && found !== 'asked' && <Found found={found} onTurn={onTurn} />}
      </div>
    </section>
  )
}

const whatWords = { state: 'state', effects: 'effect', machine: 'machine: it threw' }

function Found({ found, onTurn }: { found: ReplayReading; onTurn: (revision: number) => void }) {
  const { difference, machine, version, turns } = found
  const about = `${turns.toLocaleString()} turns on ${machine} ${version}`
  if (!difference) return <p className="same">{about}: no difference. Every state and every effect is as it was.</p>
  const { turn, revision, at, event, what, recorded, replayed } = difference
  return (
    <>
      <p>
        {about}: the first difference is in{' '}
        <button type="button" className="link" onClick={() => onTurn(revision)}>
          turn {turn}
        </button>{' '}
        ({event.replace('parley.', '')}, {timeOf(at)}), in its {whatWords[what]}.
      </p>
      <div className="sides">
        <Side title="Recorded" value={recorded} />
        <Side title="Replayed" value={replayed} />
      </div>
    </>
  )
}

function Side({ title, value }: { title: string; value: unknown }) {
  const text = typeof value === 'string' ? value : value === null ? 'nothing' : JSON.stringify(value, null, 2)
  return (
    <figure>
      <figcaption>{title}</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </figure>
  )
}
