/** The connection to the broker: what is refused leaves nothing behind. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { connectBroker } from '../runtime/broker.ts'

/** Speaks as much NATS as a client needs to be connected, and says of every request that nobody serves it. */
function serverWithoutJetStream(onConnection: (socket: Socket) => void) {
  const server = createServer((socket) => {
    onConnection(socket)
    socket.on('error', () => {})
    socket.write('INFO {"server_id":"x","version":"2.15.0","headers":true,"proto":1,"max_payload":1048576}\r\n')
    let inbox = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\r\n')) {
        const [verb, subject = '', reply = ''] = line.split(' ')
        if (verb === 'PING') socket.write('PONG\r\n')
        if (verb === 'SUB') inbox = line.split(' ').at(-1)!
        if (verb === 'PUB' && subject.startsWith('$JS.API')) {
          socket.write(`HMSG ${reply} ${inbox} 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`)
        }
      }
    })
  })
  return server
}

test('a server without JetStream is refused, and the connection to it does not stay', async () => {
  const sockets: Socket[] = []
  const server = serverWithoutJetStream((socket) => sockets.push(socket))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  try {
    await expect(connectBroker([`nats://127.0.0.1:${port}`], {}, 'test')).rejects.toThrow()
    await Promise.all(sockets.map((socket) => socket.closed || new Promise((closed) => socket.once('close', closed))))
    expect(sockets).toHaveLength(1)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
})
