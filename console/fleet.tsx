/** How the whole system stands: conversations by state, nodes and their partitions, what waits in streams, dead letters. */
import { useEffect, useState } from 'react'
import type { ListNews } from '../runtime/feed.ts'
import type { NodeState, Share } from '../runtime/node-state.ts'
import type { DeadLetterReading } from '../runtime/reading.ts'
import { Ages } from './ages.tsx'
import { ask, follow, reasonOf, useAnswer } from './api.ts'
import { samplesOf } from './metrics-text.ts'
import { Empty, Problem, useNow } from './parts.tsx'
import { linkTo } from './route.ts'
import { Waits } from './waits.tsx'
import { ago, channelWords, stateWords } from './words.ts'

export function Fleet() {
  const { answer: metrics } = useAnswer<string>('/metrics', 2_000)
  const { answer: nodes, problem } = useAnswer<{ items: NodeState[] }>('/v1/nodes', 2_000)
  return (
    <section className="page fleet">
      <header>
        <h1>Fleet</h1>
      </header>
      <Problem text={problem} />
      <div className="tiles">
        <States metrics={metrics ?? ''} />
        <Ages metrics={metrics} />
        <Waits metrics={metrics ?? ''} />
        <Streams metrics={metrics ?? ''} />
        <Nodes nodes={nodes?.items ?? []} />
      </div>
      <DeadLetters />
    </section>
  )
}

function States({ metrics }: { metrics: string }) {
  const [news, setNews] = useState<ListNews['counts']>()
  useEffect(
    () =>
      follow('/v1/feed', (event, data) => {
        if (event === 'changed') setNews((data as ListNews).counts)
      }),
    [],
  )
  const counts =
    news ??
    samplesOf(metrics, 'parley_conversations').map(({ labels, value }) => {
      return { channel: labels.channel ?? '', state: labels.state ?? '', count: value }
    })
  const most = Math.max(1, ...Object.keys(stateWords).map((state) => countOf(counts, state)))
  return (
    <article className="tile">
      <h2>Conversations by state</h2>
      <table className="bars">
        <tbody>
          {Object.entries(stateWords).map(([state, words]) => (
            <tr key={state}>
              <th scope="row">{words}</th>
              <td>
                <span className={`bar tone-${state}`} style={{ width: `${(countOf(counts, state) / most) * 100}%` }} />
              </td>
              <td className="number">{countOf(counts, state)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="hint">
        {Object.entries(channelWords)
          .map(
            ([channel, words]) =>
              `${words} ${counts.filter((one) => one.channel === channel).reduce((sum, { count }) => sum + count, 0)}`,
          )
          .join(' · ')}
      </p>
    </article>
  )
}

const countOf = (counts: ListNews['counts'], state: string): number =>
  counts.filter((one) => one.state === state).reduce((sum, { count }) => sum + count, 0)

function Streams({ metrics }: { metrics: string }) {
  return (
    <article className="tile">
      <h2>What streams hold</h2>
      <table>
        <tbody>
          {samplesOf(metrics, 'parley_stream_messages').map(({ labels, value }) => (
            <tr key={labels.stream}>
              <th scope="row">{labels.stream}</th>
              <td className="hint">{streamWords[labels.stream ?? ''] ?? ''}</td>
              <td className="number">{value.toLocaleString()}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </article>
  )
}

const streamWords: Record<string, string> = {
  INBOX: 'events to be turned; 0 when nothing waits',
  TURNS: 'turns kept',
  EFFECTS: 'outcomes kept',
  TIMERS: 'timers armed',
  MAILS: 'mails known',
  CHATS: 'chat lines of the last 7 days',
  DEAD: 'dead letters',
  AUDIT: 'who read or did what',
}

function Nodes({ nodes }: { nodes: NodeState[] }) {
  const now = useNow()
  return (
    <article className="tile">
      <h2>Nodes ({nodes.length})</h2>
      {nodes.map(({ id, host, pid, since, shares }) => (
        <div key={id} className="node">
          <b>{host}</b>{' '}
          <span className="hint">
            pid {pid}, up {ago(since, now).replace(' ago', '')}
          </span>
          {shares ? (
            <>
              {shares.turning && <p className="hint">{shareInWords('turns', shares.turning)}</p>}
              {shares.transmitting && <p className="hint">{shareInWords('sends for', shares.transmitting)}</p>}
            </>
          ) : (
            <p className="hint">a gateway only</p>
          )}
        </div>
      ))}
    </article>
  )
}

function shareInWords(does: string, { has, wants }: Share): string {
  const partitions = `${has.length} partition${has.length === 1 ? '' : 's'}${has.length > 0 ? `: ${has.join(', ')}` : ''}`
  return `${does} ${partitions}; stands by for ${wants.length}`
}

function DeadLetters() {
  const { answer, problem, again } = useAnswer<DeadLetterReading[]>('/v1/dead-letters', 3_000)
  const [refused, setRefused] = useState<string>()
  const now = useNow()
  const act = (id: string, method: string, path = '') =>
    ask(`/v1/dead-letters/${id}${path}`, method).then(
      () => {
        setRefused(undefined)
        again()
      },
      (error) => setRefused(reasonOf(error)),
    )
  const letters = (answer ?? []).toReversed()
  return (
    <article className="tile wide">
      <h2>Dead letters ({letters.length})</h2>
      <Problem text={refused ?? problem} />
      {letters.length === 0 ? (
        <Empty title="None">Nothing was set aside.</Empty>
      ) : (
        <table className="letters">
          <tbody>
            {letters.slice(0, letters_shown_max).map(({ id, kind, actor, reason, at }) => (
              <tr key={id}>
                <th scope="row">{kind}</th>
                <td>{reason}</td>
                <td>
                  {/^[0-9a-f]{16}$/.test(actor) ? (
                    <a href={linkTo('conversations', actor)}>{actor.slice(0, 6)}</a>
                  ) : (
                    actor
                  )}
                </td>
                <td className="hint">{ago(at, now)}</td>
                <td className="acts">
                  <button type="button" onClick={() => void act(id, 'POST', '/retry')}>
                    Send again
                  </button>
                  <button type="button" onClick={() => void act(id, 'DELETE')}>
                    Give up
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </article>
  )
}

const letters_shown_max = 200
