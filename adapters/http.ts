/**
 * The one JSON-over-HTTP client of all adapters: one POST is one attempt of one effect (T6), and one more when the far side
 * refuses a token that can be had anew.
 * Keeps: the headers of CONTRACTS section 5 on every request, and no words of a body in any error.
 */
import { type Call, EffectError } from './adapter.ts'
import type { Connections } from './connections.ts'
import { exchange, type Incoming, NoAnswer } from './http-exchange.ts'
import { retryAfterMs } from './retry-after.ts'

/** Where bearer tokens come from. */
export interface Authorization {
  /** RFC 9110, 11.1; `Bearer` when not said. */
  scheme?: 'Basic'
  /** The token for one request, or undefined for none. Throws `EffectError` when it cannot get one. */
  token(signal: AbortSignal): Promise<string | undefined>
  /** The far side said 401 to `token`. Whether another one can be had: then the request is made once more. */
  refused(token: string | undefined): boolean
}

/** Where a far side is and how to speak to it. `now` is the clock's, in milliseconds since the epoch. */
export interface FarSide {
  /** Base address, with or without a path and a trailing slash. */
  url: string
  authorization: Authorization
  now: () => number
  /** Without them calls leave directly. */
  connections?: Connections
}

/** What came back: `body` is the parsed JSON, or undefined when there was none. */
export interface Answer {
  status: number
  body: unknown
  retryAfterMs: number | undefined
}

/** The token of the configuration, the same for every request. */
export function staticToken(token: string | undefined): Authorization {
  return { token: async () => (token === '' ? undefined : token), refused: () => false }
}

/**
 * Posts `body` to `path` below the far side's address. `destination` names the far side in errors.
 * Resolves with every complete answer, whatever its status. Throws `EffectError` (retryable, `failed`) when none came:
 * connection refused or lost, time up, answer too long, cut short, or not the far side's at all.
 */
export function post(
  destination: string,
  farSide: FarSide,
  path: string,
  body: string,
  call: Call,
  contentType = json,
): Promise<Answer> {
  return request('POST', destination, farSide, path, { body, contentType }, call)
}

/** The same without a body. */
export function get(destination: string, farSide: FarSide, path: string, call: Call): Promise<Answer> {
  return request('GET', destination, farSide, path, { body: '', contentType: json }, call)
}

const json = 'application/json'

type Method = 'GET' | 'POST'

async function request(
  method: Method,
  destination: string,
  farSide: FarSide,
  path: string,
  { body, contentType }: { body: string; contentType: string },
  call: Call,
): Promise<Answer> {
  const failed = (why: string) => new EffectError('retryable', 'failed', `${destination}: ${why}; try again`)
  const incoming = await authorized(farSide, call, (token) =>
    exchange({
      method,
      url: farSide.url.replace(/\/+$/, '') + path,
      headers: headersOf(farSide.authorization.scheme ?? 'Bearer', token, contentType, call),
      body,
      signal: call.signal,
      connections: farSide.connections,
    }).catch((error: unknown) => {
      throw error instanceof NoAnswer ? failed(error.why) : error
    }),
  )
  return {
    status: incoming.status,
    body: parsedBody(incoming, failed),
    retryAfterMs: retryAfterMs(incoming.headers['retry-after'] ?? null, farSide.now()),
  }
}

/** E29: a token may end before its time, or be withdrawn; a new one is tried once. */
async function authorized(
  { authorization }: FarSide,
  { signal }: Call,
  attempt: (token: string | undefined) => Promise<Incoming>,
): Promise<Incoming> {
  const token = await authorization.token(signal)
  const incoming = await attempt(token)
  if (incoming.status !== 401 || !authorization.refused(token)) return incoming
  return attempt(await authorization.token(signal))
}

function headersOf(scheme: string, token: string | undefined, contentType: string, call: Call): Record<string, string> {
  return {
    'content-type': contentType,
    accept: json,
    'idempotency-key': call.idempotencyKey,
    'x-tracking-id': call.trackingId,
    traceparent: call.traceparent,
    ...(token === undefined ? {} : { authorization: `${scheme} ${token}` }),
  }
}

/**
 * JSON that was cut short says nothing at any status. Words that are not JSON come from a proxy in between: of a refusal
 * the status still tells enough, but a 2xx is no agreement then, unless it is plain text, which passes as "no body".
 */
function parsedBody({ status, headers, text }: Incoming, failed: (why: string) => EffectError): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own error quotes the body, which may hold the customer's words: it goes no further.
    const cutShort = /^\s*[[{]/.test(text)
    const plain = /^text\/plain\b/i.test(headers['content-type'] ?? '')
    const agreed = status >= 200 && status < 300
    if (!cutShort && (plain || !agreed)) return undefined
    throw failed(`expected JSON in the answer ${status}, found ${cutShort ? 'a part of it' : 'something else'}`)
  }
}
