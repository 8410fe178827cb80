/**
 * Troubles to switch on while playing: what customers send and each webhook doubled, late, out of order or lost; webhooks held
 * back and let go by hand; calls lost or refused. All of it is done by the embedded desk.
 */
import { useEffect, useState } from 'react'
import type { Troubled } from '../adapters/desk/troubles.ts'
import type { Trouble } from '../adapters/trouble.ts'
import { ask, reasonOf, useAnswer } from './api.ts'
import { Problem } from './parts.tsx'

interface Held {
  eventId: string
  eventType: string
  taskId: string
}

type Row = { what: Troubled } & Trouble
type Act = (path: string, method: string, body: unknown, then: () => void) => Promise<boolean>

export function Troubles() {
  const [problem, setProblem] = useState<string>()
  const { answer, again } = useAnswer<{ items: Row[] }>('/desk/troubles', 2_000)
  const rows = answer?.items ?? []
  const now = rows.flatMap(({ what, ...trouble }) =>
    kinds.flatMap(([words, key, , off]) => (trouble[key] === off ? [] : `${whatWords[what]} ${words}`)),
  )
  const act: Act = (path, method, body, then) =>
    ask(path, method, body).then(
      () => {
        setProblem(undefined)
        then()
        return true
      },
      (error) => {
        setProblem(reasonOf(error))
        return false
      },
    )
  return (
    <details className="troubles">
      <summary>
        <b>Troubles on the way</b> <span className="hint">{now.join(', ') || 'none now'}</span>
      </summary>
      <div className="trouble-parts">
        <OnTheWay rows={rows} isAny={now.length > 0} act={act} again={again} />
        <div>
          <HeldBack act={act} />
          <Calls act={act} />
        </div>
      </div>
      <Problem text={problem} />
    </details>
  )
}

const whatWords: Record<Troubled, string> = {
  CREATED: 'CREATED',
  QUEUED: 'QUEUED',
  ROUTED: 'ROUTED',
  TRANSFERRED: 'TRANSFERRED',
  CLOSED: 'CLOSED',
  message: 'texts and mails',
  window: 'chat lines',
}
const late_ms = 10_000
const kinds: [words: string, key: keyof Trouble, on: Trouble[keyof Trouble], off: Trouble[keyof Trouble]][] = [
  ['twice', 'duplicate', 1, 0],
  ['10 s late', 'delayMs', late_ms, 0],
  ['out of order', 'behind', true, false],
  ['lost', 'drop', true, false],
]

/** A switch for each thing that is sent and each thing that may happen to it. */
function OnTheWay({ rows, isAny, act, again }: { rows: Row[]; isAny: boolean; act: Act; again: () => void }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">What is sent</th>
          {kinds.map(([words]) => (
            <th key={words} scope="col">
              {words}
            </th>
          ))}
          <td>
            {isAny && (
              <button type="button" onClick={() => void act('/desk/troubles', 'DELETE', undefined, again)}>
                All well
              </button>
            )}
          </td>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ what, ...trouble }) => (
          <tr key={what}>
            <th scope="row">{whatWords[what]}</th>
            {kinds.map(([words, key, on, off]) => (
              <td key={key}>
                <Tick
                  label={`${whatWords[what]} ${words}`}
                  isOn={trouble[key] !== off}
                  onChange={(isOn) =>
                    act(`/desk/troubles/${what}`, 'PUT', { ...trouble, [key]: isOn ? on : off }, again)
                  }
                />
              </td>
            ))}
            <td />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Shows what was asked for until the desk says how it is. `onChange` gives false when it was refused. */
function Tick({
  label,
  isOn,
  onChange,
}: {
  label: string
  isOn: boolean
  onChange: (on: boolean) => Promise<boolean>
}) {
  const [asked, setAsked] = useState<boolean>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the desk has said something new
  useEffect(() => setAsked(undefined), [isOn])
  const change = async (on: boolean) => {
    setAsked(on)
    if (!(await onChange(on))) setAsked(undefined)
  }
  return (
    <input
      type="checkbox"
      aria-label={label}
      checked={asked ?? isOn}
      onChange={({ target }) => void change(target.checked)}
    />
  )
}

function HeldBack({ act }: { act: Act }) {
  const { answer: webhooks, again } = useAnswer<{ hold: boolean }>('/desk/webhooks', 2_000)
  const { answer: held, again: heldAgain } = useAnswer<{ items: Held[] }>('/desk/webhooks/held', 1_000)
  const waiting = held?.items ?? []
  const release = (items: Held[]) =>
    act('/desk/webhooks/release', 'POST', { types: items.map(({ eventType }) => eventType) }, heldAgain)
  return (
    <div className="held">
      <Switch
        label="Hold webhooks back"
        isOn={webhooks?.hold ?? false}
        onChange={(on) => void act('/desk/webhooks', 'PUT', { hold: on }, again)}
      />
      {waiting.length > 0 && (
        <>
          <span>held: {waiting.map(({ eventType }) => eventType).join(', ')}</span>
          <button type="button" onClick={() => void release(waiting)}>
            Release
          </button>
          <button type="button" onClick={() => void release(waiting.toReversed())}>
            Release in reverse
          </button>
        </>
      )}
    </div>
  )
}

function Calls({ act }: { act: Act }) {
  const { answer, again } = useAnswer<{ items: { times: number }[] }>('/desk/faults', 2_000)
  const lose = (then: 'lose' | 'answer') => act('/desk/faults', 'POST', { call: 'createTask', times: 1, then }, again)
  const due = (answer?.items ?? []).reduce((sum, { times }) => sum + times, 0)
  return (
    <div className="held">
      <button type="button" onClick={() => void lose('lose')}>
        Lose the next answer to “create task”
      </button>
      <button type="button" onClick={() => void lose('answer')}>
        Refuse the next “create task” with 503
      </button>
      {due > 0 && <span className="hint">{due} waiting to strike</span>}
    </div>
  )
}

export function Switch({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className="switch">
      <input
        type="checkbox"
        role="switch"
        aria-checked={isOn}
        checked={isOn}
        onChange={(event) => onChange(event.target.checked)}
      />
      {label}
    </label>
  )
}
