/** A conversation as its agent has it: transcript with masked card numbers as chips, reply, transfer, close. */
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useAnswer } from './api.ts'
import { Said } from './parts.tsx'
import { type Agent, read_ms, type Seated, type Task } from './seat.ts'
import { channelOf, whoOf } from './task-words.ts'
import { timeOf } from './words.ts'

interface Conversation {
  transcript: {
    at: string
    direction: 'Inbound' | 'Outbound' | 'Announcement'
    text: string
    by?: string
    formResponse?: { title: string; fields: { name: string; label: string; value: string }[] }
    attachments?: { fileName: string; url: string; dropped: boolean }[]
    /** How far it has come, where it goes out over a line or into a window. */
    delivery?: { status: 'queued' | 'sent' | 'delivered' | 'read' | 'failed'; code?: string }
  }[]
}

const bubbleOf = { Inbound: 'them', Outbound: 'me', Announcement: 'notice' }
const outcomes = {
  CD_NORMAL_END_TASK: 'Solved',
  CD_TASK_CUSTOMER_ABANDON: 'Customer left',
  CD_RELEASED_BY_ROUTER: 'Could not be helped here',
}

export function Talk({
  task,
  others,
  queues,
  act,
}: {
  task: Task
  /** Whom it can be handed to. */
  others: Agent[]
  queues: string[]
  act: Seated['act']
}) {
  const { answer } = useAnswer<Conversation>(`/desk/conversations/${encodeURIComponent(task.conversationId)}`, read_ms)
  const end = useRef<HTMLDivElement>(null)
  const lines = answer?.transcript ?? []
  const does = (name: string, body: object) =>
    void act('POST', `tasks/${encodeURIComponent(task.taskId)}/${name}`, body)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line scrolls into sight
  useEffect(() => {
    end.current?.scrollTo({ top: end.current.scrollHeight })
  }, [lines.length])
  const say = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const text = String(new FormData(event.currentTarget).get('text') ?? '').trim()
    event.currentTarget.reset()
    if (text !== '') does('say', { text })
  }
  return (
    <div className="talk">
      <h2>
        <bdi title={task.origin}>{whoOf(task)}</bdi> <small>{channelOf(task)}</small>
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="screen" ref={end} role="log" aria-label="Transcript" tabIndex={0}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a transcript only grows
          <div key={index} className={`bubble ${bubbleOf[line.direction]}`}>
            <Said text={line.text} />
            <More line={line} />
            <time dateTime={line.at}>
              {line.by ? `agent ${line.by} · ` : ''}
              {timeOf(line.at)}
              {line.delivery ? ` · ${deliveryWords(line.delivery)}` : ''}
            </time>
          </div>
        ))}
      </div>
      <form className="write" onSubmit={say}>
        <input name="text" aria-label="Reply" placeholder="Reply to the customer" autoComplete="off" />
        <button type="submit" className="primary">
          Send
        </button>
      </form>
      <div className="wrap-up">
        <Transfer queues={queues} others={others} onTransfer={(to) => does('transfer', to)} />
        <Close onClose={(dispositionCode) => does('close', { dispositionCode })} />
      </div>
    </div>
  )
}

/** What a line is besides its words: a form that was filled in, files. */
function More({ line: { formResponse, attachments = [] } }: { line: Conversation['transcript'][number] }) {
  return (
    <>
      {formResponse && (
        <dl className="form-answer" aria-label={formResponse.title}>
          {formResponse.fields.map(({ name, label, value }) => (
            <div key={name}>
              <dt>{label || name}</dt>
              <dd>
                <Said text={value || '–'} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {attachments.map(({ fileName, url, dropped }) =>
        dropped ? (
          <span key={`${fileName} ${url}`} className="hint">
            📎 a file, taken out
          </span>
        ) : (
          <a key={url} href={url} target="_blank" rel="noreferrer">
            📎 {fileName}
          </a>
        ),
      )}
    </>
  )
}

function Transfer({
  queues,
  others,
  onTransfer,
}: {
  queues: string[]
  others: Agent[]
  onTransfer: (to: { scriptSelector: string } | { agentId: string }) => void
}) {
  const known = [...new Set([...queues, 'Support', 'Billing'])].sort()
  const [to, setTo] = useState('queue Support')
  const transfer = () => {
    const [kind, ...name] = to.split(' ')
    onTransfer(kind === 'agent' ? { agentId: name.join(' ') } : { scriptSelector: name.join(' ') })
  }
  return (
    <>
      <label>
        Transfer to
        <select value={to} onChange={(event) => setTo(event.target.value)}>
          <optgroup label="Queues">
            {known.map((name) => (
              <option key={name} value={`queue ${name}`}>
                {name}
              </option>
            ))}
          </optgroup>
          {others.length > 0 && (
            <optgroup label="Agents">
              {others.map(({ agentId, name, activity }) => (
                <option key={agentId} value={`agent ${agentId}`}>
                  {name}, {activityWords[activity]}
                </option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      <button type="button" onClick={transfer}>
        Transfer
      </button>
    </>
  )
}

function Close({ onClose }: { onClose: (code: string) => void }) {
  const [outcome, setOutcome] = useState('CD_NORMAL_END_TASK')
  return (
    <>
      <label>
        Wrap up as
        <select value={outcome} onChange={(event) => setOutcome(event.target.value)}>
          {Object.entries(outcomes).map(([code, words]) => (
            <option key={code} value={code}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="primary" onClick={() => onClose(outcome)}>
        Close
      </button>
    </>
  )
}

export const activityWords: Record<Agent['activity'], string> = {
  loggedOut: 'logged out',
  notReady: 'not ready',
  ready: 'ready',
  reserved: 'something rings',
  talking: 'talking',
  wrapUp: 'wrapping up',
}

const deliveryWords = ({ status, code }: { status: string; code?: string }): string =>
  (status === 'failed' ? '✗ not delivered' : status) + (code ? ` (${code})` : '')
