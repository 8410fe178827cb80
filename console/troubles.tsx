/** Troubles to switch on while playing: messages sent twice; webhooks doubled, held back, out of order; calls lost or refused. */
import { useState } from 'react'
import { ask, reasonOf, useAnswer } from './api.ts'
import { Problem } from './parts.tsx'

interface Held {
  eventId: string
  eventType: string
  taskId: string
}

export function Troubles({ sendsTwice, onSendsTwice }: { sendsTwice: boolean; onSendsTwice: (on: boolean) => void }) {
  const { answer: webhooks, again } = useAnswer<{ hold: boolean; duplicate: number }>('/desk/webhooks', 2_000)
  const { answer: held, again: heldAgain } = useAnswer<{ items: Held[] }>('/desk/webhooks/held', 1_000)
  const { answer: faults, again: faultsAgain } = useAnswer<{ items: { call: string; times: number }[] }>(
    '/desk/faults',
    2_000,
  )
  const [problem, setProblem] = useState<string>()
  const act = (path: string, method: string, body: unknown, then: () => void) =>
    ask(path, method, body).then(
      () => {
        setProblem(undefined)
        then()
      },
      (error) => setProblem(reasonOf(error)),
    )
  const waiting = held?.items ?? []
  const release = (items: Held[]) =>
    act('/desk/webhooks/release', 'POST', { types: items.map(({ eventType }) => eventType) }, heldAgain)
  const lose = (then: 'lose' | 'answer') =>
    act('/desk/faults', 'POST', { call: 'createTask', times: 1, then }, faultsAgain)
  return (
    <fieldset className="troubles">
      <legend>Troubles</legend>
      <Switch label="Send every message twice" isOn={sendsTwice} onChange={onSendsTwice} />
      <Switch
        label="Send every webhook twice"
        isOn={(webhooks?.duplicate ?? 0) > 0}
        onChange={(on) => void act('/desk/webhooks', 'PUT', { duplicate: on ? 1 : 0 }, again)}
      />
      <Switch
        label="Hold webhooks back"
        isOn={webhooks?.hold ?? false}
        onChange={(on) => void act('/desk/webhooks', 'PUT', { hold: on }, again)}
      />
      {waiting.length > 0 && (
        <span className="held">
          held: {waiting.map(({ eventType }) => eventType).join(', ')}
          <button type="button" onClick={() => void release(waiting)}>
            Release
          </button>
          <button type="button" onClick={() => void release(waiting.toReversed())}>
            Release in reverse
          </button>
        </span>
      )}
      <button type="button" onClick={() => void lose('lose')}>
        Lose the next answer to “create task”
      </button>
      <button type="button" onClick={() => void lose('answer')}>
        Refuse the next “create task” with 503
      </button>
      {(faults?.items.length ?? 0) > 0 && <span className="hint">{faults?.items.length} waiting to strike</span>}
      <Problem text={problem} />
    </fieldset>
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
