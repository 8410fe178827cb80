/**
 * TLS at the gateway's door (RFC 8446): with whose certificate it answers, and whom it asks for one. The handshake itself
 * asks for a client's certificate; whether one is needed is the door's to say, since browsers and probes have none.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { authoritiesIn, identityIn } from './pem-files.ts'
import { type Problem, problem } from './problem.ts'

/** Paths of PEM files; `clientCa` signed the certificates of those who post to the doors in. */
export interface TlsFiles {
  cert: string
  key: string
  clientCa?: string
  clientCertificate: 'doors' | 'everywhere'
}

/** What node:tls is given. Throws `StartError` (`E_TLS`) when a file cannot be used. */
export async function serverTls(files: TlsFiles) {
  const { clientCa, clientCertificate } = files
  return {
    ...(await identityIn('bind.tls', files)),
    ...(clientCa === undefined
      ? {}
      : {
          ca: await authoritiesIn('bind.tls.clientCa', clientCa),
          requestCert: true,
          rejectUnauthorized: clientCertificate === 'everywhere',
        }),
  }
}

export type ServerTls = Awaited<ReturnType<typeof serverTls>>

/** Why a request of nobody known is not taken. Those within the node come without TLS, over `openInnerDoor`. */
export function certificateRefusal(tls: ServerTls | undefined, { raw }: FastifyRequest): Problem | undefined {
  if (tls?.ca === undefined || !(raw.socket instanceof TLSSocket) || raw.socket.authorized) return undefined
  return problem(
    'unauthenticated',
    'expected a client certificate of an authority that is known, found none or another',
  )
}

/**
 * The same paths for the embedded desk of this node, which has no certificate: without TLS, on this machine alone, at a free
 * port.
 */
export async function openInnerDoor(app: FastifyInstance): Promise<{ url: string; stop(): Promise<void> }> {
  const server: Server = createServer((request, response) => app.routing(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}
