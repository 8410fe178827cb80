/**
 * What the desk shows at the runtime's doors: the token, the signature over the body, or both (CONTRACTS section 2).
 */
import { createHmac } from 'node:crypto'

export interface InboundSecrets {
  token?: string | undefined
  hmacSecret?: string | undefined
}

/** The headers that go with `body`, byte for byte as it is sent. */
export function inboundCredentials({ token, hmacSecret }: InboundSecrets, body: string): Record<string, string> {
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(hmacSecret === undefined
      ? {}
      : { 'x-hub-signature': `sha256=${createHmac('sha256', hmacSecret).update(body).digest('hex')}` }),
  }
}
