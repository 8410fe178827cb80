/** The agent's side, over the embedded desk's doors: a queue, an offer that rings out, conversations, transfer, wrap-up, callbacks. */
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { ask, reasonOf, useAnswer } from './api.ts'
import { Empty, Problem, Said, useNow } from './parts.tsx'
import { Switch } from './troubles.tsx'
import { span, timeOf } from './words.ts'

interface Task {
  taskId: string
  conversationId: string
  state: 'CREATED' | 'QUEUED' | 'ROUTED' | 'TRANSFERRED' | 'CLOSED'
  origin: string
  mediaType: string
  mediaChannel: string
  scriptSelector: string
  lastUpdatedTime: string
  estimatedWaitTime?: number | string | null
  ownerId?: string
  history: { state: string; time: string }[]
  variables: { key: string; value: string }[]
}

interface Conversation {
  conversationId: string
  customer: string
  status: string
  transcript: {
    at: string
    direction: 'Inbound' | 'Outbound' | 'Announcement'
    text: string
    by?: string
    /** How far it has come, where it goes out over a line or into a window. */
    delivery?: { status: 'queued' | 'sent' | 'delivered' | 'read' | 'failed'; code?: string }
  }[]
}

const read_ms = 800
const bubbleOf = { Inbound: 'them', Outbound: 'me', Announcement: 'notice' }
/** How long an offer rings: as the desktops of contact centres have it. */
const ring_ms = 15_000
const outcomes = {
  CD_NORMAL_END_TASK: 'Solved',
  CD_TASK_CUSTOMER_ABANDON: 'Customer left',
  CD_RELEASED_BY_ROUTER: 'Could not be helped here',
}

export function AgentDesk() {
  const { answer, problem, again } = useAnswer<{ items: Task[] }>('/desk/tasks', read_ms)
  const { answer: settings, again: settingsAgain } = useAnswer<{ automatic: boolean; agentId: string }>(
    '/desk/agents/automatic',
    3_000,
  )
  const now = useNow()
  const [chosen, setChosen] = useState<string>()
  const [refused, setRefused] = useState<string>()
  const agentId = settings?.agentId ?? '5021'
  const tasks = answer?.items ?? []
  const waiting = tasks.filter(({ state }) => state === 'QUEUED' || state === 'CREATED')
  const mine = tasks.filter(({ state }) => state === 'ROUTED')
  const isManned = settings?.automatic === false
  const act = async (task: Task, name: string, body: object = {}) => {
    try {
      await ask(`/desk/tasks/${encodeURIComponent(task.taskId)}/${name}`, 'POST', body)
      setRefused(undefined)
    } catch (error) {
      setRefused(reasonOf(error))
    }
    again()
  }
  const accept = async (task: Task) => {
    setChosen(task.taskId)
    await act(task, 'route', { agentId })
  }
  const ringOut = async (task: Task) => {
    await act(task, 'route', { agentId })
    await act(task, 'transfer', { cause: 'CD_RING_NO_ANSWER' })
  }
  if (problem !== undefined && !answer) return <Empty title="There is no desk here">{problem}</Empty>
  const task = mine.find(({ taskId }) => taskId === chosen) ?? mine[0]
  const offered = isManned
    ? waiting.find(({ state, mediaType }) => state === 'QUEUED' && mediaType !== 'Web Callback')
    : undefined
  return (
    <section className="page agent-desk">
      <header>
        <h1>Agent desk</h1>
        <p className="hint">Agent {agentId}</p>
        <Switch
          label="I am here"
          isOn={isManned}
          onChange={(on) => void ask('/desk/agents/automatic', 'PUT', { automatic: !on }).then(settingsAgain)}
        />
      </header>
      <Problem text={refused} />
      {!isManned && (
        <p className="note">The automatic agent answers. Say “I am here” to take conversations yourself.</p>
      )}
      {offered && (
        <Offer
          key={`${offered.taskId} ${offered.lastUpdatedTime}`}
          task={offered}
          onAccept={accept}
          onRingOut={ringOut}
        />
      )}
      <div className="desk-panes">
        <div className="pane">
          <h2>Queue ({waiting.length})</h2>
          {waiting.length === 0 && <p className="hint">Nobody waits.</p>}
          <ul className="queue">
            {waiting.map((one) => (
              <li key={one.taskId}>
                <b>
                  <bdi>{one.origin}</bdi>
                </b>
                <span>
                  {one.mediaChannel} · {one.scriptSelector}
                </span>
                <span className="hint">
                  waits {span(now - Date.parse(lastTime(one, one.state)))}
                  {typeof one.estimatedWaitTime === 'number' && one.estimatedWaitTime > 0
                    ? ` · told ${span(one.estimatedWaitTime * 1_000)}`
                    : ''}
                </span>
                {one.mediaType === 'Web Callback' ? (
                  <button
                    type="button"
                    className="primary"
                    onClick={() => void act(one, 'close', { dispositionCode: 'CD_NORMAL_END_TASK' })}
                  >
                    Dial {one.origin}
                  </button>
                ) : (
                  <button type="button" onClick={() => void accept(one)} disabled={one.state !== 'QUEUED'}>
                    Take
                  </button>
                )}
              </li>
            ))}
          </ul>
          <h2>Mine ({mine.length})</h2>
          <ul className="queue">
            {mine.map((one) => (
              <li key={one.taskId}>
                <button type="button" aria-pressed={one.taskId === task?.taskId} onClick={() => setChosen(one.taskId)}>
                  <bdi>{one.origin}</bdi> · {one.mediaChannel}
                </button>
              </li>
            ))}
          </ul>
        </div>
        <div className="pane wide">
          {task ? (
            <Talk key={task.taskId} task={task} act={act} />
          ) : (
            <Empty title="No conversation">Take one from the queue.</Empty>
          )}
        </div>
      </div>
    </section>
  )
}

const lastTime = ({ history, lastUpdatedTime }: Task, state: string): string =>
  history.findLast((one) => one.state === state)?.time ?? lastUpdatedTime

function Offer({
  task,
  onAccept,
  onRingOut,
}: {
  task: Task
  onAccept: (task: Task) => Promise<void>
  onRingOut: (task: Task) => Promise<void>
}) {
  const [until] = useState(() => Date.now() + ring_ms)
  const now = useNow()
  const isOver = useRef(false)
  const left = Math.max(0, until - now)
  useEffect(() => {
    if (left > 0 || isOver.current) return
    isOver.current = true
    void onRingOut(task)
  }, [left, onRingOut, task])
  const accept = () => {
    isOver.current = true
    void onAccept(task)
  }
  return (
    <div className="offer" role="alert">
      <strong>
        <bdi>{task.origin}</bdi> · {task.mediaChannel} · {task.scriptSelector}
      </strong>
      <progress max={ring_ms} value={left} aria-label="Time left to accept" />
      <span>{span(left)}</span>
      <button type="button" className="primary" onClick={accept}>
        Accept
      </button>
      <button
        type="button"
        onClick={() => {
          isOver.current = true
          void onRingOut(task)
        }}
      >
        Let it ring out
      </button>
    </div>
  )
}

function Talk({ task, act }: { task: Task; act: (task: Task, name: string, body?: object) => Promise<void> }) {
  const { answer } = useAnswer<Conversation>(`/desk/conversations/${encodeURIComponent(task.conversationId)}`, read_ms)
  const [outcome, setOutcome] = useState('CD_NORMAL_END_TASK')
  const [selector, setSelector] = useState('Support')
  const end = useRef<HTMLDivElement>(null)
  const lines = answer?.transcript ?? []
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line scrolls into sight
  useEffect(() => {
    end.current?.scrollTo({ top: end.current.scrollHeight })
  }, [lines.length])
  const say = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const text = String(new FormData(event.currentTarget).get('text') ?? '').trim()
    event.currentTarget.reset()
    if (text !== '') void act(task, 'say', { text })
  }
  return (
    <div className="talk">
      <h2>
        <bdi>{task.origin}</bdi> <small>{task.mediaChannel}</small>
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="screen" ref={end} role="log" aria-label="Transcript" tabIndex={0}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a transcript only grows
          <div key={index} className={`bubble ${bubbleOf[line.direction]}`}>
            <Said text={line.text} />
            <time dateTime={line.at}>
              {line.by ? `agent ${line.by} · ` : ''}
              {timeOf(line.at)}
              {line.delivery
                ? ` · ${line.delivery.status === 'failed' ? '✗ not delivered' : line.delivery.status}`
                : ''}
              {line.delivery?.code ? ` (${line.delivery.code})` : ''}
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
        <label>
          Transfer to
          <input value={selector} onChange={(event) => setSelector(event.target.value)} />
        </label>
        <button type="button" onClick={() => void act(task, 'transfer', { scriptSelector: selector })}>
          Transfer
        </button>
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
        <button type="button" className="primary" onClick={() => void act(task, 'close', { dispositionCode: outcome })}>
          Close
        </button>
      </div>
    </div>
  )
}
