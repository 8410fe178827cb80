/** A device of a customer: what was said, a field to write in, and the way to the conversation. */
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import type { Page } from '../runtime/reading.ts'
import { reasonOf, useAnswer } from './api.ts'
import { Problem, Said, StatePill } from './parts.tsx'
import { linkTo } from './route.ts'
import { timeOf } from './words.ts'

export const inbox_ms = 800

export interface Line {
  at: string
  text: string
  by: 'me' | 'them'
  more?: ReactNode
}

/** What a customer wrote is kept by the tab: the desk has only what came back. */
export function useKept<Value>(key: string, start: Value): [Value, (value: Value) => void] {
  const [value, setValue] = useState<Value>(() => JSON.parse(sessionStorage.getItem(key) ?? 'null') ?? start)
  const keep = (next: Value) => {
    sessionStorage.setItem(key, JSON.stringify(next))
    setValue(next)
  }
  return [value, keep]
}

export function NumberField({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  return (
    <label className="small-field">
      {label}
      <input value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  )
}

export function Device({
  title,
  about,
  lines,
  onSend,
  watch,
  placeholder,
  begin,
}: {
  title: string
  about: ReactNode
  lines: Line[]
  onSend: ((text: string) => Promise<void>) | undefined
  watch: { channel: string; asset: string; customer: string }
  placeholder: string
  /** What to do where nothing has been said yet. */
  begin: string
}) {
  const [problem, setProblem] = useState<string>()
  const end = useRef<HTMLDivElement>(null)
  const shown = [...lines].sort((a, b) => a.at.localeCompare(b.at))
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line scrolls into sight
  useEffect(() => {
    end.current?.scrollTo({ top: end.current.scrollHeight })
  }, [shown.length])
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const text = String(new FormData(form).get('text') ?? '').trim()
    if (text === '' || !onSend) return
    form.reset()
    await onSend(text).then(
      () => setProblem(undefined),
      (error) => setProblem(reasonOf(error)),
    )
  }
  return (
    <article className="device" aria-label={title}>
      <h2>{title}</h2>
      <div className="device-about">
        {about}
        <Watch {...watch} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="screen" ref={end} role="log" aria-label={`${title}: messages`} tabIndex={0}>
        {shown.length === 0 && <p className="hint begin">{begin}</p>}
        {shown.map((line) => (
          <div key={`${line.at} ${line.by} ${line.text.slice(0, 20)}`} className={`bubble ${line.by}`}>
            <Said text={line.text} />
            {line.more}
            <time dateTime={line.at}>{timeOf(line.at)}</time>
          </div>
        ))}
      </div>
      <Problem text={problem} />
      <form className="write" onSubmit={(event) => void submit(event)}>
        <input
          name="text"
          aria-label={`${title}: message`}
          placeholder={placeholder}
          autoComplete="off"
          disabled={!onSend}
        />
        <button type="submit" className="primary" disabled={!onSend}>
          Send
        </button>
      </form>
    </article>
  )
}

/** Where the conversation of this customer stands, and the way to it. */
export function Watch(query: { channel: string; asset: string; customer: string }) {
  const { answer } = useAnswer<Page>(`/v1/conversations?${new URLSearchParams(query)}`, inbox_ms)
  const one = answer?.items[0]
  return one ? (
    <a className="watch" href={linkTo('conversations', one.id)}>
      <StatePill state={one.state} /> watch
    </a>
  ) : null
}
