/**
 * One HTTP request and its whole answer, below every client there is: connections are kept, reads are bounded, redirects
 * are not followed. Through undici's `dispatch`, which costs less CPU than Node's own `http`, and far less than `fetch`.
 * Keeps: no error quotes an address, a header or a body.
 */
import type { IncomingHttpHeaders } from 'node:http'
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
export function exchange({ url, connections = directly, signal, ...outgoing }: Outgoing): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const answer = new WholeAnswer(signal, resolve, reject)
    try {
      const { origin, pathname, search } = new URL(url)
      connections.current().dispatch({ origin, path: pathname + search, ...outgoing }, answer)
    } catch (error) {
      answer.onResponseError(undefined, error as Error)
    }
  })
}

/**
 * Gathers one answer as undici parses it. Its `request` would make a stream of each, and a fifth of the processor time of an
 * exchange went into that (measured).
 */
class WholeAnswer implements Dispatcher.DispatchHandler {
  #signal: AbortSignal
  #resolve: (answer: Incoming) => void
  #reject: (error: NoAnswer) => void
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #headers: Incoming['headers'] = {}
  #chunks: Buffer[] = []
  #bytes = 0
  #timeUp = () => {
    this.#reject(this.#missing('the time up'))
    this.#controller?.abort(timeIsUp)
  }

  constructor(signal: AbortSignal, resolve: (answer: Incoming) => void, reject: (error: NoAnswer) => void) {
    this.#signal = signal
    this.#resolve = resolve
    this.#reject = reject
    if (signal.aborted) this.#timeUp()
    else signal.addEventListener('abort', this.#timeUp, { once: true })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#signal.aborted) controller.abort(timeIsUp)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return // an answer before the answer (RFC 9110, 15.2)
    this.#status = status
    this.#headers = joined(headers)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.byteLength
    if (this.#bytes <= answer_bytes_max) this.#chunks.push(chunk)
    else controller.abort(new NoAnswer(`expected at most ${answer_bytes_max} bytes, found more`))
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#timeUp)
    const text = (this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)).toString('utf8')
    this.#resolve({ status: this.#status, headers: this.#headers, text })
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#signal.removeEventListener('abort', this.#timeUp)
    this.#reject(error instanceof NoAnswer ? error : this.#missing(reasonOf(error)))
  }

  #missing(found: string): NoAnswer {
    return new NoAnswer(
      `expected ${this.#status === 0 ? 'an answer' : `the whole answer ${this.#status}`}, found ${found}`,
    )
  }
}

const timeIsUp = new Error('the time is up')

function joined(headers: IncomingHttpHeaders): Incoming['headers'] {
  const all: Incoming['headers'] = {}
  for (const name in headers) {
    const value = headers[name]
    all[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return all
}

/** The system's code (`ECONNREFUSED`, `ECONNRESET`) and nothing else: messages may quote addresses or tokens. */
function reasonOf(error: unknown): string {
  const codes = [error, error instanceof Error ? error.cause : undefined].map((one) =>
    one instanceof Error && 'code' in one && typeof one.code === 'string' ? one.code : undefined,
  )
  return `the connection lost (${codes.find((code) => code !== undefined) ?? 'no code'})`
}
