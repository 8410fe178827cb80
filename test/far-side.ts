/**
 * A far side that does as it is told: a real HTTP server on 127.0.0.1 that answers from a script and remembers every
 * request. For the tests of adapters and of whatever sends through them.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as it came in; `text` is the body byte for byte. */
export interface HeardRequest {
  method: string
  path: string
  headers: Record<string, string>
  text: string
  body: unknown
}

export interface Reply {
  status: number
  headers?: Record<string, string>
  /** A string goes out as it is, everything else as JSON; undefined is no body. */
  body?: unknown
  /** The answer waits for this. */
  after?: Promise<void>
  /**
   * `reset`: the connection is lost without an answer. `truncate`: half the body, then the connection is lost.
   * `stall`: half the body, then nothing more.
   */
  breaks?: 'reset' | 'truncate' | 'stall'
}

export interface StandIn {
  url: string
  requests: HeardRequest[]
  /** What to answer next, in order; the last one is repeated. */
  answer(...replies: Reply[]): void
  /** What to answer by what was asked, instead of a script. */
  answerBy(choose: (request: HeardRequest) => Reply): void
  /** Resolves once `count` requests have come in. */
  heard(count: number): Promise<void>
  close(): Promise<void>
}

const keep_alive_ms = 3_600_000

export async function standIn(): Promise<StandIn> {
  const requests: HeardRequest[] = []
  let script: Reply[] = [{ status: 200, body: {} }]
  let choose: ((request: HeardRequest) => Reply) | undefined
  let waiting: { count: number; resolve: () => void }[] = []

  const server = createServer(async (request, response) => {
    const heard = await heardRequest(request)
    requests.push(heard)
    const reply = choose?.(heard) ?? (script.length > 1 ? script.shift() : script[0])
    for (const { count, resolve } of waiting) if (requests.length >= count) resolve()
    waiting = waiting.filter(({ count }) => requests.length < count)
    if (reply) await give(reply, response)
  })
  // It never hangs up by itself: a call on a connection that is just being closed would fail without having come.
  server.keepAliveTimeout = keep_alive_ms
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answer: (...replies) => {
      script = replies
      choose = undefined
    },
    answerBy: (chosen) => {
      choose = chosen
    },
    heard: (count) =>
      requests.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push({ count, resolve })
          }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function heardRequest(request: IncomingMessage): Promise<HeardRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers,
    text,
    body: text === '' ? {} : isForm(headers) ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text),
  }
}

const isForm = (headers: Record<string, string>): boolean =>
  headers['content-type'] === 'application/x-www-form-urlencoded'

async function give(reply: Reply, response: ServerResponse): Promise<void> {
  await reply.after
  if (reply.breaks === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  const text = typeof reply.body === 'string' ? reply.body : reply.body === undefined ? '' : JSON.stringify(reply.body)
  const bytes = Buffer.from(text)
  response.writeHead(reply.status, {
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    ...reply.headers,
  })
  const half = bytes.subarray(0, Math.ceil(bytes.length / 2))
  if (reply.breaks === 'stall') response.write(half)
  else if (reply.breaks === 'truncate') response.write(half, () => response.socket?.destroy())
  else response.end(bytes)
}
