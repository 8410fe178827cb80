/** Small pieces that pages are made of: a state as a pill, text of a customer, what to show when there is nothing. */
import { type ReactNode, useEffect, useState } from 'react'
import { stateWords, toneOf } from './words.ts'

export function StatePill({ state }: { state: string }) {
  const [top, ...rest] = state.split('.')
  return (
    <span className={`pill tone-${toneOf(state)}`} title={state}>
      {stateWords[top ?? ''] ?? top}
      {rest.length > 0 && <small>{rest.join(' · ')}</small>}
    </span>
  )
}

/** What somebody wrote, as text, with what was masked in it as chips. Long texts are folded. */
export function Said({ text }: { text: string }) {
  const [isOpen, setOpen] = useState(false)
  const shown = isOpen || text.length <= folded_length ? text : `${text.slice(0, folded_length)}…`
  return (
    <bdi className="said">
      {shown.split(/(\*[*\s-]{5,}\d{0,4}\*?)/).map((part, index) =>
        index % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text have no other name
          <span key={index} className="masked" title="Card data, masked before it was stored">
            card number
          </span>
        ) : (
          part
        ),
      )}
      {text.length > folded_length && (
        <button type="button" className="link" onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'show less' : `show all ${text.length.toLocaleString()} characters`}
        </button>
      )}
    </bdi>
  )
}
const folded_length = 600

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      <div>{children}</div>
    </div>
  )
}

export function Problem({ text }: { text: string | undefined }) {
  return text === undefined ? null : (
    <p className="problem" role="alert">
      {text}
    </p>
  )
}

/** The time, once a second. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** Copies a text, and says for a moment what it was and how long, or why it could not be. `what` is in the words of a sentence. */
export function CopyButton({
  label,
  what,
  text,
}: {
  label: string
  what: string
  text: () => string | Promise<string>
}) {
  const [said, setSaid] = useState('')
  const copy = async () => setSaid(await copied(what, text).catch((error: Error) => `Not copied: ${error.message}`))
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), said_ms)
    return () => clearTimeout(timer)
  }, [said])
  return (
    <>
      <button type="button" onClick={() => void copy()}>
        {label}
      </button>
      <output className="copied">{said}</output>
    </>
  )
}

const said_ms = 4_000

async function copied(what: string, text: () => string | Promise<string>): Promise<string> {
  if (!navigator.clipboard) throw new Error('a page may copy over https and from this machine only')
  const whole = await text()
  await navigator.clipboard.writeText(whole)
  const lines = whole.trimEnd().split('\n').length
  return `Copied: ${what}, ${lines.toLocaleString()} ${lines === 1 ? 'line' : 'lines'}`
}
