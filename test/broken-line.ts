/**
 * A line between a node and its broker that can be cut, as a server does to a client that reads too slowly: whoever was
 * connected finds the connection gone, and may come again.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface BrokenLine {
  /** Where to connect instead. */
  url: string
  /** Ends every connection there is now; resolves to how many. */
  cut(): number
  close(): void
}

export async function brokenLine(url: string): Promise<BrokenLine> {
  const ends = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(new URL(url).port), '127.0.0.1')
    ends.add(near)
    near.on('close', () => ends.delete(near))
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
      one.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    const all = [...ends]
    for (const one of all) one.destroy()
    return all.length
  }
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    close() {
      cut()
      server.close()
    },
  }
}
