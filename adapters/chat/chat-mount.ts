/**
 * The chat door put together, for the gateway: its paths, its sockets, and the way to the live chat door.
 */
import type { Server } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Door } from '../adapter.ts'
import { liveChatDoor } from '../connect/live-chat-door.ts'
import { type ChatDoorMeans, openChatDoor } from './chat-door.ts'
import { openChatPaths } from './chat-http.ts'
import { sessionTokens } from './session-token.ts'
import { openWidgetPages } from './widget-pages.ts'

/** A file of 25 MB inside the body, as base64. */
const body_bytes_max = 36_000_000

/** What accept says of an event. */
interface Answer {
  status: number
  body: { eventId: string; duplicate: boolean } | { detail: string }
  retryAfterSeconds?: number
}

interface ChatAsset {
  channel: string
  id: string
  origins: readonly string[]
}

export function chatMount(
  { assets, production }: { assets: readonly ChatAsset[]; production: boolean },
  of: Pick<ChatDoorMeans, 'clock' | 'wallClock' | 'threads' | 'trouble'>,
  secret: Uint8Array,
  accept: (door: Door, raw: Uint8Array) => Promise<Answer>,
) {
  const door = { ...liveChatDoor, body_bytes_max }
  const means: ChatDoorMeans = {
    ...of,
    tokens: sessionTokens(secret, of.clock.now),
    originsOf: (asset) => assets.find(({ channel, id }) => channel === 'live-chat' && id === asset)?.origins,
    async deliver(body) {
      const { status, body: said, ...rest } = await accept(door, new TextEncoder().encode(JSON.stringify(body)))
      return 'detail' in said
        ? { status, detail: said.detail, ...rest }
        : { status, detail: '', duplicate: said.duplicate, ...rest }
    },
  }
  type Paths = Parameters<typeof openChatPaths>
  return {
    paths(app: FastifyInstance, refuse: Paths[2], isRefused: Paths[3]) {
      openChatPaths(app, means, refuse, isRefused)
      openWidgetPages(app, production ? undefined : assets.find(({ channel }) => channel === 'live-chat')?.id)
    },
    open: (server: Server) => openChatDoor(server, means),
  }
}
