/**
 * How the desk answers a call of the runtime: once per Idempotency-Key, journalled before it is answered, unless a fault
 * strikes. Speaks to the journal, the faults and the ledger; the doors bring the decision.
 * Invariant (T6): one key, one body, one answer; the same key with another body is refused with 422.
 */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { About, Answer, Asked, CallName, Draft } from './entries.ts'
import type { Fault, Faults } from './faults.ts'
import type { Floor } from './floor.ts'
import type { Journal } from './journal.ts'
import type { Ledger } from './ledger.ts'

/** A door's decision: what to answer and, when something happens, what to write down. */
export interface Decision {
  answer: Answer
  draft?: Draft
}

/** One call as a door describes it. Both functions are pure on the floor. */
export interface Call {
  name: CallName
  about(floor: Floor): About
  decide(floor: Floor, at: string): Decision
}

export interface Calls {
  /** Carries out `call` for this request and answers it. */
  take(request: FastifyRequest, reply: FastifyReply, call: Call): Promise<FastifyReply>
}

export function openCalls(means: {
  journal: Journal
  faults: Faults
  ledger: Ledger
  clock: Clock
  url: () => string
}): Calls {
  const { journal, faults, ledger, clock, url } = means

  const note = (asked: Asked, first: boolean) =>
    ledger.count({ ...asked, at: new Date(clock.now()).toISOString(), key: asked.key || null, first })

  /** Journals the attempt of a call that a fault keeps from being done, if it is the first of its key. */
  const noteUndone = async (asked: Asked) => {
    const first = await journal.write((floor) => {
      if (!asked.key || floor.calls.has(asked.key)) return { result: false }
      return { entry: { type: 'asked', data: {}, asked }, result: true }
    })
    note(asked, first)
  }

  return {
    async take(request, reply, call) {
      const about = call.about(journal.floor)
      const asked: Asked = {
        ...about,
        call: call.name,
        key: keyOf(call, request),
        fingerprint: fingerprintOf(call, request),
        status: 0,
      }
      const fault = faults.strike(call.name, about.customer)
      if (fault?.then === 'hang') {
        await noteUndone(asked)
        return reply.hijack()
      }
      if (fault?.then === 'answer') {
        await noteUndone({ ...asked, status: fault.status })
        return sendFault(reply, fault)
      }
      const { answer, first } = await journal.write((floor, at) => decideOnce(floor, asked, call, at))
      note({ ...asked, status: answer.status }, first)
      if (fault?.then === 'lose') {
        reply.hijack()
        reply.raw.destroy()
        return reply
      }
      if (answer.location !== undefined) reply.header('location', url() + answer.location)
      return reply.code(answer.status).send(answer.body)
    },
  }
}

function decideOnce(floor: Floor, asked: Asked, call: Call, at: string) {
  const known = asked.key ? floor.calls.get(asked.key) : undefined
  if (known && known.fingerprint !== asked.fingerprint) return { result: { answer: reusedKey, first: false } }
  if (known?.response) return { result: { answer: known.response, first: false } }
  const { answer, draft } = call.decide(floor, at)
  const first = asked.key !== '' && known === undefined
  const result = { answer, first }
  if (asked.key === '') return draft ? { entry: draft, result } : { result }
  // An answer that a later attempt may turn into another one is not held against the key.
  const final = answer.status < 500 && answer.status !== 429
  if (!draft && !first && !final) return { result }
  const entry: Draft = { ...(draft ?? { type: 'asked', data: {} }), asked: { ...asked, status: answer.status } }
  return { entry: final ? { ...entry, response: answer } : entry, result }
}

/** Reads have no effect to protect, so their key is not remembered. */
function keyOf(call: Call, request: FastifyRequest): string {
  const key = request.headers['idempotency-key']
  return typeof key === 'string' && call.name !== 'getTask' ? key : ''
}

function fingerprintOf(call: Call, request: FastifyRequest): string {
  return createHash('sha256')
    .update(`${call.name}\n${request.url}\n${JSON.stringify(request.body ?? null)}`)
    .digest('base64url')
}

function sendFault(reply: FastifyReply, fault: Fault): FastifyReply {
  return reply.code(fault.status).headers(fault.headers).send(fault.body)
}

const reusedKey: Answer = {
  status: 422,
  body: { errorMessage: 'this Idempotency-Key was used with another body; use a new key for a new request' },
}
