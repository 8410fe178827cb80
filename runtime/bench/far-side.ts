/**
 * The far side of the benchmark: takes every effect and counts them by idempotency key, so that one that was lost or
 * carried out twice is seen. Either in this process at once, or over loopback HTTP.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Adapter } from '../../adapters/adapter.ts'
import { post, staticToken } from '../../adapters/http.ts'
import type { AnyEffect } from '../../machines/effects.ts'

export type EffectMode = 'noop' | 'http'

export interface BenchFarSide {
  adapter: Adapter<AnyEffect>
  /** Effects that came once or more often, and those that came again. */
  counts(): { performed: number; repeated: number }
  stop(): Promise<void>
}

export async function benchFarSide(mode: EffectMode): Promise<BenchFarSide> {
  const came = new Map<string, number>()
  const count = (key: string) => void came.set(key, (came.get(key) ?? 0) + 1)
  const counts = () => ({
    performed: came.size,
    repeated: [...came.values()].reduce((sum, times) => sum + times - 1, 0),
  })
  if (mode === 'noop') return { adapter: atOnce(count), counts, stop: async () => {} }
  const { url, stop } = await stub(count)
  return { adapter: overHttp(url), counts, stop }
}

/** To one that somebody else runs, and counts at by the name that the machine gives each effect. */
export const toFarSideAt = (url: string): Adapter<AnyEffect> =>
  overHttp(url, (payload) => (payload as { id: string }).id)

const destination = 'bench'

function atOnce(count: (key: string) => void): Adapter<AnyEffect> {
  return {
    destination,
    performs: [],
    async perform(_effect, { idempotencyKey }) {
      count(idempotencyKey)
      return {}
    },
  }
}

function overHttp(url: string, keyOf = (_payload: object, key: string) => key): Adapter<AnyEffect> {
  const farSide = { url, authorization: staticToken(undefined), now: () => 0 }
  return {
    destination,
    performs: [],
    async perform({ payload }, call) {
      const idempotencyKey = keyOf(payload, call.idempotencyKey)
      await post(destination, farSide, '', JSON.stringify(payload), { ...call, idempotencyKey })
      return {}
    },
  }
}

async function stub(count: (key: string) => void): Promise<{ url: string; stop: () => Promise<void> }> {
  const answer = '{"ok":true}'
  const server = createServer((request, response) => {
    count(String(request.headers['idempotency-key']))
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
    response.end(answer)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
  return { url: `http://127.0.0.1:${port}`, stop }
}
