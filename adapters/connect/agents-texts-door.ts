/**
 * Where a contact centre without lines of its own hands over what its agents write: Connect's `POST /v2/messages`
 * (`agents-words.ts`) at the gateway, for assets whose texts or mails go out over a line of this node (Twilio, SMPP, SMTP).
 * Invariants: 200 once the line has it; card data is masked first (T7); what comes again under its `transid` is not sent
 * again once that is noted (T6).
 *
 * | answer | means |
 * |---|---|
 * | 200, code 1001 | the line has it |
 * | 400 | not one text to one number, or one mail to one customer, of an asset with a line |
 * | 409 | the line refused it for good |
 * | 503 | the line cannot take it now: send it again |
 */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Call, EffectError } from '../adapter.ts'
import type { Clock } from '../clock.ts'
import { jsonIn } from '../json-in.ts'
import type { MailLine } from '../mail-line.ts'
import type { TextLine, TextOrigin } from '../text-line.ts'
import { type AgentsWords, agentsWordsIn } from './agents-words.ts'

export interface AgentsTextsMeans {
  clock: Clock
  /** Who takes the texts of an asset; undefined for one whose texts go through Connect. */
  lineOf(asset: string): TextLine | undefined
  /** Who takes the mails of mailboxes; undefined where they go through Connect. */
  mailLine: MailLine | undefined
  /** What was sent, by its transid: any node may be asked again. */
  sent: { keep(id: string, origin: TextOrigin): Promise<void>; originOf(id: string): Promise<TextOrigin | undefined> }
}

type Refuse = (reply: FastifyReply, status: number, detail: string, retryAfterSeconds?: number) => unknown

/** The path, for the gateway. `isRefused` asks for what the inbound doors ask for, and answers itself where it is missing. */
export function agentsTextsDoor(means: AgentsTextsMeans) {
  const { clock, sent } = means
  return (
    app: FastifyInstance,
    refuse: Refuse,
    isRefused: (request: FastifyRequest, reply: FastifyReply) => boolean,
  ): void => {
    app.post('/v2/messages', { bodyLimit: body_bytes_max }, async (request, reply) => {
      if (isRefused(request, reply)) return reply
      const said = agentsWordsIn(jsonIn(request.body))
      const send = said && senderOf(means, said)
      if (!send) return refuse(reply, 400, 'expected a text or a mail to one customer, from an asset with a line here')
      const { transid, correlationId } = said
      const origin = { actor: '', correlationId }
      const queued = { response: [{ code: '1001', transid, description: 'Queued' }] }
      const note = `agent ${transid}`
      if (await sent.originOf(note)) return queued
      const timeUp = new AbortController()
      const cancel = clock.after(send_ms_max, () => timeUp.abort())
      try {
        await send(callOf(transid, request, timeUp.signal))
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

/** How it leaves; undefined where the asset has no line. */
function senderOf(
  { lineOf, mailLine }: AgentsTextsMeans,
  said: AgentsWords,
): ((call: Call) => Promise<void>) | undefined {
  if (said.channel === 'email') {
    const { mail } = said
    return mailLine?.sends(mail.from) ? (call) => mailLine.send(mail, call) : undefined
  }
  const { from, to, text, correlationId } = said
  const line = lineOf(from)
  return line && ((call) => line.send({ from, to, text, origin: { actor: '', correlationId } }, call))
}

function callOf(idempotencyKey: string, { headers }: FastifyRequest, signal: AbortSignal): Call {
  const { traceparent } = headers
  const given = typeof traceparent === 'string' ? traceparent : `00-${hex(32)}-${hex(16)}-01`
  return { idempotencyKey, trackingId: randomUUID(), traceparent: given, signal }
}

const hex = (digits: number): string => randomUUID().replaceAll('-', '').slice(0, digits)

/** A mail is as long as an agent may write at the desk. */
const body_bytes_max = 1_048_576
/** Shorter than the desk waits for an answer. */
const send_ms_max = 8_000
