/**
 * What the customers' devices send: one body to one of the runtime's doors, as Connect would post it, and the door's
 * answer given back as it came. Speaks to the runtime over HTTP, with the secrets its doors ask for.
 */
import type { FastifyReply } from 'fastify'
import { type InboundSecrets, inboundCredentials } from './inbound-credentials.ts'

/** The channels whose customers have a device here. */
export type DeviceChannel = 'sms' | 'live-chat' | 'email'

export interface InboundMeans {
  /** Full address of the runtime's door for a channel. */
  inboundUrl: (channel: DeviceChannel) => string
  inbound: InboundSecrets
}

/** Posts `body` and answers `reply` with the door's status, body and Retry-After; 502 when no answer comes. */
export async function postInbound(
  { inboundUrl, inbound }: InboundMeans,
  channel: DeviceChannel,
  body: object,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const text = JSON.stringify(body)
  const answer = await fetch(inboundUrl(channel), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...inboundCredentials(inbound, text) },
    body: text,
    signal: AbortSignal.timeout(post_wait_ms),
  }).catch(() => undefined)
  if (!answer) return reply.code(502).send({ error: `the ${channel} door did not answer; is the runtime up?` })
  const retryAfter = answer.headers.get('retry-after')
  if (retryAfter !== null) reply.header('retry-after', retryAfter)
  reply.header('content-type', answer.headers.get('content-type') ?? 'application/json')
  return reply.code(answer.status).send(await answer.text())
}

const post_wait_ms = 30_000
