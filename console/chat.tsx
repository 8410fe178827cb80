/** The chat window of a customer, over the embedded desk: words, the pre-chat form, the offer to be called. */
import type { FormEvent } from 'react'
import type { AssetReading } from '../runtime/machine-doors.ts'
import { ask, useAnswer } from './api.ts'
import { Device, inbox_ms, type Line, useKept } from './device.tsx'

interface ChatItem {
  at: string
  text: string
  transid: string
  form?: { title: string; fields: { name: string; label: string; options?: string[]; mandatory: boolean }[] }
  quickReplies?: { reference: string; options: { title: string; identifier: string }[] }
}

export function Chat({ asset, sendsTwice }: { asset: AssetReading; sendsTwice: boolean }) {
  const [user] = useKept('parley.try.user', `visitor-${crypto.randomUUID().slice(0, 8)}`)
  const [thread, setThread] = useKept('parley.try.thread', '')
  const [sent, setSent] = useKept<Line[]>(`parley.try.chat.${thread}`, [])
  const window = { user, app: asset.id, thread }
  const { answer, again } = useAnswer<{ items: ChatItem[] }>(
    thread ? `/desk/handset/chat/inbox?user=${encodeURIComponent(user)}&thread=${thread}` : undefined,
    inbox_ms,
  )
  const act = async (name: string, body: object) => {
    await ask(`/desk/handset/chat/${name}`, 'POST', body)
    again()
  }
  const open = async () => {
    const opened = await ask<{ thread: string }>('/desk/handset/chat/open', 'POST', { user, app: asset.id })
    setThread(opened.thread)
  }
  const send = async (text: string) => {
    setSent([...sent, { at: new Date().toISOString(), text, by: 'me' }])
    const body = { ...window, text, tid: crypto.randomUUID() }
    await act('say', body)
    if (sendsTwice) await act('say', body)
  }
  const close = async () => {
    await act('close', window)
    setThread('')
  }
  const items = thread ? (answer?.items ?? []) : []
  const received = items.map((item, index): Line => {
    const isNewest = index === items.length - 1
    const more = (
      <Questions
        key={item.transid}
        item={item}
        isNewest={isNewest}
        onAnswer={(name, body) => act(name, { ...window, ...body })}
      />
    )
    return { at: item.at, text: item.text, by: 'them', more }
  })
  return (
    <Device
      title="Chat window"
      about={
        thread === '' ? (
          <button type="button" className="primary" onClick={() => void open()}>
            Open the chat
          </button>
        ) : (
          <button type="button" onClick={() => void close()}>
            Close the window
          </button>
        )
      }
      lines={thread === '' ? [] : [...sent, ...received]}
      onSend={thread === '' ? undefined : send}
      watch={{ channel: 'live-chat', asset: asset.id, customer: user }}
      placeholder="Write a message"
    />
  )
}

/** What is asked in a chat: a form to fill in while it is the newest line, or answers to press. */
function Questions({
  item: { form, quickReplies, transid },
  isNewest,
  onAnswer,
}: {
  item: ChatItem
  isNewest: boolean
  onAnswer: (name: 'form' | 'press', body: object) => Promise<void>
}) {
  if (quickReplies) {
    const { reference, options } = quickReplies
    return options.map(({ title, identifier }) => (
      <button key={identifier} type="button" onClick={() => void onAnswer('press', { identifier, reference })}>
        {title}
      </button>
    ))
  }
  if (!form) return null
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    void onAnswer('form', { fields: Object.fromEntries(new FormData(event.currentTarget)) })
  }
  return (
    <form className="chat-form" onSubmit={submit}>
      {form.fields.map(({ name, label, options, mandatory }) => {
        const field = { id: `${transid} ${name}`, name, disabled: !isNewest, required: mandatory }
        return (
          <div key={name}>
            <label htmlFor={field.id}>{label || name}</label>
            {options ? (
              <select {...field}>
                {options.map((option) => (
                  <option key={option}>{option}</option>
                ))}
              </select>
            ) : (
              <input {...field} />
            )}
          </div>
        )
      })}
      <button type="submit" className="primary" disabled={!isNewest}>
        Send
      </button>
    </form>
  )
}
