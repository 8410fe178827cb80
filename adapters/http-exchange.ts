/**
 * One HTTP request and its whole answer, below every client there is: connections are kept, reads are bounded, redirects
 * are not followed. Through Node's http and https, which cost a third of what fetch does.
 * Keeps: no error quotes an address, a header or a body.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** Longest answer that is read; a longer one is cut off and counts as failed. */
export const answer_bytes_max = 1_048_576

export interface Outgoing {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body: string
  signal: AbortSignal
}

export interface Incoming {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** No whole answer came. `why` is a phrase that follows "expected …, found". */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly why: string
  constructor(why: string) {
    super(why)
    this.why = why
  }
}

/** Resolves with the answer, whatever its status. Throws `NoAnswer`: connection lost, time up, too long, cut short. */
export async function exchange(outgoing: Outgoing): Promise<Incoming> {
  const { signal } = outgoing
  let response: IncomingMessage
  try {
    response = await send(outgoing)
  } catch (error) {
    throw new NoAnswer(`expected an answer, found ${signal.aborted ? 'the time up' : reasonOf(error)}`)
  }
  const { statusCode: status = 0, headers } = response
  return { status, headers, text: await boundedText(response, status, signal) }
}

const keepAlive = { keepAlive: true }
const agents = { http: new HttpAgent(keepAlive), https: new HttpsAgent(keepAlive) }

/** Resolves once the status and headers are there; the body is still to be read. */
function send({ method, url, headers, body, signal }: Outgoing): Promise<IncomingMessage> {
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

async function boundedText(response: IncomingMessage, status: number, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of response) {
      bytes += chunk.byteLength
      if (bytes > answer_bytes_max) break
      chunks.push(chunk)
    }
  } catch (error) {
    throw new NoAnswer(`expected the whole answer ${status}, found ${signal.aborted ? 'the time up' : reasonOf(error)}`)
  }
  if (bytes > answer_bytes_max) throw new NoAnswer(`expected at most ${answer_bytes_max} bytes, found more`)
  return Buffer.concat(chunks).toString('utf8')
}

/** The system's code (`ECONNREFUSED`, `ECONNRESET`) and nothing else: messages may quote addresses or tokens. */
function reasonOf(error: unknown): string {
  const codes = [error, error instanceof Error ? error.cause : undefined].map((one) =>
    one instanceof Error && 'code' in one && typeof one.code === 'string' ? one.code : undefined,
  )
  return `the connection lost (${codes.find((code) => code !== undefined) ?? 'no code'})`
}
