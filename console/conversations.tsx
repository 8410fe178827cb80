/** All conversations: what needs somebody first, then what moved last; live, searchable, by state, channel and asset. */
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import type { ListNews } from '../runtime/feed.ts'
import type { ConversationReading } from '../runtime/history.ts'
import type { DeadLetterReading, Page } from '../runtime/reading.ts'
import { ask, follow, reasonOf, useAnswer } from './api.ts'
import { Empty, Problem, StatePill, useNow } from './parts.tsx'
import { linkTo } from './route.ts'
import { VirtualList } from './virtual-list.tsx'
import { ago, channelWords, stateWords } from './words.ts'

type Row = Pick<
  ConversationReading,
  | 'id'
  | 'state'
  | 'channel'
  | 'asset'
  | 'customer'
  | 'conversationId'
  | 'taskId'
  | 'agentId'
  | 'updatedAt'
  | 'notRestorable'
>

const page_items = 500
const shown_max = 5_000

export function Conversations() {
  const { rows, counts, problem } = useConversations()
  const { answer: letters } = useAnswer<DeadLetterReading[]>('/v1/dead-letters', 5_000)
  const now = useNow()
  const [words, setWords] = useState('')
  const [state, setState] = useState('')
  const [channel, setChannel] = useState('')
  const [asset, setAsset] = useState('')
  const search = useDeferredValue(words.trim().toLowerCase())
  const stuck = useMemo(() => stuckOnes(letters ?? []), [letters])
  const assets = useMemo(() => [...new Set([...rows.values()].map((row) => row.asset))].sort(), [rows])
  const shown = useMemo(() => {
    const matching = [...rows.values()].filter(
      (row) =>
        (state === '' || row.state.split('.')[0] === state) &&
        (channel === '' || row.channel === channel) &&
        (asset === '' || row.asset === asset) &&
        (search === '' || textOf(row).includes(search)),
    )
    const isStuck = (row: Row) => (stuck.has(row.id) || row.notRestorable !== undefined ? 1 : 0)
    return matching.sort((a, b) => isStuck(b) - isStuck(a) || b.updatedAt.localeCompare(a.updatedAt))
  }, [rows, state, channel, asset, search, stuck])
  const total = counts.reduce((sum, { count }) => sum + count, 0)

  return (
    <section className="page conversations">
      <header>
        <h1>Conversations</h1>
        <input
          type="search"
          aria-label="Search conversations"
          placeholder="Customer, conversation or task id…"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <select aria-label="Channel" value={channel} onChange={(event) => setChannel(event.target.value)}>
          <option value="">All channels</option>
          {Object.entries(channelWords).map(([name, said]) => (
            <option key={name} value={name}>
              {said}
            </option>
          ))}
        </select>
        <select aria-label="Asset" value={asset} onChange={(event) => setAsset(event.target.value)}>
          <option value="">All assets</option>
          {assets.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </header>
      <fieldset className="counts">
        <legend className="unseen">State</legend>
        {['', ...Object.keys(stateWords)].map((name) => (
          <button
            type="button"
            key={name}
            className={`count tone-${name || 'all'}`}
            aria-pressed={state === name}
            onClick={() => setState(name)}
          >
            <b>{name === '' ? total : sumOf(counts, name)}</b>
            <span>{name === '' ? 'all' : stateWords[name]}</span>
          </button>
        ))}
      </fieldset>
      <Problem text={problem} />
      {shown.length === 0 ? (
        <Empty title={rows.size === 0 ? 'No conversation yet' : 'None match'}>
          {rows.size === 0 ? (
            <>
              Write the first message on <a href={linkTo('try')}>Try it</a>, or post one to <code>/v1/inbound/sms</code>
              .
            </>
          ) : (
            'Search for less, or choose another state.'
          )}
        </Empty>
      ) : (
        <VirtualList items={shown} rowHeight={60} keyOf={(row) => row.id} label="Conversations">
          {(row) => (
            <a className="conversation-row" href={linkTo('conversations', row.id)}>
              <span className={`channel channel-${row.channel}`}>{channelWords[row.channel]}</span>
              <span className="who">
                <bdi>{row.customer}</bdi>
                <small>{row.asset}</small>
              </span>
              <StatePill state={row.state} />
              <span className="why">
                {row.notRestorable ?? stuck.get(row.id) ?? (row.agentId && `agent ${row.agentId}`)}
              </span>
              <time dateTime={row.updatedAt}>{ago(row.updatedAt, now)}</time>
            </a>
          )}
        </VirtualList>
      )}
    </section>
  )
}

const textOf = (row: Row): string =>
  `${row.customer} ${row.id} ${row.conversationId} ${row.taskId} ${row.state}`.toLowerCase()
const sumOf = (counts: ListNews['counts'], state: string): number =>
  counts.filter((row) => row.state === state).reduce((sum, { count }) => sum + count, 0)

/** Whoever has a dead letter waits for a person; the newest reason by actor. */
function stuckOnes(letters: DeadLetterReading[]): Map<string, string> {
  return new Map(letters.map(({ actor, kind, reason }) => [actor, `${kind}: ${reason}`]))
}

/** The list as it stands, kept by the feed; as many as a page of the browser can hold. */
function useConversations() {
  const [rows, setRows] = useState<ReadonlyMap<string, Row>>(new Map())
  const [counts, setCounts] = useState<ListNews['counts']>([])
  const [problem, setProblem] = useState<string>()
  useEffect(
    () =>
      follow('/v1/feed', (event, data) => {
        if (event === 'open') {
          readAll().then(
            (items) => {
              setRows((before) => newest(before, items))
              setCounts((before) => (before.length > 0 ? before : countsOf(items)))
              setProblem(undefined)
            },
            (error) => setProblem(reasonOf(error)),
          )
        }
        if (event === 'changed') {
          const news = data as ListNews
          setRows((before) =>
            newest(
              before,
              news.items.map(({ at, ...item }) => ({ ...item, updatedAt: at })),
            ),
          )
          setCounts(news.counts)
        }
      }),
    [],
  )
  return { rows, counts, problem }
}

async function readAll(): Promise<Row[]> {
  const items: Row[] = []
  let cursor: string | null = ''
  while (cursor !== null && items.length < shown_max) {
    const page: Page = await ask(`/v1/conversations?limit=${page_items}${cursor ? `&cursor=${cursor}` : ''}`)
    items.push(...page.items)
    cursor = page.cursor
  }
  return items
}

function newest(before: ReadonlyMap<string, Row>, items: Row[]): ReadonlyMap<string, Row> {
  const rows = new Map(before)
  for (const item of items) {
    const known = rows.get(item.id)
    if (!known || known.updatedAt <= item.updatedAt) rows.set(item.id, item)
  }
  return rows
}

function countsOf(items: Row[]): ListNews['counts'] {
  const counts = new Map<string, number>()
  for (const { state } of items) {
    const top = state.split('.')[0] ?? ''
    counts.set(top, (counts.get(top) ?? 0) + 1)
  }
  return [...counts].map(([state, count]) => ({ channel: '', state, count }))
}
