/**
 * Hands frames of Stately's Inspector to whoever connects: over WebSocket to any client of that protocol, and by a page
 * that shows stately.ai's own inspector. Late comers get everything from the beginning.
 * Invariant: it listens on this machine only, and no page of another origin can connect.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { StartError } from '../runtime/errors.ts'
import type { Frame } from '../runtime/inspection.ts'

export interface InspectorServer {
  port: number
  send(frames: readonly Frame[]): void
  stop(): Promise<void>
}

const host = '127.0.0.1'

/** Throws `StartError` when the port is taken. */
export async function startInspectorServer(port: number): Promise<InspectorServer> {
  const sent: string[] = []
  const http = createServer((request, response) => {
    if (request.url !== '/') return response.writeHead(404).end()
    return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
  })
  const sockets = new WebSocketServer({ server: http, verifyClient: ({ req }: { req: IncomingMessage }) => isOwn(req) })
  sockets.on('connection', (socket: WebSocket) => {
    for (const text of sent) socket.send(text)
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause) =>
      reject(new StartError('E_PORT', `port ${port} is taken; name another with --port`, cause)),
    )
    http.listen(port, host, resolve)
  })
  return {
    port: (http.address() as AddressInfo).port,
    send(frames) {
      for (const frame of frames) {
        const text = JSON.stringify(frame)
        sent.push(text)
        for (const socket of sockets.clients) socket.send(text)
      }
    },
    async stop() {
      for (const socket of sockets.clients) socket.terminate()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

/** A program has no origin; a page must be the one that is served here. */
function isOwn({ headers }: IncomingMessage): boolean {
  const { origin, host: asked } = headers
  return origin === undefined || origin === `http://${asked}`
}

/** Passes frames on to the inspector in its frame once that says it is there, as `@statelyai/inspect` does. */
const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Parley · Stately Inspector</title>
<style>html,body,iframe{margin:0;border:0;width:100%;height:100%}p{font:14px system-ui;margin:12px}</style></head>
<body>
<noscript><p>This page needs scripts.</p></noscript>
<iframe title="Stately Inspector" src="https://stately.ai/inspect"></iframe>
<script>
const inspector = document.querySelector('iframe')
let waiting = []
const pass = (frame) => inspector.contentWindow.postMessage(frame, 'https://stately.ai')
addEventListener('message', ({ data, source }) => {
  if (source !== inspector.contentWindow || data?.type !== '@statelyai.connected') return
  for (const frame of waiting ?? []) pass(frame)
  waiting = undefined
})
new WebSocket('ws://' + location.host).onmessage = ({ data }) => (waiting ? waiting.push(JSON.parse(data)) : pass(JSON.parse(data)))
</script>
</body>
</html>
`
