/**
 * A port that greets like a nats-server of some version and bounds, and can do nothing else: a real server of that kind is
 * not at hand, and a node must refuse it by its greeting alone.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'

export interface GreetingBroker {
  url: string
  close(): void
}

/** `info` goes over what a server that would do says of itself. */
export async function greetingBroker(info: { version?: string; max_payload?: number }): Promise<GreetingBroker> {
  const sound = { server_id: 'x', version: '2.15.1', proto: 1, headers: true, max_payload: 1_048_576, jetstream: true }
  const server = createServer((socket) => {
    socket.write(`INFO ${JSON.stringify({ ...sound, ...info })}\r\n`)
    socket.on('data', (bytes) => {
      if (bytes.toString('latin1').includes('PING')) socket.write('PONG\r\n')
    })
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return { url: `nats://127.0.0.1:${port}`, close: () => server.close() }
}
