/**
 * The wire between the nodes and the far sides: an HTTP relay that writes down every call as it arrives, with
 * its idempotency key, a hash of its body and how it ended. It outlives every node and the desk, so it is the one witness of
 * what was attempted. Keeps no body.
 */
import { hash } from 'node:crypto'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../adapters/clock.ts'
import type { WireCall } from './history.ts'

export interface Wire {
  /** The address of all far sides. */
  url: string
  calls: WireCall[]
  close(): Promise<void>
}

/** `deskUrl` is asked anew for each call; while it is undefined nobody answers. */
export async function openWire(clock: Clock, host: string, deskUrl: () => string | undefined): Promise<Wire> {
  const calls: WireCall[] = []
  const server = createServer(async (incoming, outgoing) => {
    const body = await bodyOf(incoming)
    if (!body) return
    const key = incoming.headers['idempotency-key']
    const { method = '', url: path = '' } = incoming
    const call: WireCall = {
      at_ms: clock.now(),
      method,
      path,
      key: typeof key === 'string' ? key : '',
      body: hash('sha256', `${method} ${path}\n${body}`),
      status: 0,
    }
    calls.push(call)
    const to = deskUrl()
    if (to === undefined) return incoming.destroy()
    pass(new URL(path, to), incoming, body, outgoing, (status) => {
      call.status = status
    })
  })
  await new Promise<void>((listening) => server.listen(0, host, listening))
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    calls,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** Undefined for a caller who is gone in the middle of its words: that is no call. */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  try {
    for await (const part of incoming) parts.push(part as Buffer)
  } catch {
    return undefined
  }
  return incoming.complete ? Buffer.concat(parts) : undefined
}

function pass(
  to: URL,
  { method, headers }: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
  onStatus: (status: number) => void,
): void {
  const onward = request(to, { method, headers: { ...headers, host: to.host } }, (answer) => {
    onStatus(answer.statusCode ?? 0)
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
    answer.on('error', () => outgoing.destroy())
  })
  onward.on('error', () => outgoing.destroy())
  outgoing.on('close', () => onward.destroy())
  onward.end(body)
}
