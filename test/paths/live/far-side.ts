/**
 * A far side that answers when a path says so: every call of an ask waits, by its idempotency key, until its answer is
 * known; everything else is agreed to at once. Real HTTP on loopback. Remembers what came, in its order.
 */

import { askTypes } from '../../../machines/effects.ts'
import { type HeardRequest, type Reply, standIn } from '../../far-side.ts'
import { callOf, outcomes } from '../../far-sides.ts'

export interface SteeredFarSide {
  url: string
  /** What that call is answered, now or when it comes, on every attempt. The first answer stays. */
  answer(key: string, call: string, reply: Reply): void
  isAnswered(key: string): boolean
  /** Whether one more failure in a row would make a node stop asking that side for a while, on a clock that stands still. */
  isTired(call: string): boolean
  /** Resolves once it has come; false when it has not within that time. */
  came(key: string, within_ms: number): Promise<boolean>
  /** Calls of that conversation in the order in which they first came: their keys, and what they ask for. */
  callsOf(actor: string): { key: string; call: string; attempts: number }[]
  close(): Promise<void>
}

interface Call {
  key: string
  call: string
  attempts: number
  reply: Reply | undefined
  answered: () => void
  untilAnswered: Promise<void>
  waiting: (() => void)[]
}

/** Well below `breaker_failures_max`: answers may overtake each other on their way. */
const failures_max = 4

export type Side = 'routing' | 'engage' | 'connect'

export function sideOf(call: string): Side {
  if (call === 'sendMessage') return 'connect'
  return ['createTask', 'endTask', 'checkTask'].includes(call) ? 'routing' : 'engage'
}

const askCalls = new Set<string>(askTypes)

export async function steeredFarSide(): Promise<SteeredFarSide> {
  const server = await standIn()
  const calls = new Map<string, Call>()
  const byActor = new Map<string, Call[]>()
  const failures = new Map<string, number>()

  const callWith = (key: string): Call => {
    const known = calls.get(key)
    if (known) return known
    let answered = () => {}
    const untilAnswered = new Promise<void>((resolve) => {
      answered = resolve
    })
    const made: Call = { key, call: '', attempts: 0, reply: undefined, answered, untilAnswered, waiting: [] }
    calls.set(key, made)
    return made
  }
  const note = (request: HeardRequest): Call => {
    const one = callWith(request.headers['idempotency-key'] ?? '')
    if (++one.attempts === 1) {
      one.call = request.method === 'GET' ? 'checkTask' : callOf(request)
      const actor = one.key.split('.')[0]!
      byActor.set(actor, [...(byActor.get(actor) ?? []), one])
    }
    for (const resolve of one.waiting.splice(0)) resolve()
    return one
  }

  server.answerBy((request) => {
    server.requests.length = 0 // noted here; nobody reads the bodies again
    const one = note(request)
    if (!askCalls.has(one.call)) return agreed(one.call)
    const later: Reply = { status: 500, after: one.untilAnswered.then(() => void Object.assign(later, one.reply)) }
    return later
  })

  return {
    url: server.url,
    answer(key, call, reply) {
      const one = callWith(key)
      if (one.reply !== undefined) return
      one.reply = reply
      failures.set(sideOf(call), reply.status >= 500 ? (failures.get(sideOf(call)) ?? 0) + 1 : 0)
      one.answered()
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
    callsOf: (actor) => (byActor.get(actor) ?? []).map(({ key, call, attempts }) => ({ key, call, attempts })),
    close: () => server.close(),
  }
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
