/**
 * One HTTP request and its whole answer, below every client there is: connections are kept, reads are bounded, redirects
 * are not followed. Through undici, which costs less CPU than Node's own `http`, and far less than `fetch`.
 * Keeps: no error quotes an address, a header or a body.
 */
import type { Dispatcher } from 'undici'
import { type Connections, directly } from './connections.ts'

/** Longest answer that is read; a longer one is cut off and counts as failed. */
export const answer_bytes_max = 1_048_576

export interface Outgoing {
  method: 'GET' | 'HEAD' | 'POST'
  url: string
  headers: Record<string, string>
  body: string
  signal: AbortSignal
  /** Without them the call leaves directly. */
  connections?: Connections | undefined
}

export interface Incoming {
  status: number
  /** By lower-case name; of a header that came more than once, all values with commas (RFC 9110, 5.3). */
  headers: Record<string, string | undefined>
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
export async function exchange({ url, connections = directly, ...outgoing }: Outgoing): Promise<Incoming> {
  const { signal } = outgoing
  let response: Dispatcher.ResponseData
  try {
    const { origin, pathname, search } = new URL(url)
    response = await connections.current().request({ ...outgoing, origin, path: pathname + search })
  } catch (error) {
    throw new NoAnswer(`expected an answer, found ${signal.aborted ? 'the time up' : reasonOf(error)}`)
  }
  const { statusCode: status, headers, body } = response
  return { status, headers: joined(headers), text: await boundedText(body, status, signal) }
}

function joined(headers: Dispatcher.ResponseData['headers']): Incoming['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}

async function boundedText(
  body: Dispatcher.ResponseData['body'],
  status: number,
  signal: AbortSignal,
): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
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
