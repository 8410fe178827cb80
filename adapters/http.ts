/**
 * The one JSON-over-HTTP client of all adapters: one POST is one attempt of one effect (T6).
 * Speaks to the far side through Node's http and https, which cost a third of what fetch does; connections are kept.
 * Keeps: the headers of CONTRACTS section 5 on every request, a bounded read, no redirects, and no words of a body in any
 * error.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { type Call, EffectError } from './adapter.ts'
import { retryAfterMs } from './retry-after.ts'

/** Longest answer that is read; a longer one is cut off and counts as failed. */
export const answer_bytes_max = 1_048_576

/** Gives the bearer token for one request, or undefined for none. May throw `EffectError` when it cannot get one. */
export type Authorization = () => Promise<string | undefined>

/** Where a far side is and how to speak to it. `now` is the clock's, in milliseconds since the epoch. */
export interface FarSide {
  /** Base address, with or without a path and a trailing slash. */
  url: string
  authorization: Authorization
  now: () => number
}

/** What came back: `body` is the parsed JSON, or undefined when there was none. */
export interface Answer {
  status: number
  body: unknown
  retryAfterMs: number | undefined
}

/** The token of the configuration, the same for every request. */
export function staticToken(token: string | undefined): Authorization {
  return async () => (token === '' ? undefined : token)
}

/**
 * Posts `body` to `path` below the far side's address. `destination` names the far side in errors.
 * Resolves with every complete answer, whatever its status. Throws `EffectError` (retryable, `failed`) when none came:
 * connection refused or lost, time up, answer too long, cut short, or not the far side's at all.
 */
export function post(destination: string, farSide: FarSide, path: string, body: string, call: Call): Promise<Answer> {
  return request('POST', destination, farSide, path, body, call)
}

/** The same without a body. */
export function get(destination: string, farSide: FarSide, path: string, call: Call): Promise<Answer> {
  return request('GET', destination, farSide, path, '', call)
}

type Method = 'GET' | 'POST'

async function request(
  method: Method,
  destination: string,
  farSide: FarSide,
  path: string,
  body: string,
  call: Call,
): Promise<Answer> {
  const failed = (why: string) => new EffectError('retryable', 'failed', `${destination}: ${why}; try again`)
  let response: IncomingMessage
  try {
    const url = farSide.url.replace(/\/+$/, '') + path
    response = await send(method, url, await headersOf(farSide, call), body, call.signal)
  } catch (error) {
    if (error instanceof EffectError) throw error
    throw failed(`expected an answer, found ${call.signal.aborted ? 'the time up' : reasonOf(error)}`)
  }
  return {
    status: statusOf(response),
    body: await parsedBody(response, call, failed),
    retryAfterMs: retryAfterMs(response.headers['retry-after'] ?? null, farSide.now()),
  }
}

const statusOf = ({ statusCode = 0 }: IncomingMessage): number => statusCode

const keepAlive = { keepAlive: true }
const agents = { http: new HttpAgent(keepAlive), https: new HttpsAgent(keepAlive) }

/** Resolves once the status and headers are there; the body is still to be read. */
function send(
  method: Method,
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body)
    const options = { method, headers: { ...headers, 'content-length': bytes.length }, signal }
    const outgoing = url.startsWith('https:')
      ? httpsRequest(url, { ...options, agent: agents.https }, resolve)
      : httpRequest(url, { ...options, agent: agents.http }, resolve)
    outgoing.on('error', reject)
    outgoing.end(bytes)
  })
}

async function headersOf(farSide: FarSide, call: Call): Promise<Record<string, string>> {
  const token = await farSide.authorization()
  return {
    'content-type': 'application/json',
    accept: 'application/json',
    'idempotency-key': call.idempotencyKey,
    'x-tracking-id': call.trackingId,
    traceparent: call.traceparent,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
}

type Failed = (why: string) => EffectError

/**
 * JSON that was cut short says nothing at any status. Words that are not JSON come from a proxy in between: of a refusal
 * the status still tells enough, but a 2xx is no agreement then, unless it is plain text, which passes as "no body".
 */
async function parsedBody(response: IncomingMessage, call: Call, failed: Failed): Promise<unknown> {
  const text = await boundedText(response, call, failed)
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own error quotes the body, which may hold the customer's words: it goes no further.
    const cutShort = /^\s*[[{]/.test(text)
    const plain = /^text\/plain\b/i.test(response.headers['content-type'] ?? '')
    const status = statusOf(response)
    const agreed = status >= 200 && status < 300
    if (!cutShort && (plain || !agreed)) return undefined
    throw failed(`expected JSON in the answer ${status}, found ${cutShort ? 'a part of it' : 'something else'}`)
  }
}

async function boundedText(response: IncomingMessage, call: Call, failed: Failed): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of response) {
      bytes += chunk.byteLength
      if (bytes > answer_bytes_max) break
      chunks.push(chunk)
    }
  } catch (error) {
    const what = call.signal.aborted ? 'the time up' : reasonOf(error)
    throw failed(`expected the whole answer ${statusOf(response)}, found ${what}`)
  }
  if (bytes > answer_bytes_max) throw failed(`expected at most ${answer_bytes_max} bytes, found more`)
  return Buffer.concat(chunks).toString('utf8')
}

/** The system's code (`ECONNREFUSED`, `ECONNRESET`) and nothing else: messages may quote addresses or tokens. */
function reasonOf(error: unknown): string {
  const codes = [error, error instanceof Error ? error.cause : undefined].map((one) =>
    one instanceof Error && 'code' in one && typeof one.code === 'string' ? one.code : undefined,
  )
  return `the connection lost (${codes.find((code) => code !== undefined) ?? 'no code'})`
}
