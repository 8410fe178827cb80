/** What an agent has in hand beside a conversation: an offer that rings, a call for a callback, what is to be wrapped up. */
import { ask } from './api.ts'
import { useNow } from './parts.tsx'
import type { Agent, Seated, Task } from './seat.ts'
import { channelOf, whoOf } from './task-words.ts'
import { span } from './words.ts'

/** How long an offer rings where its queue says nothing: as the desk has it. */
export const usual_ring_ms = 15_000

/** Rings until the desk takes it back: then it is at the head of its line, and the agent is not ready. */
export function Offer({ task, ringMs, act }: { task: Task; ringMs: number; act: Seated['act'] }) {
  const now = useNow()
  const left = Math.min(ringMs, Math.max(0, Date.parse(task.offeredAt ?? '') + ringMs - now))
  return (
    <div className="offer" role="alert">
      <strong>
        <bdi>{whoOf(task)}</bdi> · {channelOf(task)} · {task.scriptSelector}
      </strong>
      <progress max={ringMs} value={left} aria-label="Time left to accept" />
      <span aria-hidden="true">{span(left)}</span>
      <button type="button" className="primary" onClick={() => void act('POST', `tasks/${task.taskId}/accept`)}>
        Accept
      </button>
      <button type="button" onClick={() => void act('POST', `tasks/${task.taskId}/decline`)}>
        Decline
      </button>
    </div>
  )
}

const callWords = {
  dialling: 'rings at the customer',
  answered: 'is talking',
  ended: 'over',
  busy: 'busy',
  noAnswer: 'not answered',
  cancelled: 'put down before an answer',
}

/** The call is simulated: whoever plays says what the customer does. */
export function Call({ task, act, again }: { task: Task; act: Seated['act']; again: () => void }) {
  const now = useNow()
  const { dial } = task
  if (!dial) return null
  const outcome = (name: string) =>
    void ask(`/desk/calls/${encodeURIComponent(task.taskId)}`, 'POST', { outcome: name }).then(again, again)
  return (
    <section className="call" aria-label="Call">
      <strong>
        Call to <bdi>{dial.number}</bdi>
      </strong>
      <span role="status">
        {callWords[dial.state]}, {span(now - Date.parse(dial.at))}
      </span>
      <button type="button" className="primary" onClick={() => void act('POST', `tasks/${task.taskId}/hang-up`)}>
        Hang up
      </button>
      <fieldset>
        <legend>The customer (played by you)</legend>
        {dial.state === 'dialling' ? (
          <>
            <button type="button" onClick={() => outcome('answered')}>
              Answers
            </button>
            <button type="button" onClick={() => outcome('busy')}>
              Is busy
            </button>
            <button type="button" onClick={() => outcome('noAnswer')}>
              Does not answer
            </button>
          </>
        ) : (
          <button type="button" onClick={() => outcome('ended')}>
            Hangs up
          </button>
        )}
      </fieldset>
    </section>
  )
}

export function WrapUps({ wrapping, act }: { wrapping: Agent['wrapping']; act: Seated['act'] }) {
  const now = useNow()
  if (wrapping.length === 0) return null
  return (
    <>
      <h2>To wrap up ({wrapping.length})</h2>
      <ul className="queue">
        {wrapping.map(({ taskId, mediaType, until }) => (
          <li key={taskId}>
            <span>
              {mediaType} · {span(Date.parse(until) - now)} left
            </span>
            <button type="button" onClick={() => void act('POST', 'wrapped', { taskId })}>
              Wrapped up
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}
