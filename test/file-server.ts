/**
 * A web server on loopback that hands out files, well or badly: for the tests of what fetches them.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FileServer {
  url: string
  /** Paths that were asked for, in order. */
  asked: string[]
  /** Serves bytes at a path, or whatever the function does. Gives the address. */
  put(path: string, file: Uint8Array | ((response: ServerResponse) => void)): string
  close(): Promise<void>
}

export async function fileServer(): Promise<FileServer> {
  const files = new Map<string, Uint8Array | ((response: ServerResponse) => void)>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const file = files.get(request.url ?? '')
    if (typeof file === 'function') file(response)
    else response.writeHead(file ? 200 : 404).end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    asked,
    put(path, file) {
      files.set(path, file)
      return url + path
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
