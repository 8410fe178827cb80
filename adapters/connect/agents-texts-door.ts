/**
 * Where a contact centre without lines of its own hands over what its agents write: Connect's `POST /v2/messages`
 * (samples/outbound/sms-v2.json) at the gateway, for assets whose texts go out over a line of this node (Twilio, SMPP).
 * Invariants: 200 once the line has the text; card data is masked first (T7); a text comes again under its `transid` and is
 * not sent again once that is noted (T6).
 *
 * | answer | means |
 * |---|---|
 * | 200, code 1001 | the line has it |
 * | 400 | not one text to one number of an asset with a line |
 * | 409 | the line refused it for good |
 * | 503 | the line cannot take it now: send it again |
 */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { maskText } from '../../machines/sensitive-data.ts'
import { type Call, EffectError } from '../adapter.ts'
import type { Clock } from '../clock.ts'
import { jsonIn } from '../json-in.ts'
import type { TextLine, TextOrigin } from '../text-line.ts'

export interface AgentsTextsMeans {
  clock: Clock
  /** Who takes the texts of an asset; undefined for one whose texts go through Connect. */
  lineOf(asset: string): TextLine | undefined
  /** What was sent, by its transid: any node may be asked again. */
  sent: { keep(id: string, origin: TextOrigin): Promise<void>; originOf(id: string): Promise<TextOrigin | undefined> }
}

type Refuse = (reply: FastifyReply, status: number, detail: string, retryAfterSeconds?: number) => unknown

/** The path, for the gateway. `isRefused` asks for what the inbound doors ask for, and answers itself where it is missing. */
export function agentsTextsDoor({ clock, lineOf, sent }: AgentsTextsMeans) {
  return (
    app: FastifyInstance,
    refuse: Refuse,
    isRefused: (request: FastifyRequest, reply: FastifyReply) => boolean,
  ): void => {
    app.post('/v2/messages', { bodyLimit: body_bytes_max }, async (request, reply) => {
      if (isRefused(request, reply)) return reply
      const message = AgentsText.safeParse(jsonIn(request.body)).data
      const line = message && lineOf(message.from)
      if (!message || !line) return refuse(reply, 400, 'expected a text to one number, from an asset with a line here')
      const { transid, correlationId } = message
      const origin = { actor: '', correlationId }
      const queued = { response: [{ code: '1001', transid, description: 'Queued' }] }
      const note = `agent ${transid}`
      if (await sent.originOf(note)) return queued
      const timeUp = new AbortController()
      const cancel = clock.after(send_ms_max, () => timeUp.abort())
      try {
        const { from, to, text } = message
        await line.send({ from, to, text, origin }, callOf(transid, request, timeUp.signal))
      } catch (error) {
        if (!(error instanceof EffectError)) throw error
        if (error.family === 'terminal') return refuse(reply, 409, error.message)
        return refuse(reply, 503, error.message, Math.ceil((error.retryAfterMs ?? 1_000) / 1_000))
      } finally {
        cancel()
      }
      await sent.keep(note, origin).catch(() => {}) // It is out: saying no would cost the customer a second text.
      return queued
    })
  }
}

function callOf(idempotencyKey: string, { headers }: FastifyRequest, signal: AbortSignal): Call {
  const { traceparent } = headers
  const given = typeof traceparent === 'string' ? traceparent : `00-${hex(32)}-${hex(16)}-01`
  return { idempotencyKey, trackingId: randomUUID(), traceparent: given, signal }
}

const hex = (digits: number): string => randomUUID().replaceAll('-', '').slice(0, digits)

const words = z.string().min(1)
const AgentsText = z
  .object({
    channel: z.literal('sms'),
    from: words,
    to: z.tuple([z.object({ msisdn: z.tuple([words]), correlationId: words })]),
    content: z.object({ type: z.literal('text'), text: words }),
    transid: words.max(100).optional(),
  })
  .transform(({ from, to: [{ msisdn, correlationId }], content, transid = randomUUID() }) => ({
    from: from.replace(/^\+/, ''),
    to: `+${msisdn[0].replace(/^\+/, '')}`,
    correlationId,
    text: maskText(content.text).text,
    transid,
  }))

const body_bytes_max = 65_536
/** Shorter than the desk waits for an answer. */
const send_ms_max = 8_000
