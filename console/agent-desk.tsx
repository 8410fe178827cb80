/**
 * The agent's side, over the embedded desk's doors: whoever sits down is an agent with a token; then the queue, offers that
 * ring out, conversations, calls, transfer, wrap-up.
 */
import { type FormEvent, useState } from 'react'
import { ask, reasonOf, useAnswer } from './api.ts'
import { Call, Offer, usual_ring_ms, WrapUps } from './in-hand.tsx'
import { Empty, Problem, useNow } from './parts.tsx'
import { linkTo } from './route.ts'
import { type Agent, read_ms, type Seat, type Task, useSeat, useSeated } from './seat.ts'
import { activityWords, Talk } from './talk.tsx'
import { channelOf, whoOf } from './task-words.ts'
import { Switch } from './troubles.tsx'
import { span } from './words.ts'

interface Queue {
  scriptSelector: string
  ringMs: number
  agentsReady: number
  estimatedWaitTime: number
}

export function AgentDesk() {
  const { answer, problem } = useAnswer<{ items: Task[] }>('/desk/tasks', read_ms)
  const { answer: agents } = useAnswer<{ items: Agent[] }>('/desk/agents', 2_000)
  const { answer: queues } = useAnswer<{ items: Queue[] }>('/desk/queues', 2_000)
  const { seat, sit, stand } = useSeat()
  if (problem !== undefined && !answer) return <Empty title="There is no desk here">{problem}</Empty>
  const room = {
    waiting: (answer?.items ?? []).filter(({ state }) => state === 'QUEUED' || state === 'CREATED'),
    agents: agents?.items ?? [],
    queues: queues?.items ?? [],
  }
  return (
    <section className="page agent-desk">
      {seat ? (
        <Desk key={seat.token} seat={seat} stand={stand} {...room} />
      ) : (
        <>
          <header>
            <h1>Agent desk</h1>
            <AutomaticAgent />
          </header>
          <SitDown agents={room.agents} onSit={sit} />
          <Waiting {...room} />
        </>
      )}
    </section>
  )
}

interface Room {
  waiting: Task[]
  agents: Agent[]
  queues: Queue[]
}

function Desk({ seat, stand, waiting, agents, queues }: Room & { seat: Seat; stand: () => void }) {
  const { me, act, refused, leave } = useSeated(seat, stand)
  const [chosen, setChosen] = useState<string>()
  const agent = me.answer
  const tasks = agent?.tasks ?? []
  const ringing = tasks.filter(({ state, offeredAt, acceptedAt }) => state === 'ROUTED' && offeredAt && !acceptedAt)
  const talks = tasks.filter((task) => task.state === 'ROUTED' && !ringing.includes(task))
  const calls = tasks.filter(({ state, dial }) => state !== 'ROUTED' && dial)
  const talk = talks.find(({ taskId }) => taskId === chosen) ?? talks[0]
  const ringMsOf = ({ scriptSelector }: Task) =>
    queues.find((queue) => queue.scriptSelector === scriptSelector)?.ringMs ?? usual_ring_ms
  const take = async (task: Task) => {
    await ask(`/desk/tasks/${encodeURIComponent(task.taskId)}/route`, 'POST', { agentId: seat.agentId }).catch(() => {})
    me.again()
  }
  return (
    <>
      <header>
        <h1>Agent desk</h1>
        {agent && <State agent={agent} tasks={tasks} act={act} leave={leave} />}
        <AutomaticAgent />
      </header>
      <Problem text={refused ?? me.problem} />
      {agent?.reason === 'RONA' && agent.state === 'notReady' && (
        <p className="note">
          You did not answer: the task is back at the head of its line. Say “Ready” to get it again.
        </p>
      )}
      {ringing.map((task) => (
        <Offer key={task.taskId} task={task} ringMs={ringMsOf(task)} act={act} />
      ))}
      {calls.map((task) => (
        <Call key={task.taskId} task={task} act={act} again={me.again} />
      ))}
      <div className="desk-panes">
        <div className="pane">
          <Waiting waiting={waiting} queues={queues} agents={agents} onTake={take} />
          <h2>Mine ({talks.length})</h2>
          <ul className="queue">
            {talks.map((one) => (
              <li key={one.taskId}>
                <button type="button" aria-pressed={one.taskId === talk?.taskId} onClick={() => setChosen(one.taskId)}>
                  <bdi>{whoOf(one)}</bdi> · {channelOf(one)}
                </button>
              </li>
            ))}
          </ul>
          <WrapUps wrapping={agent?.wrapping ?? []} act={act} />
        </div>
        <div className="pane wide">
          {talk ? (
            <Talk
              key={talk.taskId}
              task={talk}
              queues={queues.map(({ scriptSelector }) => scriptSelector)}
              others={agents.filter(({ agentId, state }) => agentId !== seat.agentId && state !== 'loggedOut')}
              act={act}
            />
          ) : (
            <Empty title="No conversation">What is offered rings here.</Empty>
          )}
        </div>
      </div>
    </>
  )
}

/** What the agent is doing, what else they could, and how much at once. */
function State({
  agent,
  tasks,
  act,
  leave,
}: {
  agent: Agent
  tasks: Task[]
  act: (method: 'PUT', path: string, body: object) => Promise<void>
  leave: () => Promise<void>
}) {
  const { agentId, name, activity, state, reason, capacity, wrapping } = agent
  const inHand = (type: string) => [...tasks, ...wrapping].filter(({ mediaType }) => mediaType === type).length
  const allow = (type: string, count: number) =>
    void ask(`/desk/agents/${encodeURIComponent(agentId)}`, 'PUT', { capacity: { [type]: count } })
  const next = state === 'ready' ? { state: 'notReady', reason: 'Break' } : { state: 'ready' }
  return (
    <>
      <span role="status" className={`pill tone-${activity === 'ready' ? 'active' : 'inQueue'}`}>
        {name}: {activityWords[activity]}
        {activity === 'notReady' && reason ? ` (${reason})` : ''}
      </span>
      <button type="button" onClick={() => void act('PUT', 'state', next)}>
        {state === 'ready' ? 'Take a break' : 'Ready'}
      </button>
      <button type="button" onClick={() => void leave()}>
        Log out
      </button>
      <details className="capacity">
        <summary>
          {Object.keys(capacity)
            .map((type) => `${type} ${inHand(type)}/${capacity[type]}`)
            .join(' · ')}
        </summary>
        {Object.entries(capacity).map(([type, count]) => (
          <label key={type} className="small-field">
            {type}, at once
            <input
              type="number"
              min={0}
              max={100}
              defaultValue={count}
              onChange={({ target }) => target.value !== '' && allow(type, target.valueAsNumber)}
            />
          </label>
        ))}
      </details>
    </>
  )
}

function AutomaticAgent() {
  const { answer, again } = useAnswer<{ automatic: boolean }>('/desk/agents/automatic', 3_000)
  return (
    <Switch
      label="An automatic agent answers"
      isOn={answer?.automatic ?? false}
      onChange={(automatic) => void ask('/desk/agents/automatic', 'PUT', { automatic }).then(again)}
    />
  )
}

function SitDown({ agents, onSit }: { agents: Agent[]; onSit: (agentId: string) => Promise<void> }) {
  const [problem, setProblem] = useState<string>()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('agent') ?? '').trim()
    onSit(name).catch((error) => setProblem(reasonOf(error)))
  }
  return (
    <>
      <form className="sit-down" onSubmit={submit}>
        <label className="small-field">
          Agent
          <input name="agent" list="agents" defaultValue="5021" required maxLength={40} />
        </label>
        <datalist id="agents">
          {agents.map(({ agentId, name }) => (
            <option key={agentId} value={agentId}>
              {name}
            </option>
          ))}
        </datalist>
        <button type="submit" className="primary">
          Sit down
        </button>
        <span className="hint">You become ready, and tasks ring here; the automatic agent goes home.</span>
      </form>
      <Problem text={problem} />
    </>
  )
}

function Waiting({ waiting, queues, onTake }: Room & { onTake?: (task: Task) => Promise<void> }) {
  const now = useNow()
  return (
    <>
      <h2>Queue ({waiting.length})</h2>
      {waiting.length === 0 && (
        <p className="hint">
          Nobody waits. Be a customer on <a href={linkTo('try')}>Try it</a> or{' '}
          <a href="/shop" target="_blank" rel="noreferrer">
            the shop’s page
          </a>
          .
        </p>
      )}
      <ul className="queue">
        {waiting.map((one) => (
          <li key={one.taskId}>
            <b>
              <bdi>{whoOf(one)}</bdi>
            </b>
            <span>
              {channelOf(one)} · {one.scriptSelector}
            </span>
            <span className="hint">
              waits {span(now - Date.parse(lastTime(one)))}
              {typeof one.estimatedWaitTime === 'number' && one.estimatedWaitTime > 0
                ? ` · told ${span(one.estimatedWaitTime * 1_000)}`
                : ''}
            </span>
            {onTake && one.mediaType !== 'Web Callback' && (
              <button type="button" onClick={() => void onTake(one)} disabled={one.state !== 'QUEUED'}>
                Take
              </button>
            )}
          </li>
        ))}
      </ul>
      {queues.length > 0 && (
        <p className="hint">
          {queues.map(({ scriptSelector, agentsReady }) => `${scriptSelector}: ${agentsReady} free`).join(' · ')}
        </p>
      )}
    </>
  )
}

const lastTime = ({ history, lastUpdatedTime, state }: Task): string =>
  history.findLast((one) => one.state === state)?.time ?? lastUpdatedTime
