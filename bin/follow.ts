/** Follows a feed of a node, over breaks, at the address and with the admin token that the configuration names. */
import { systemClock } from '../adapters/clock.ts'
import { loadConfig } from '../runtime/config.ts'
import { type FeedEvent, framesIn } from '../runtime/feed-frames.ts'
import { VerbError } from './cli.ts'

const again_ms = 1_000

/** Ends when `signal` aborts. Throws `VerbError` when the first request is refused or nobody answers. */
export async function* follow(path: string, signal: AbortSignal): AsyncGenerator<FeedEvent> {
  const { parleyUrl, adminToken } = loadConfig({ env: process.env, cwd: process.cwd() })
  const headers = adminToken === undefined ? {} : { authorization: `Bearer ${adminToken}` }
  const clock = systemClock()
  let wasOpen = false
  while (!signal.aborted) {
    const response = await fetch(parleyUrl + path, { headers, signal }).catch(() => undefined)
    if (response?.ok && response.body) {
      wasOpen = true
      yield* framesIn(response.body)
    } else if (!wasOpen && !signal.aborted) {
      if (!response) throw new VerbError(`no node answers at ${parleyUrl}; start one with npm start, or set PARLEY_URL`)
      const { detail } = (await response.json().catch(() => ({}))) as { detail?: string }
      throw new VerbError(detail ?? `the node answered ${response.status}`)
    }
    await clock.sleep(again_ms, signal)
  }
}
