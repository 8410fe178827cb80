/**
 * The chat door: WebSockets at `/v1/chat?app=<asset>`, one a window. Checks who may come, keeps which threads have windows
 * here, and closes a thread when its last window has been gone for the time of grace. Speaks to `chat-session.ts`.
 * A thread's lines reach its windows on whichever node they are (`chat-threads.ts`).
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { closeCodes } from '../chat-messages.ts'
import type { ChatThreads } from '../chat-threads.ts'
import type { Clock } from '../clock.ts'
import type { Trouble } from '../trouble.ts'
import { openSession, type WindowSession } from './chat-session.ts'
import type { ChatSession, SessionTokens } from './session-token.ts'
import { closedBody } from './window-body.ts'

/** What a door answered: an HTTP status, and words for the sender. */
export interface Delivered {
  status: number
  detail: string
  duplicate?: boolean
  retryAfterSeconds?: number
}

export interface ChatDoorMeans {
  threads: ChatThreads
  tokens: SessionTokens
  /** Moves with virtual time: the time of grace. */
  clock: Clock
  /** The real one: networks know no other. */
  wallClock: Clock
  /** The origins of a live chat asset's web pages, `*` for any; undefined for an asset that is none. */
  originsOf: (asset: string) => readonly string[] | undefined
  /** What goes wrong with what windows send now: none unless a tester asked for it. */
  trouble: () => Trouble
  /** Through the live chat door; never rejects. */
  deliver: (body: object) => Promise<Delivered>
}

export interface ChatDoor {
  /** Closes all windows; they come back at another node. */
  stop(): void
}

/** Reload, a tunnel, another tab: whoever is back by then has not left. */
export const grace_ms = 60_000
const frame_bytes_max = 65_536
const windows_max = 20_000
const ping_ms = 25_000
const path = '/v1/chat'

export function openChatDoor(server: Server, means: ChatDoorMeans): ChatDoor {
  const { threads, clock, wallClock } = means
  const sockets = new WebSocketServer({ noServer: true, maxPayload: frame_bytes_max, clientTracking: true })
  const windows = new Map<string, Set<WindowSession>>()

  const isHeld = (thread: string) => windows.has(thread)
  threads.answerHeld(isHeld)
  threads.onLine((thread, line) => {
    for (const window of windows.get(thread) ?? []) window.hear(line)
  })
  threads.onTyping((thread, typing) => {
    for (const window of windows.get(thread) ?? []) window.hearTyping(typing)
  })

  const left = (session: ChatSession) =>
    void clock.after(grace_ms, () => void closeAbandoned(means, session, isHeld).catch(() => {}))

  const connected = (socket: WebSocket, request: IncomingMessage) => {
    const asset = new URL(request.url ?? '', 'http://any').searchParams.get('app') ?? ''
    const origins = means.originsOf(asset)
    if (!origins) return socket.close(closeCodes.noSuchChat, 'no live chat asset has this id')
    if (!mayCome(request, origins)) return socket.close(closeCodes.originRefused, 'this website may not chat here')
    if (sockets.clients.size > windows_max) return socket.close(1013, 'try again later')
    keepAlive(socket, wallClock)
    openSession(socket, asset, means, (window) => {
      const { session } = window
      const all = windows.get(session.thread) ?? new Set()
      windows.set(session.thread, all.add(window))
      return () => {
        all.delete(window)
        if (all.size > 0) return
        windows.delete(session.thread)
        left(session)
      }
    })
  }
  const upgrade = (request: IncomingMessage, socket: import('node:stream').Duplex, head: Buffer) => {
    if (new URL(request.url ?? '', 'http://any').pathname !== path) return socket.destroy()
    sockets.handleUpgrade(request, socket, head, (opened) => connected(opened, request))
  }
  server.on('upgrade', upgrade)
  return {
    stop() {
      server.off('upgrade', upgrade)
      for (const socket of sockets.clients) socket.close(closeCodes.goingAway, 'this node is stopping')
      for (const socket of sockets.clients) socket.terminate()
    },
  }
}

/** A browser names the page's origin and cannot lie about it; other programs have none. */
export function mayCome({ headers }: Pick<IncomingMessage, 'headers'>, origins: readonly string[]): boolean {
  const { origin, host } = headers
  if (origin === undefined || origins.includes('*') || origins.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

/** A window that does not answer is gone, though its socket may not know. */
function keepAlive(socket: WebSocket, clock: Clock): void {
  let isAlive = true
  let cancel = () => {}
  const ping = () => {
    if (!isAlive) return socket.terminate()
    isAlive = false
    socket.ping()
    cancel = clock.after(ping_ms, ping)
  }
  cancel = clock.after(ping_ms, ping)
  socket.on('pong', () => {
    isAlive = true
  })
  socket.on('close', () => cancel())
}

/** Nobody came back, here or elsewhere: the customer has left (flows.md 4.2, OnThreadClosed). */
async function closeAbandoned(means: ChatDoorMeans, session: ChatSession, isHeld: (thread: string) => boolean) {
  const { threads } = means
  const { thread } = session
  if (isHeld(thread) || (await threads.isHeldElsewhere(thread)) || isHeld(thread)) return
  if ((await threads.after(thread, 0)).length === 0 || (await threads.isClosed(thread))) return
  await closeThread(means, session)
}

/** Told to the conversation first: a thread is not closed before it knows. */
export async function closeThread(
  { clock, deliver, threads }: ChatDoorMeans,
  session: ChatSession,
): Promise<Delivered> {
  const at = new Date(clock.now()).toISOString()
  const answer = await deliver(closedBody(session, { id: 'closed', at }))
  if (answer.status !== 200) return answer
  await threads.append(session.thread, {
    key: `closed ${randomUUID()}`,
    at,
    from: 'customer',
    kind: 'closed',
    text: '',
  })
  return answer
}
