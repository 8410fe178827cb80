/** The chat of the shop, as its customers have it: `/widget.js` and its element, in its place on this page instead of a corner. */
import { useEffect, useRef } from 'react'
import type { AssetReading } from '../runtime/machine-doors.ts'
import { Watch } from './device.tsx'
import { useNow } from './parts.tsx'

export function ShopChat({ asset, theme }: { asset: AssetReading; theme: string }) {
  const place = useRef<HTMLDivElement>(null)
  useNow()
  const customer = customerOf(asset.id)
  useEffect(() => {
    const chat = chatOf(asset.id)
    chat.setAttribute('theme', theme)
    place.current?.append(chat)
    return () => chat.remove()
  }, [asset.id, theme])
  return (
    <article className="device shop-chat" aria-label="Chat window">
      <h2>Chat window</h2>
      <div className="device-about">
        <span className="hint">
          the real one, as on{' '}
          <a href="/shop" target="_blank" rel="noreferrer">
            the shop’s page
          </a>
        </span>
        {customer !== undefined && <Watch channel="live-chat" asset={asset.id} customer={customer} />}
      </div>
      <div ref={place} />
    </article>
  )
}

/** One for each asset, kept while the console is open: its line does not break when another page is looked at. */
const chats = new Map<string, HTMLElement>()

function chatOf(app: string): HTMLElement {
  if (chats.size === 0) document.head.append(Object.assign(document.createElement('script'), { src: '/widget.js' }))
  const chat = chats.get(app) ?? document.createElement('parley-chat')
  chat.setAttribute('app', app)
  chat.setAttribute('inline', '')
  chats.set(app, chat)
  return chat
}

/** Whom the window's token names (`session-token.ts`), once it has one. */
function customerOf(app: string): string | undefined {
  const token = localStorage.getItem(`parley-chat ${location.origin} ${app}`)
  const [payload = ''] = token?.split('.') ?? []
  if (payload === '') return undefined
  const [, user] = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/'))) as string[]
  return user
}
