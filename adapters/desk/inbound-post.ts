/**
 * What the customers' devices send: one body to one of the runtime's doors, as Connect would post it, and the door's
 * answer given back as it came; unless a tester asked for trouble on the way. Speaks to the runtime over HTTP, with the
 * secrets its doors ask for.
 */
import type { FastifyReply } from 'fastify'
import type { Clock } from '../clock.ts'
import { exchange, type Incoming, NoAnswer } from '../http-exchange.ts'
import { openWay, type Trouble } from '../trouble.ts'
import { type InboundSecrets, inboundCredentials } from './inbound-credentials.ts'

/** The channels whose customers have a device here. */
export type DeviceChannel = 'sms' | 'live-chat' | 'email'

export interface InboundMeans {
  clock: Clock
  /** Full address of the runtime's door for a channel. */
  inboundUrl: (channel: DeviceChannel) => string
  inbound: InboundSecrets
  /** What goes wrong with what is sent now. */
  trouble: () => Trouble
}

export interface InboundPost {
  /**
   * Posts `body` and answers `reply` with the door's status, body and Retry-After; 502 when no answer comes. What is late or
   * lost is answered 200 with {trouble} at once; as on a bad line, nobody hears what the door said to it.
   */
  post(channel: DeviceChannel, body: object, reply: FastifyReply): Promise<FastifyReply>
  /** True while a late one is being posted; waiting on the clock is not busy. */
  busy(): boolean
  stop(): void
}

export function openInboundPost(means: InboundMeans): InboundPost {
  const { clock, trouble } = means
  let posting = 0

  const send = async (channel: DeviceChannel, body: object, copies: number) => {
    posting += 1
    const answer = await posted(means, channel, body)
    for (let copy = 0; copy < copies; copy += 1) await posted(means, channel, body)
    posting -= 1
    return answer
  }
  const way = (channel: DeviceChannel) =>
    openWay({ clock, trouble, go: (body: object, copies) => send(channel, body, copies) })
  const ways = { sms: way('sms'), 'live-chat': way('live-chat'), email: way('email') }

  return {
    async post(channel, body, reply) {
      const answer = await ways[channel].send(body)
      return typeof answer === 'string' ? reply.send({ trouble: answer }) : answered(channel, answer, reply)
    },
    busy: () => posting > 0,
    stop() {
      for (const { stop } of Object.values(ways)) stop()
    },
  }
}

/** Undefined when no answer came. */
async function posted(
  { inboundUrl, inbound }: InboundMeans,
  channel: DeviceChannel,
  body: object,
): Promise<Incoming | undefined> {
  const text = JSON.stringify(body)
  return exchange({
    method: 'POST',
    url: inboundUrl(channel),
    headers: { 'content-type': 'application/json', ...inboundCredentials(inbound, text) },
    body: text,
    signal: AbortSignal.timeout(post_wait_ms),
  }).catch((error) => {
    if (error instanceof NoAnswer) return undefined
    throw error
  })
}

function answered(channel: DeviceChannel, answer: Incoming | undefined, reply: FastifyReply): FastifyReply {
  if (!answer) return reply.code(502).send({ error: `the ${channel} door did not answer; is the runtime up?` })
  const { status, headers, text } = answer
  const retryAfter = headers['retry-after']
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  reply.header('content-type', headers['content-type'] ?? 'application/json')
  return reply.code(status).send(text)
}

const post_wait_ms = 30_000
