/**
 * How the load gets in: to a random gateway that is up, again and again with the same id until it is answered 200, as a
 * provider does; and to the desk, as its agents. Owns what was answered. Speaks HTTP; what it takes down is what it was told.
 */
import type { Clock } from '../../adapters/clock.ts'
import type { Random } from '../../runtime/random.ts'
import type { Accepted } from './history.ts'
import type { Inbound } from './inbound.ts'
import type { Place } from './place.ts'
import type { Site } from './site.ts'

export interface Doors {
  /** Resolves once it is answered 200. Throws on what a provider would not send again, a 4xx, and when nobody takes it for minutes. */
  send(place: Place, token: string, inbound: Inbound, random: Random): Promise<void>
  /** Status of a request to the desk; 0 when nobody answered. */
  desk(path: string, body: object): Promise<number>
  accepted: Accepted[]
  /** How often a 200 said that the event was known already. */
  duplicates(): number
}

const answer_ms_max = 5_000
const send_ms_max = 120_000
const again_ms: [low: number, high: number] = [100, 600]
const sent_again_in_100 = 5

export function openDoors(clock: Clock, site: Site): Doors {
  const accepted: Accepted[] = []
  let duplicates = 0

  const attempt = async ({ path, body }: Inbound, random: Random) => {
    const up = site.nodes.flatMap((node) => node.url() ?? [])
    const url = up.length === 0 ? undefined : random.pick(up)
    return url === undefined ? undefined : post(clock, url + path, body)
  }

  const send: Doors['send'] = async ({ channel, asset, customer }, token, inbound, random) => {
    const sent_ms = clock.now()
    for (;;) {
      const answer = await attempt(inbound, random)
      if (answer?.status === 200) {
        const { eventId, duplicate } = answer.body as { eventId: string; duplicate: boolean }
        if (duplicate) duplicates++
        const address = { channel, asset, customer }
        accepted.push({ eventId, address, token, sent_ms, answered_ms: clock.now() })
        break
      }
      const status = answer?.status ?? 0
      if (status >= 400 && status < 500) throw new Error(`POST ${inbound.path} was refused with ${status}`)
      if (clock.now() - sent_ms > send_ms_max)
        throw new Error(`POST ${inbound.path}: no gateway took it in ${send_ms_max} ms`)
      await clock.sleep(random.int(...again_ms))
    }
    // Providers also send again what was taken.
    if (random.int(1, 100) > sent_again_in_100) return
    const again = await attempt(inbound, random)
    if ((again?.body as { duplicate?: boolean } | undefined)?.duplicate) duplicates++
  }

  return {
    send,
    async desk(path, body) {
      const url = site.nodes[0]?.deskUrl()
      return (url === undefined ? undefined : await post(clock, url + path, body))?.status ?? 0
    },
    accepted,
    duplicates: () => duplicates,
  }
}

async function post(clock: Clock, url: string, body: object): Promise<{ status: number; body: unknown } | undefined> {
  const late = new AbortController()
  const cancel = clock.after(answer_ms_max, () => late.abort())
  try {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal: late.signal })
    return { status: answer.status, body: await answer.json() }
  } catch {
    return undefined
  } finally {
    cancel()
  }
}
