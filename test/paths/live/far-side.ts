/**
 * A far side that answers when a path says so: every call of an ask waits, by its idempotency key, until its answer is
 * known; everything else is agreed to at once. Real HTTP on loopback. Remembers what came, in its order.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { askTypes } from '../../../machines/effects.ts'
import type { Reply } from '../../far-side.ts'
import { callOf, outcomes } from '../../far-sides.ts'

export interface SteeredFarSide {
  url: string
  /** What that call is answered, now or when it comes, on every attempt. The first answer stays. */
  answer(key: string, call: string, reply: Reply): void
  /** Everything that a conversation still asks is refused from now on. */
  refuseAll(actor: string): void
  isAnswered(key: string): boolean
  /** Whether one more failure in a row would make a node stop asking that side for a while, on a clock that stands still. */
  isTired(call: string): boolean
  /** Resolves once it has come; false when it has not within that time. */
  came(key: string, within_ms: number): Promise<boolean>
  /** Calls of that conversation in the order in which they first came. */
  callsOf(actor: string): HeardCall[]
  close(): Promise<void>
}

export interface HeardCall {
  key: string
  /** What it asks for. */
  call: string
  attempts: number
  /** Some attempt said something else than the first one: a far side that goes by the key would not have noticed. */
  isOther: boolean
}

interface Call extends HeardCall {
  body: string
  reply: Reply | undefined
  unanswered: ServerResponse[]
  waiting: (() => void)[]
}

/** Well below `breaker_failures_max`: answers may overtake each other on their way. */
const failures_max = 4
const keep_alive_ms = 3_600_000

export type Side = 'routing' | 'engage' | 'connect'

export function sideOf(call: string): Side {
  if (call === 'sendMessage') return 'connect'
  return ['createTask', 'endTask', 'checkTask'].includes(call) ? 'routing' : 'engage'
}

const askCalls = new Set<string>(askTypes)

export async function steeredFarSide(): Promise<SteeredFarSide> {
  const calls = new Map<string, Call>()
  const byActor = new Map<string, Call[]>()
  const refused = new Set<string>()
  const failures = new Map<string, number>()

  const callWith = (key: string): Call => {
    const known = calls.get(key)
    if (known) return known
    const nothing = { call: '', attempts: 0, isOther: false, body: '', reply: undefined }
    const made: Call = { key, ...nothing, unanswered: [], waiting: [] }
    calls.set(key, made)
    return made
  }
  const note = (request: IncomingMessage, body: string): Call => {
    const one = callWith(String(request.headers['idempotency-key'] ?? ''))
    if (++one.attempts > 1) one.isOther ||= body !== one.body
    else {
      one.body = body
      one.call = request.method === 'GET' ? 'checkTask' : callOf({ path: request.url ?? '' })
      const actor = actorOf(one.key)
      byActor.set(actor, [...(byActor.get(actor) ?? []), one])
    }
    for (const resolve of one.waiting.splice(0)) resolve()
    return one
  }
  const answer: SteeredFarSide['answer'] = (key, call, reply) => {
    const one = callWith(key)
    if (one.reply !== undefined) return
    one.reply = reply
    failures.set(sideOf(call), reply.status >= 500 ? (failures.get(sideOf(call)) ?? 0) + 1 : 0)
    for (const response of one.unanswered.splice(0)) give(reply, response)
  }

  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => {
      const one = note(request, body)
      if (!askCalls.has(one.call)) return give(agreed(one.call), response)
      if (refused.has(actorOf(one.key))) answer(one.key, one.call, refusing(one.call, 'refused')!)
      if (one.reply === undefined) one.unanswered.push(response)
      else give(one.reply, response)
    })
  })
  // It never hangs up by itself: a call on a connection that is just being closed would fail without having come.
  server.keepAliveTimeout = keep_alive_ms
  await once(server.listen(0, '127.0.0.1'), 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer,
    refuseAll(actor) {
      refused.add(actor)
      for (const one of byActor.get(actor) ?? [])
        if (askCalls.has(one.call)) answer(one.key, one.call, refusing(one.call, 'refused')!)
    },
    isTired: (call) => (failures.get(sideOf(call)) ?? 0) >= failures_max,
    isAnswered: (key) => calls.get(key)?.reply !== undefined,
    came(key, within_ms) {
      const one = callWith(key)
      if (one.attempts > 0) return Promise.resolve(true)
      return new Promise((resolve) => {
        const given_up = setTimeout(() => resolve(false), within_ms)
        one.waiting.push(() => {
          clearTimeout(given_up)
          resolve(true)
        })
      })
    },
    callsOf: (actor) => byActor.get(actor) ?? [],
    async close() {
      const closed = once(server.close(), 'close')
      server.closeAllConnections()
      await closed
    },
  }
}

const actorOf = (key: string): string => key.slice(0, key.indexOf('.'))

function give({ status, body }: Reply, response: ServerResponse): void {
  const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes)
}

/** Yes, in the words of that call; `output` is what the ask is to hear. */
export function agreed(call: string, output: Record<string, unknown> = {}): Reply {
  if (call === 'createTask') return createdTask(output.how)
  if (call === 'checkTask' || call === 'endTask') return { status: 200, body: {} }
  if (call === 'sendMessage') return { status: 200, body: { response: [{ code: '1001', description: 'Queued' }] } }
  if (call !== 'searchConversation') return { status: 200, body: { outcome: outcomes[call as never], ...output } }
  const { outcome, conversationId, agentId } = output
  return { status: 200, body: { outcome, conversationId, userId: agentId } }
}

function createdTask(how: unknown): Reply {
  if (how === 'existed') return { status: 200, body: { errorCode: 20200 } }
  return { status: how === 'reinjected' ? 200 : 201, body: {} }
}

const statuses: Record<string, number> = {
  refused: 400,
  notFound: 404,
  tooManyRequests: 429,
  failed: 500,
  serviceUnavailable: 503,
}

/** No, for that reason; undefined where the far side has no word for it. */
export function refusing(call: string, code: string): Reply | undefined {
  if (code === 'queueFull') return call === 'createTask' ? { status: 503, body: { errorCode: 20286 } } : undefined
  const status = statuses[code]
  return status === undefined ? undefined : { status }
}
