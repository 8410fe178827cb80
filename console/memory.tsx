/** What a conversation remembers after a turn, with what that turn changed marked; and what it waits for. */
import { useEffect, useState } from 'react'
import type { ConversationReading, TurnReading } from '../runtime/history.ts'
import { ask } from './api.ts'
import { span } from './words.ts'

/** The conversation as it stood after a turn, and after the one before it; both are kept once read. */
export function useThen(id: string, turn: TurnReading | undefined, before: TurnReading | undefined) {
  const [known, setKnown] = useState<ReadonlyMap<number, ConversationReading>>(new Map())
  const wanted = [turn?.revision, before?.revision].filter((one) => one !== undefined && !known.has(one)).join(',')
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const revision of wanted.split(',').filter(Boolean)) {
        ask<ConversationReading>(`/v1/conversations/${encodeURIComponent(id)}/turns/${revision}`).then(
          (then) => setKnown((all) => new Map([...all, [then.revision, then]])),
          () => {},
        )
      }
    }, settle_ms)
    return () => clearTimeout(timer)
  }, [id, wanted])
  const at = (one: TurnReading | undefined) => (one === undefined ? undefined : known.get(one.revision))
  return { after: at(turn), before: at(before) }
}

/** A slider passes many turns; the one it rests on is read. */
const settle_ms = 60

export function Memory({
  after,
  before,
}: {
  after: ConversationReading | undefined
  before: ConversationReading | undefined
}) {
  if (!after) return <p className="loading">Reading…</p>
  const rows = Object.entries(after.context).filter(([, value]) => !isEmpty(value))
  return (
    <div className="memory">
      {after.timers.length > 0 && (
        <ul className="waits">
          {after.timers.map(({ name, dueAt }) => (
            <li key={name}>
              <b>{name.split('.')[0]}</b> due {span(Date.parse(dueAt) - Date.parse(after.updatedAt))} after this turn{' '}
              <small>({new Date(dueAt).toLocaleString()})</small>
            </li>
          ))}
        </ul>
      )}
      <table>
        <tbody>
          {rows.map(([name, value]) => {
            const isNew = before !== undefined && JSON.stringify(before.context[name]) !== JSON.stringify(value)
            return (
              <tr key={name} className={isNew ? 'changed' : undefined}>
                <th scope="row">{name}</th>
                <td>
                  <bdi>{typeof value === 'string' ? value : JSON.stringify(value)}</bdi>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

const isEmpty = (value: unknown): boolean =>
  value === '' ||
  value === null ||
  value === undefined ||
  value === false ||
  (Array.isArray(value) && value.length === 0)
