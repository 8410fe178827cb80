/** The reading verbs: what a node's reading paths say, as a table or, with --json, as they answer. */
import type { ConversationReading, TurnReading } from '../../runtime/history.ts'
import type { Page } from '../../runtime/reading.ts'
import { pathOf } from '../../scenarios/path.ts'
import { scenarioOf } from '../../scenarios/recorded.ts'
import { ask } from '../ask.ts'
import { print, say, table } from '../print.ts'

interface Format {
  json?: boolean
}

export async function ls({ json, ...query }: Format & Record<string, unknown>): Promise<void> {
  const filled = Object.entries(query).filter(([, value]) => value !== undefined)
  const page = await ask<Page>(`/v1/conversations?${new URLSearchParams(filled as [string, string][])}`)
  if (json) return print(page)
  if (page.items.length === 0) return say('No conversations match.')
  const rows = page.items.map((one) => [one.id, stateOf(one), one.channel, one.asset, one.customer, one.updatedAt])
  table(['id', 'state', 'channel', 'asset', 'customer', 'updated'], rows)
  if (page.cursor) say(`… and more: --limit shows up to 500`)
}

/** What this build cannot turn is still there: `show` says why. */
const stateOf = ({ state, notRestorable }: ConversationReading): string =>
  notRestorable === undefined ? state : `${state} (not restorable)`

export async function show(id: string, { json }: Format): Promise<void> {
  const one = await ask<ConversationReading>(`/v1/conversations/${encodeURIComponent(id)}`)
  if (json) return print(one)
  const { context, timers, ...facts } = one
  for (const [name, value] of Object.entries(facts)) say(`${name.padEnd(15)} ${value}`)
  for (const { name, dueAt } of timers) say(`${'timer'.padEnd(15)} ${name} due ${dueAt}`)
  say(`${'context'.padEnd(15)} ${JSON.stringify(context)}`)
}

export async function turns(
  id: string,
  { json, asPath, asScenario }: Format & { asPath?: boolean; asScenario?: boolean },
): Promise<void> {
  const place = `/v1/conversations/${encodeURIComponent(id)}`
  const all = await ask<TurnReading[]>(`${place}/turns`)
  if (asScenario) return say(scenarioOf(await ask<ConversationReading>(place), all).trimEnd())
  if (asPath) return print(pathOf(all))
  if (json) return print(all)
  for (const { revision, at, event, heard, stateBefore, stateAfter, effects } of all) {
    const moved = stateBefore === stateAfter ? stateAfter : `${stateBefore} → ${stateAfter}`
    say(
      `${String(revision).padStart(8)}  ${at}  ${event.type.replace('parley.', '').padEnd(18)} ${moved}${heard === 'turned' ? '' : ` (${heard})`}`,
    )
    for (const { key, type, status, attempts, code, delivery } of effects) {
      const came = delivery ? `, ${delivery.status}${delivery.code ? ` ${delivery.code}` : ''}` : ''
      say(
        `${''.padStart(10)}${type.padEnd(20)} ${status}${code ? ` ${code}` : ''}, ${attempts} attempt${attempts === 1 ? '' : 's'}${came}  ${key}`,
      )
    }
  }
}
