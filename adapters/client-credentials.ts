/**
 * Bearer tokens by OAuth2 client credentials (RFC 6749, 4.4): fetched when first needed, kept, and fetched again before
 * they end or once the far side refuses one (E29). However many calls want one at a time, one request goes out.
 * Keeps: neither secret nor token, nor a word of the answer, stands in an error.
 */
import { EffectError } from './adapter.ts'
import type { Clock } from './clock.ts'
import { type Connections, directly } from './connections.ts'
import type { Authorization } from './http.ts'
import { exchange, type Incoming, NoAnswer } from './http-exchange.ts'
import { retryAfterMs } from './retry-after.ts'

export interface ClientCredentials {
  tokenUrl: string
  clientId: string
  clientSecret: string
  /** What the token is asked for; absent asks for whatever the client may do. */
  scope?: string
}

/** A token is fetched again so long before its end, or a tenth of its life before when that is less. */
export const renew_ms_before = 60_000
/** A renewal that failed is tried again after so long. */
export const renew_again_ms = 5_000
/** The token service's time for one answer. */
export const token_ms_max = 10_000

interface Token {
  value: string
  renewAt_ms: number
  endsAt_ms: number
}

/**
 * `clock` says how old a token is; `wallClock` bounds the wait for one. `destination` names the far side in errors.
 * `connections` are those of its far side: whoever asks for a certificate there asks for it here, too (RFC 8705).
 * `token` throws `EffectError`: retryable when the token service is away, busy or incomplete, terminal when it refuses the
 * client.
 */
export function clientCredentials(
  destination: string,
  credentials: ClientCredentials,
  clock: Pick<Clock, 'now'>,
  wallClock: Clock,
  connections: Connections = directly,
): Authorization {
  let kept: Token | undefined
  let fetching: Promise<Token> | undefined
  let placesSecret: Placing = inHeader

  const fetched = async (): Promise<Token> => {
    const { answer, placing } = await asked(destination, { ...credentials, connections }, placesSecret, wallClock)
    placesSecret = placing
    kept = tokenIn(destination, answer, clock.now())
    return kept
  }
  const single = (): Promise<Token> => {
    fetching ??= fetched().finally(() => {
      fetching = undefined
    })
    return fetching
  }

  return {
    async token(signal) {
      const now_ms = clock.now()
      if (kept && now_ms < kept.renewAt_ms) return kept.value
      if (!kept || now_ms >= kept.endsAt_ms) return (await within(signal, destination, single())).value
      const old = kept
      // It still holds: nobody waits for the next one, and a token service that is away is asked again a little later.
      single().catch(() => {
        old.renewAt_ms = now_ms + renew_again_ms
      })
      return old.value
    },
    refused(token) {
      // Another call may have fetched a new one meanwhile: that is kept.
      if (kept?.value === token) kept = undefined
      return true
    },
  }
}

/** Who waits has its own deadline; the request goes on for the others. */
function within<Value>(signal: AbortSignal, destination: string, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = () => reject(failure(destination, 'retryable', 'expected a token, found the time up; try again'))
    if (signal.aborted) late()
    signal.addEventListener('abort', late, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', late))
  })
}

interface Asking extends ClientCredentials {
  connections: Connections
}

/** Where the client's id and secret stand in the request. Servers must take the header and may take the body (RFC 6749, 2.3.1). */
type Placing = (credentials: ClientCredentials) => { headers: Record<string, string>; form: Record<string, string> }

const inHeader: Placing = ({ clientId, clientSecret }) => {
  const pair = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`
  return { headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, form: {} }
}
const inBody: Placing = ({ clientId, clientSecret }) => ({
  headers: {},
  form: { client_id: clientId, client_secret: clientSecret },
})

const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

/** The answer that counts. A server that does not know the client by the header may know it by the body. */
async function asked(destination: string, credentials: Asking, placing: Placing, wallClock: Clock) {
  const answer = await askOnce(destination, credentials, placing, wallClock)
  if (placing === inBody || (answer.status !== 400 && answer.status !== 401)) return { answer, placing }
  const second = await askOnce(destination, credentials, inBody, wallClock)
  return isAgreed(second) ? { answer: second, placing: inBody } : { answer, placing }
}

async function askOnce(
  destination: string,
  credentials: Asking,
  placing: Placing,
  wallClock: Clock,
): Promise<Incoming> {
  const { headers, form } = placing(credentials)
  const scope = credentials.scope === undefined ? {} : { scope: credentials.scope }
  const abort = new AbortController()
  const cancel = wallClock.after(token_ms_max, () => abort.abort())
  try {
    return await exchange({
      method: 'POST',
      url: credentials.tokenUrl,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...headers },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...scope, ...form }).toString(),
      signal: abort.signal,
      connections: credentials.connections,
    })
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    throw failure(destination, 'retryable', `${error.why}; try again`)
  } finally {
    cancel()
  }
}

const isAgreed = ({ status }: Incoming): boolean => status >= 200 && status < 300

function tokenIn(destination: string, incoming: Incoming, now_ms: number): Token {
  const { status, headers, text } = incoming
  if (!isAgreed(incoming)) {
    const isBusy = status === 408 || status === 425 || status === 429 || status >= 500
    const todo = isBusy ? 'try again' : 'check the client id, the secret and the scope'
    const found = `expected a token, found ${status}; ${todo}`
    const wait_ms = retryAfterMs(headers['retry-after'] ?? null, now_ms)
    throw failure(destination, isBusy ? 'retryable' : 'terminal', found, wait_ms)
  }
  const { access_token, expires_in, token_type } = fieldsOf(text)
  if (typeof access_token !== 'string' || !/^[\x21-\x7e]+$/.test(access_token)) {
    throw failure(destination, 'retryable', 'expected access_token in the answer, found none; try again')
  }
  if (typeof token_type === 'string' && token_type.toLowerCase() !== 'bearer') {
    throw failure(destination, 'terminal', 'expected a token of type Bearer, found another; ask for one')
  }
  const life_ms = Number(expires_in) * 1_000
  if (!(life_ms > 0)) return { value: access_token, ...untilRefused }
  const endsAt_ms = now_ms + life_ms
  return { value: access_token, endsAt_ms, renewAt_ms: endsAt_ms - Math.min(renew_ms_before, life_ms / 10) }
}

/** Without a length of life it is good until the far side refuses it. */
const untilRefused = { endsAt_ms: Number.POSITIVE_INFINITY, renewAt_ms: Number.POSITIVE_INFINITY }

function fieldsOf(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const failure = (destination: string, family: EffectError['family'], why: string, wait_ms?: number): EffectError =>
  new EffectError(family, family === 'terminal' ? 'refused' : 'failed', `${destination} token service: ${why}`, {
    retryAfterMs: wait_ms,
  })
