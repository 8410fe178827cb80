/** A chat window as a program: a real WebSocket, the frames it got, and waiting for one that has not come yet. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { type FromWindow, ToWindow as shape, type ToWindow } from '../adapters/chat-messages.ts'

type Got<Type extends ToWindow['type']> = Extract<ToWindow, { type: Type }>
export type LineFrame = Got<'line'>

export interface Window {
  frames: ToWindow[]
  lines(): LineFrame[]
  say(frame: FromWindow | object | string): void
  /** The first frame of that type that fits, come or to come. */
  next<Type extends ToWindow['type']>(type: Type, fits?: (frame: Got<Type>) => boolean): Promise<Got<Type>>
  /** Says hello, and gives the welcome. */
  hello(more?: { token?: string; after?: number }): Promise<Got<'welcome'>>
  /** The code and reason that it was closed with. */
  closed: Promise<{ code: number; reason: string }>
  close(): Promise<void>
  /** As a network does it. */
  cut(): void
}

export async function openWindow(url: string, app: string, origin?: string): Promise<Window> {
  const socket = new WebSocket(
    `${url.replace(/^http/, 'ws')}/v1/chat?app=${app}`,
    origin === undefined ? {} : { origin },
  )
  const frames: ToWindow[] = []
  const waiting = new Set<() => void>()
  socket.on('error', () => {})
  socket.on('message', (data) => {
    frames.push(shape.parse(JSON.parse(String(data))))
    for (const look of [...waiting]) look()
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
  })
  await once(socket, 'open')
  const self: Window = {
    frames,
    lines: () => frames.filter((frame) => frame.type === 'line'),
    say: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    next: (type, fits = () => true) =>
      new Promise((resolve) => {
        const look = () => {
          const found = frames.find((frame) => frame.type === type && fits(frame as never))
          if (!found) return
          waiting.delete(look)
          resolve(found as never)
        }
        waiting.add(look)
        look()
      }),
    async hello(more = {}) {
      self.say({ type: 'hello', ...more })
      return self.next('welcome')
    },
    closed,
    async close() {
      socket.close()
      await closed
    },
    cut: () => socket.terminate(),
  }
  return self
}
