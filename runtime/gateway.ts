/**
 * The HTTP doors in and the reading paths (CONTRACTS sections 3 and 4), and the same doors as NATS requests (section 6).
 * Speaks to `accept` and to the readers; decides nothing about conversations. Every error is a problem document.
 */
import type { Server } from 'node:http'
import type { Server as TlsServer } from 'node:tls'
import type { NatsConnection } from '@nats-io/transport-node'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Door } from '../adapters/adapter.ts'
import type { Clock } from '../adapters/clock.ts'
import { type Guarded, guarding } from './access.ts'
import { asyncApi } from './asyncapi.ts'
import { openAttachmentDoor } from './attachment-door.ts'
import type { StoredFile } from './attachment-store.ts'
import type { Statecharts } from './chart/statecharts.ts'
import { configJsonSchema } from './config-schema.ts'
import { openConsoleDoor } from './console-door.ts'
import { type InboundSecrets, inboundRefusal } from './credentials.ts'
import { type DeadLetterActs, openDeadLetterDoors } from './dead-letter-doors.ts'
import { letter_id } from './dead-letters.ts'
import { openDeskDoor } from './desk-door.ts'
import { doorPaths } from './door-paths.ts'
import type { Feeds } from './feed.ts'
import { openFeedDoors } from './feed-doors.ts'
import { certificateRefusal, openInnerDoor, type ServerTls } from './gateway-tls.ts'
import type { Log } from './log.ts'
import { type AssetReading, openMachineDoors } from './machine-doors.ts'
import type { NodeState } from './node-state.ts'
import { openApi } from './openapi.ts'
import { openPrivacyDoors, type PrivacyActs } from './privacy-doors.ts'
import { type Problem, problem, problemOfStatus } from './problem.ts'
import type { ReadingDoors } from './reading.ts'
import { openReplayDoor, type ReplayParts } from './replay-door.ts'
import { addSecurityHeaders } from './security-headers.ts'
import type { AcceptAnswer } from './stages/accept.ts'
import { openTestClockDoor, type TestClock } from './test-clock-door.ts'
import type { UnhandledCount } from './unhandled-counts.ts'
import { openWatchDoors, type Watched } from './watch-doors.ts'

/** Our own chat door: its paths, then its sockets once the gateway listens. */
export interface ChatMount {
  paths: ProviderPaths
  open(server: Server): { stop(): void }
}

/** Paths that a provider posts to in its own words. */
export type ProviderPaths = (app: FastifyInstance, refuse: Refuse, isRefused: IsRefused) => void

type Refuse = (reply: FastifyReply, status: number, detail: string, retryAfterSeconds?: number) => unknown
/** Answers itself where what the inbound doors ask for is missing. */
type IsRefused = (request: FastifyRequest, reply: FastifyReply) => boolean

export interface GatewayParts extends InboundSecrets, Statecharts, Watched, Pick<ReplayParts, 'bindings'> {
  nc: NatsConnection
  host: string
  port: number
  tls: ServerTls | undefined
  doors: readonly Door[]
  /** `traceparent` as it came with the request. */
  accept: (traceparent: string | undefined, door: Door, raw: Uint8Array) => Promise<AcceptAnswer>
  /** Doors of hosted machines, by the machine's name. */
  hosted: ReadonlyMap<string, Accept>
  reading: ReadingDoors
  deadLetters: DeadLetterActs
  feeds: Feeds
  /** What customers can reach, for whoever looks from inside. */
  assets: AssetReading[]
  /** Where the built console lies. */
  consoleDir: string | undefined
  /** Empty without an embedded desk. */
  deskUrl: () => string
  wallClock: Clock
  chat: ChatMount
  providers: readonly ProviderPaths[]
  attachment: (id: string) => Promise<StoredFile | undefined>
  privacy: PrivacyActs
  adminToken: string | undefined
  agentToken: string | undefined
  /** Absent when the clock is real. */
  testClock: TestClock | undefined
  /** The nodes that live, as far as this one has heard. */
  nodes: () => NodeState[]
  /** What came in since this node began and was nobody's. */
  unhandled: () => UnhandledCount[]
  log: Log
}

export interface Gateway {
  url: string
  /** Where the embedded desk reaches it: `url`, but with TLS a door of its own on this machine. */
  innerUrl: string
  /** Connections from now on are answered with this. */
  renewTls(tls: ServerTls): void
  /** From now on it says that it is not ready, and still takes what comes. */
  leave(): void
  /** Refuses what is new, answers what it has taken, and closes. */
  stop(): Promise<void>
}

/** Listens; throws when the port is taken. */
export async function startGateway(parts: GatewayParts): Promise<Gateway> {
  let mode: 'open' | 'leaving' | 'stopping' = 'open'
  const app = fastify({
    ...(parts.tls ? { https: parts.tls } : {}),
    logger: false,
    return503OnClosing: false,
    bodyLimit: Math.max(...parts.doors.map((door) => door.body_bytes_max)),
    frameworkErrors: (_error, _request, reply) => void send(reply, unreadable),
  }) as unknown as FastifyInstance
  const taken = methodsByPath(app)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  addSecurityHeaders(app, parts.tls !== undefined)
  answerWithProblems(app, parts.log)

  app.addHook('onRequest', async (_request, reply) => {
    if (mode === 'stopping') return send(reply.header('connection', 'close'), stopping)
  })
  for (const door of parts.doors) {
    app.post(doorPaths[door.name], { bodyLimit: door.body_bytes_max }, (request, reply) =>
      inbound(parts, (traceparent, raw) => parts.accept(traceparent, door, raw), request, reply),
    )
    app.head(doorPaths[door.name], async (_request, reply) => reply.code(200).send())
  }
  for (const [machine, accept] of parts.hosted) {
    app.post(`/v1/events/${machine}`, (request, reply) => inbound(parts, accept, request, reply))
  }
  const guarded = guarding({ ...parts, audit: parts.privacy.audit })
  addReading(app, parts, guarded)
  openReplayDoor(app, parts, guarded('turns.read'))
  openDeadLetterDoors(app, parts.deadLetters, guarded)
  openPrivacyDoors(app, parts.privacy, guarded)
  openMachineDoors(app, parts, guarded('machines.read'))
  openDeskDoor(app, parts.deskUrl, guarded('desk.use'))
  await openConsoleDoor(app, parts.consoleDir)
  const followed = openFeedDoors(app, parts.feeds, parts.wallClock, guarded('feed.read'))
  const refusing =
    (check: (request: FastifyRequest) => Problem | undefined): IsRefused =>
    (request, reply) => {
      const refusal = check(request)
      if (refusal) void send(reply, { status: refusal.status, body: refusal })
      return refusal !== undefined
    }
  const inbounds = (request: FastifyRequest) => inboundsRefusal(parts, request)
  parts.chat.paths(
    app,
    refuseAs,
    refusing((request) => inbounds(request) ?? notJson(request)),
  )
  for (const paths of parts.providers) paths(app, refuseAs, refusing(inbounds))
  openAttachmentDoor(app, parts.attachment)
  openWatchDoors(app, parts, () => mode !== 'open', parts.unhandled)
  app.get('/openapi.json', async () => openApi())
  app.get('/asyncapi.json', async () => asyncApi())
  app.get('/schema/config.json', async () => configJsonSchema())
  if (parts.testClock) openTestClockDoor(app, parts.testClock)
  refuseOtherMethods(app, taken)

  await app.listen({ host: parts.host, port: parts.port })
  const address = app.server.address()
  const port = typeof address === 'object' && address ? address.port : parts.port
  const url = `${parts.tls ? 'https' : 'http'}://${parts.host}:${port}`
  const inner = parts.tls && (await openInnerDoor(app))
  const closeNatsDoors = openNatsDoors(parts)
  const windows = parts.chat.open(app.server)
  return {
    url,
    innerUrl: inner?.url ?? url,
    renewTls: (tls) => (app.server as unknown as TlsServer).setSecureContext(tls),
    leave() {
      mode = 'leaving'
      followed.close()
    },
    async stop() {
      mode = 'stopping'
      followed.close()
      windows.stop()
      await closeNatsDoors()
      app.server.closeIdleConnections()
      await inner?.stop()
      await app.close()
    },
  }
}

type Accept = (traceparent: string | undefined, raw: Uint8Array) => Promise<AcceptAnswer>

async function inbound(parts: GatewayParts, accept: Accept, request: FastifyRequest, reply: FastifyReply) {
  const raw = rawBody(request)
  const refusal = inboundsRefusal(parts, request) ?? notJson(request)
  if (refusal) return send(reply, { status: refusal.status, body: refusal })
  return send(reply, await accept(request.headers.traceparent as string | undefined, raw))
}

/** A certificate, token and signatures: whatever the configuration asks for of those who post to the doors in. */
function inboundsRefusal(parts: GatewayParts, request: FastifyRequest): Problem | undefined {
  const now_ms = parts.wallClock.now()
  return certificateRefusal(parts.tls, request) ?? inboundRefusal(parts, request.headers, rawBody(request), now_ms)
}

function send(reply: FastifyReply, answer: AcceptAnswer) {
  if ('retryAfterSeconds' in answer) reply.header('retry-after', String(answer.retryAfterSeconds))
  if (answer.status !== 200) reply.type('application/problem+json')
  return reply.code(answer.status).send(answer.body)
}

/** A refusal in the words of a door beside; its status says which problem it is. */
function refuseAs(reply: FastifyReply, status: number, detail: string, retryAfterSeconds?: number) {
  const code = problemOfStatus(status)
  return send(reply, {
    status,
    body: problem(code, detail),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}

const rawBody = (request: FastifyRequest): Buffer => (Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0))

function notJson(request: FastifyRequest): Problem | undefined {
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()
  if (type === 'application/json' || type.endsWith('+json')) return undefined
  return problem('not-json', `expected content-type application/json, found ${type === '' ? 'none' : 'another type'}`)
}

function addReading(app: FastifyInstance, { reading, nodes }: GatewayParts, guarded: Guarded): void {
  const found = async (reply: FastifyReply, answer: unknown, otherwise = 'no conversation has this id') =>
    answer ?? send(reply, { status: 404, body: problem('not-found', otherwise) })

  app.get('/v1/conversations', { preHandler: guarded('conversations.list') }, async (request, reply) => {
    const query = request.query as Record<string, string | string[]>
    if (Object.values(query).some(Array.isArray)) return send(reply, unreadable)
    const page = await reading.list(query as Record<string, string>)
    return 'refused' in page ? send(reply, { status: 400, body: problem('malformed-body', page.refused) }) : page
  })
  app.get('/v1/conversations/:id', { preHandler: guarded('conversation.read') }, async (request, reply) =>
    found(reply, await reading.one((request.params as { id: string }).id)),
  )
  app.get('/v1/conversations/:id/turns', { preHandler: guarded('turns.read') }, async (request, reply) =>
    found(reply, await reading.turns((request.params as { id: string }).id)),
  )
  app.get('/v1/conversations/:id/turns/:revision', { preHandler: guarded('turns.read') }, async (request, reply) => {
    const { id, revision } = request.params as { id: string; revision: string }
    const at = Number(revision)
    const then = Number.isSafeInteger(at) && at > 0 ? await reading.asOf(id, at) : undefined
    return found(reply, then, 'no turn of this conversation has this revision')
  })
  app.get('/v1/dead-letters', { preHandler: guarded('dead-letters.list') }, async (request, reply) => {
    const { after = '0' } = request.query as { after?: string }
    if (after !== '0' && !letter_id.test(after)) {
      return send(reply, { status: 400, body: problem('malformed-body', 'after: expected the id of a dead letter') })
    }
    return reading.deadLetters(Number(after))
  })
  app.get('/v1/nodes', { preHandler: guarded('nodes.list') }, async () => ({ items: nodes() }))
  app.get('/v1/dead-letters/:id', { preHandler: guarded('dead-letter.read') }, async (request, reply) =>
    found(reply, await reading.deadLetter((request.params as { id: string }).id), 'no dead letter has this id'),
  )
}

/** Another node takes it, or this one when it is back. */
const stopping = {
  status: 503,
  body: problem('stopping', 'this node takes nothing more; send it to another one'),
  retryAfterSeconds: 1,
}

const unreadable = { status: 400, body: problem('malformed-body', 'the request cannot be read') }

/** The methods of every path, as routes are added from now on. */
function methodsByPath(app: FastifyInstance): Map<string, Set<string>> {
  const taken = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    taken.set(url, new Set([...(taken.get(url) ?? []), ...[method].flat()]))
  })
  return taken
}

/** A path that is there refuses what it does not take by naming what it takes (RFC 9110, 15.5.6). */
function refuseOtherMethods(app: FastifyInstance, taken: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, methods] of [...taken]) {
    const allow = [...methods].sort().join(', ')
    const method = ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'].filter((other) => !methods.has(other))
    const refusal = { status: 405, body: problem('method-not-allowed', `expected ${allow}, found another method`) }
    app.route({
      url,
      method,
      exposeHeadRoute: false,
      handler: (_request, reply) => send(reply.header('allow', allow), refusal),
    })
  }
}

function answerWithProblems(app: FastifyInstance, log: Log): void {
  app.setNotFoundHandler((_request, reply) =>
    send(reply, { status: 404, body: problem('not-found', 'nothing is served at this path') }),
  )
  app.setErrorHandler((error, request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500
    if (status === 413)
      return send(reply, { status, body: problem('body-too-large', 'the body is over the limit of this door') })
    if (status === 415) return send(reply, { status, body: notJson(request)! })
    if (status < 500) return send(reply, unreadable)
    log.error({ err: error }, 'a request failed')
    return send(reply, {
      status: 500,
      body: problem('internal-error', 'the request failed; the log of this node says why'),
    })
  })
}

/** `parley.accept.<door>`: served by every gateway in one queue group; the same body and answer as over HTTP. */
function openNatsDoors(parts: GatewayParts): () => Promise<void> {
  const subscriptions = parts.doors.map((door) =>
    parts.nc.subscribe(`parley.accept.${door.name}`, {
      queue: 'parley-gateway',
      callback: (error, message) => {
        if (error) return
        const traceparent = message.headers?.get('traceparent') || undefined
        void parts.accept(traceparent, door, message.data).then(({ body }) => message.respond(JSON.stringify(body)))
      },
    }),
  )
  return async () => {
    if (!parts.nc.isClosed()) await Promise.all(subscriptions.map((subscription) => subscription.drain()))
  }
}
