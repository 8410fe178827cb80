/**
 * GET /v1/feed and GET /v1/conversations/{id}/feed: server-sent events for consoles and other followers. Each begins with
 * the event `open`: whoever then reads the list, or the turns, and puts what the feed says over it, misses nothing.
 * Speaks to `feed.ts`. A follower that does not read is cut off; it begins again, as after every break.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../adapters/clock.ts'
import type { Feeds } from './feed.ts'
import { type ProblemCode, problem } from './problem.ts'

export interface FeedDoors {
  /** Ends every feed, so that their followers go elsewhere. */
  close(): void
}

const followers_max = 500
/** What a follower may leave unread. */
const unread_bytes_max = 4 * 1024 * 1024
/** Proxies cut what is silent for a minute. */
const heartbeat_ms = 15_000

/** Whoever asks has passed `guarded`. */
export function openFeedDoors(
  app: FastifyInstance,
  feeds: Feeds,
  clock: Clock,
  guarded: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): FeedDoors {
  const open = new Set<FastifyReply['raw']>()

  const follow = async (reply: FastifyReply, start: (tell: Tell) => Promise<Unfollow | undefined>) => {
    if (open.size >= followers_max) return refuse(reply.header('retry-after', '5'), 'too-many-followers', full)
    const { raw } = reply
    const early: string[] = []
    let write = (frame: string) => void early.push(frame)
    const unfollow = await start((event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`))
    if (!unfollow) return refuse(reply, 'not-found', 'no conversation has this id')
    reply.hijack()
    open.add(raw)
    const rest = heartbeat(clock, () => write(': still here\n\n'))
    raw.once('close', () => {
      open.delete(raw)
      rest()
      void Promise.resolve(unfollow()).catch(() => {})
    })
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    write = (frame) => {
      if (raw.writableLength > unread_bytes_max) raw.destroy()
      else raw.write(frame)
    }
    for (const frame of ['event: open\ndata: {}\n\n', ...early]) write(frame)
  }

  app.get('/v1/feed', { preHandler: guarded }, (_request, reply) =>
    follow(reply, async (tell) => feeds.list((news) => tell('changed', news))),
  )
  app.get('/v1/conversations/:id/feed', { preHandler: guarded }, (request, reply) =>
    follow(reply, (tell) =>
      feeds.conversation((request.params as { id: string }).id, (news) =>
        news.kind === 'turn' ? tell('turn', news.turn) : tell('effects', news.entry),
      ),
    ),
  )
  return {
    close() {
      for (const raw of open) raw.end()
    },
  }
}

type Tell = (event: string, data: unknown) => void
type Unfollow = () => unknown

const full = `this node has ${followers_max} followers; follow another one`

function heartbeat(clock: Clock, beat: () => void): () => void {
  let cancel = () => {}
  const again = () => {
    cancel = clock.after(heartbeat_ms, () => {
      beat()
      again()
    })
  }
  again()
  return () => cancel()
}

function refuse(reply: FastifyReply, code: ProblemCode, detail: string) {
  const body = problem(code, detail)
  return reply.code(body.status).type('application/problem+json').send(body)
}
