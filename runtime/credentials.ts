/**
 * Whether a request comes from whom it says: bearer tokens and signatures over the raw body. All compares take the same time
 * whatever was found, lengths aside. Owns no secret; pure but for the time it is given.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from './config.ts'
import { type Problem, problem } from './problem.ts'

export interface InboundSecrets {
  inboundToken: string | undefined
  inboundHmacSecret: string | undefined
  /** Standard Webhooks: those that are good now; two while one takes the place of the other. */
  inboundWebhookSecrets: readonly string[]
}

/** A signed webhook that is older, or comes from further in the future, may be a replay (Standard Webhooks 1.0). */
export const webhook_age_s_max = 300

/**
 * Why a request is not taken, or undefined when it may be. Each kind that is set is required, token and signature both; of
 * the two kinds of signature one is enough, since no sender makes both.
 */
export function inboundRefusal(
  secrets: InboundSecrets,
  headers: IncomingHttpHeaders,
  raw: Uint8Array,
  now_ms: number,
): Problem | undefined {
  const { inboundToken, inboundHmacSecret, inboundWebhookSecrets } = secrets
  if (inboundToken !== undefined && !bears(headers, inboundToken)) {
    return problem('unauthenticated', 'expected the inbound token as Authorization: Bearer, found none or another')
  }
  const wanted: string[] = []
  if (inboundHmacSecret !== undefined) {
    if (isHubSigned(headers, raw, inboundHmacSecret)) return undefined
    wanted.push('x-hub-signature: sha256=<HMAC-SHA256 of the raw body>')
  }
  if (inboundWebhookSecrets.length > 0) {
    if (isStandardSigned(headers, raw, inboundWebhookSecrets, now_ms)) return undefined
    wanted.push(`webhook-id, webhook-timestamp (at most ${webhook_age_s_max} s old) and webhook-signature`)
  }
  if (wanted.length === 0) return undefined
  return problem('unauthenticated', `expected ${wanted.join(', or ')}, found none or another`)
}

/** The scheme is compared without case (RFC 9110, 11.1). */
export const bears = ({ authorization }: IncomingHttpHeaders, token: string): boolean =>
  isSame((authorization ?? '').replace(/^bearer +/i, 'Bearer '), `Bearer ${token}`)

function isHubSigned(headers: IncomingHttpHeaders, raw: Uint8Array, secret: string): boolean {
  const digest = createHmac('sha256', secret).update(raw).digest('hex')
  return isSame(String(headers['x-hub-signature'] ?? ''), `sha256=${digest}`)
}

/** Standard Webhooks 1.0: `v1,<base64>` of id, timestamp and body, perhaps several of them. */
function isStandardSigned(
  headers: IncomingHttpHeaders,
  raw: Uint8Array,
  secrets: readonly string[],
  now_ms: number,
): boolean {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) => headers[`webhook-${name}`])
  if (typeof id !== 'string' || id === '' || typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp))
    return false
  if (Math.abs(now_ms / 1_000 - Number(timestamp)) > webhook_age_s_max) return false
  const found = String(signatures ?? '')
    .split(' ')
    .slice(0, signatures_max)
  return secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    const digest = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(raw).digest('base64')
    return found.some((one) => isSame(one, `v1,${digest}`))
  })
}

/** A sender that changes its secret sends two. */
const signatures_max = 8

/** Compares in constant time, lengths aside. */
function isSame(found: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(found), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** What requests must bring, of a configuration. */
export function secretsIn(config: Config) {
  const { inboundToken, inboundHmacSecret, inboundWebhookSecrets, adminToken, agentToken } = config
  return { inboundToken, inboundHmacSecret, inboundWebhookSecrets, adminToken, agentToken }
}
