/**
 * What the desk shows at the runtime's doors: the token, a signature over the body, or both (CONTRACTS section 2).
 */
import { createHmac, randomUUID } from 'node:crypto'
import { systemClock } from '../clock.ts'

export interface InboundSecrets {
  token?: string | undefined
  hmacSecret?: string | undefined
  /** Of Standard Webhooks. */
  webhookSecret?: string | undefined
}

/** The headers that go with `body`, byte for byte as it is sent. */
export function inboundCredentials(secrets: InboundSecrets, body: string): Record<string, string> {
  const { token, hmacSecret, webhookSecret } = secrets
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(hmacSecret === undefined
      ? {}
      : { 'x-hub-signature': `sha256=${createHmac('sha256', hmacSecret).update(body).digest('hex')}` }),
    ...(webhookSecret === undefined ? {} : standardSignature(webhookSecret, body)),
  }
}

/** Standard Webhooks 1.0. By the real clock: whoever checks it looks at a real one. */
function standardSignature(secret: string, body: string): Record<string, string> {
  const id = randomUUID()
  const timestamp = String(Math.floor(systemClock().now() / 1_000))
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${digest}` }
}
