/** The customer's side, to play by hand: a phone, a chat window, a mailbox; and troubles to switch on. */
import type { AssetReading } from '../runtime/machine-doors.ts'
import { ask, useAnswer } from './api.ts'
import { Device, inbox_ms, type Line, NumberField, useKept } from './device.tsx'
import { Empty } from './parts.tsx'
import { linkTo } from './route.ts'
import { ShopChat } from './shop-chat.tsx'
import { Troubles } from './troubles.tsx'

export function TryIt({ theme }: { theme: string }) {
  const { answer: assets } = useAnswer<{ items: AssetReading[] }>('/v1/assets')
  const { problem } = useAnswer<unknown>('/desk/tasks')
  if (problem !== undefined) return <Empty title="There is no customer to play here">{problem}</Empty>
  const assetOf = (channel: string) => assets?.items.find((asset) => asset.channel === channel)
  const [sms, chat, email] = [assetOf('sms'), assetOf('live-chat'), assetOf('email')]
  return (
    <section className="page try-it">
      <header>
        <h1>Try it</h1>
        <p className="hint">
          You are the customer. Agents are on the <a href={linkTo('desk')}>agent desk</a>; until somebody sits there, an
          automatic one answers.
        </p>
      </header>
      <Troubles />
      <div className="devices">
        {sms && <Phone asset={sms} />}
        {chat && <ShopChat asset={chat} theme={theme} />}
        {email && <Mail asset={email} />}
      </div>
    </section>
  )
}

function Phone({ asset }: { asset: AssetReading }) {
  const [number, setNumber] = useKept('parley.try.number', '+14155550123')
  const [sent, setSent] = useKept<Line[]>(`parley.try.sms.${number}`, [])
  const { answer, again } = useAnswer<{ items: { at: string; text: string }[] }>(
    `/desk/handset/sms/inbox?number=${encodeURIComponent(number)}`,
    inbox_ms,
  )
  const send = async (text: string) => {
    const tid = crypto.randomUUID()
    const body = { from: number, to: asset.id, text, tid }
    setSent([...sent, { at: new Date().toISOString(), text, by: 'me' }])
    await ask('/desk/handset/sms/send', 'POST', body)
    again()
  }
  const received = (answer?.items ?? []).map((item): Line => ({ ...item, by: 'them' }))
  return (
    <Device
      title="Phone"
      about={<NumberField label="My number" value={number} onChange={setNumber} />}
      lines={[...sent, ...received]}
      onSend={send}
      watch={{ channel: 'sms', asset: asset.id, customer: number }}
      placeholder={`Text to ${asset.id}`}
      begin="Write anything: the welcome and its menu come back. A card number is masked before it is stored."
    />
  )
}

function Mail({ asset }: { asset: AssetReading }) {
  const [address, setAddress] = useKept('parley.try.address', 'ada@example.org')
  const [sent, setSent] = useKept<Line[]>(`parley.try.mail.${address}`, [])
  const { answer, again } = useAnswer<{ items: { at: string; subject: string; text: string }[] }>(
    `/desk/handset/mail/inbox?address=${encodeURIComponent(address)}`,
    inbox_ms,
  )
  const items = answer?.items ?? []
  const send = async (text: string) => {
    const isReply = items.length > 0
    const messageId = `<${crypto.randomUUID()}@parley.example>`
    const about = isReply ? { reply: true } : { subject: text.slice(0, 60) }
    const body = { from: address, to: asset.address, text, messageId, ...about }
    setSent([...sent, { at: new Date().toISOString(), text, by: 'me' }])
    await ask('/desk/handset/mail/send', 'POST', body)
    again()
  }
  const received = items.map(({ at, subject, text }): Line => ({ at, text: `${subject}\n\n${text}`, by: 'them' }))
  return (
    <Device
      title="Mailbox"
      about={<NumberField label="My address" value={address} onChange={setAddress} />}
      lines={[...sent, ...received]}
      onSend={send}
      watch={{ channel: 'email', asset: asset.id, customer: address }}
      placeholder={`Mail to ${asset.address}`}
      begin="Write a mail: its words are its subject, too. Answers come back here."
    />
  )
}
