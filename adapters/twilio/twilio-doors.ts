/**
 * Twilio's webhooks at the gateway: texts of customers, and what became of ours. Speaks to the SMS door and the receipts
 * door only. Invariant: 200, with a TwiML document that says nothing, once the stream has the event (T9); Twilio is told
 * to try again otherwise.
 *
 * | door | takes |
 * |---|---|
 * | POST /v1/inbound/twilio | an incoming message: From, To, Body, MessageSid, NumMedia, MediaUrl0… |
 * | POST /v1/receipts/twilio?actor=&correlation=&key= | a status callback: MessageSid, MessageStatus, ErrorCode |
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Door, MalformedBody } from '../adapter.ts'
import type { TextOrigin } from '../text-line.ts'
import { receiptBody, textBody } from './callback-bodies.ts'
import { isSigned } from './signature.ts'

/** What accept says of an event. */
interface Answer {
  status: number
  body: { eventId: string } | { detail: string }
  retryAfterSeconds?: number
}

export interface TwilioDoorMeans {
  /** With it every request must carry Twilio's signature; without, what the other doors ask for. */
  authToken?: string | undefined
  /** Where Twilio reaches the gateway; the address that a request names itself when not given. */
  publicUrl?: string | undefined
  sms: Door
  receipts: Door
  accept: (door: Door, raw: Uint8Array) => Promise<Answer>
}

type Refuse = (reply: FastifyReply, status: number, detail: string, retryAfterSeconds?: number) => unknown

/** A form of Twilio has no more than 1,600 characters of text. */
const form_bytes_max = 65_536

/** The paths, for the gateway. `isRefused` asks for what the inbound doors ask for, and answers itself where it is missing. */
export function twilioDoors(means: TwilioDoorMeans) {
  return (
    app: FastifyInstance,
    refuse: Refuse,
    isRefused: (request: FastifyRequest, reply: FastifyReply) => boolean,
  ): void => {
    const open = (
      path: string,
      door: Door,
      bodyOf: (form: URLSearchParams, origin: TextOrigin) => object | undefined,
    ) => {
      app.head(path, async (_request, reply) => reply.code(200).send())
      app.post(path, { bodyLimit: form_bytes_max }, async (request, reply) => {
        const form = formIn(request)
        if (!form) return refuse(reply, 415, 'expected content-type application/x-www-form-urlencoded, found another')
        if (means.authToken === undefined) {
          if (isRefused(request, reply)) return reply
        } else if (!isTwilios(means.authToken, means.publicUrl, request, form)) {
          return refuse(reply, 401, 'expected the X-Twilio-Signature of this address and form, found none or another')
        }
        return answered(means, door, () => bodyOf(form, originOf(request)), reply, refuse)
      })
    }
    open('/v1/inbound/twilio', means.sms, textBody)
    open('/v1/receipts/twilio', means.receipts, receiptBody)
  }
}

async function answered(
  { accept }: TwilioDoorMeans,
  door: Door,
  bodyOf: () => object | undefined,
  reply: FastifyReply,
  refuse: Refuse,
) {
  let body: object | undefined
  try {
    body = bodyOf()
  } catch (error) {
    if (error instanceof MalformedBody) return refuse(reply, 400, error.message)
    throw error
  }
  const answer = body && (await accept(door, new TextEncoder().encode(JSON.stringify(body))))
  if (answer && 'detail' in answer.body) {
    return refuse(reply, answer.status, answer.body.detail, answer.retryAfterSeconds)
  }
  return reply.type('text/xml; charset=utf-8').send(nothing_to_say)
}

const nothing_to_say = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

function formIn({ headers, body }: FastifyRequest): URLSearchParams | undefined {
  const type = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') return undefined
  return new URLSearchParams(Buffer.isBuffer(body) ? body.toString('utf8') : '')
}

function isTwilios(authToken: string, publicUrl: string | undefined, request: FastifyRequest, form: URLSearchParams) {
  const base = publicUrl ?? `${request.protocol}://${request.headers.host ?? ''}`
  return isSigned(authToken, base + request.url, form, String(request.headers['x-twilio-signature'] ?? ''))
}

function originOf({ query }: FastifyRequest): TextOrigin {
  const said = (name: string): string => {
    const value = (query as Record<string, unknown>)[name]
    return typeof value === 'string' ? value : ''
  }
  const key = said('key')
  return { actor: said('actor'), correlationId: said('correlation'), ...(key === '' ? {} : { key }) }
}
