/**
 * `parley watch [ID]`: the life of a conversation in the terminal, a line a thing, from its first turn on; without an id
 * every conversation that moves. Lines are only ever added, so nothing flickers and everything can be piped.
 */
import type { ListNews } from '../../runtime/feed.ts'
import type { EffectReading, TurnReading } from '../../runtime/history.ts'
import type { LedgerEntry } from '../../runtime/ledger.ts'
import type { Paint } from '../../runtime/live-view.ts'
import { ask } from '../ask.ts'
import { follow } from '../follow.ts'
import { paintFor } from '../paint.ts'
import { say } from '../print.ts'
import { outcomeLine, turnLines } from '../turn-lines.ts'
import { untilStopped } from '../until-stopped.ts'

export async function watch(id: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const ending = new AbortController()
  const paint = paintFor(process.stdout, process.env)
  const lines = id === undefined ? linesOfAll(ending.signal, paint) : linesOfOne(id, ending.signal, paint)
  const writing = (async () => {
    for await (const { line, value } of lines) say(json ? JSON.stringify(value) : line)
  })()
  await Promise.race([
    writing,
    untilStopped(async () => {
      ending.abort()
      await writing
    }),
  ])
}

interface Line {
  line: string
  /** The same for programs: one object a line. */
  value: object
}

async function* linesOfAll(signal: AbortSignal, paint: Paint): AsyncGenerator<Line> {
  for await (const { event, data } of follow('/v1/feed', signal)) {
    if (event !== 'changed') continue
    for (const item of (data as ListNews).items) {
      const at = paint.dim(`${item.at.slice(11, 19)} ${item.id.slice(0, 6)}`)
      yield { line: `${at} ${paint.cyan(item.customer)} ${paint.bold(item.state)}`, value: item }
    }
  }
}

async function* linesOfOne(id: string, signal: AbortSignal, paint: Paint): AsyncGenerator<Line> {
  const path = `/v1/conversations/${encodeURIComponent(id)}`
  const told = new Map<number, TurnReading>()
  for await (const { event, data } of follow(`${path}/feed`, signal)) {
    const turns =
      event === 'open' ? await ask<TurnReading[]>(`${path}/turns`) : event === 'turn' ? [data as TurnReading] : []
    for (const turn of turns) {
      if (told.has(turn.revision)) continue
      told.set(turn.revision, turn)
      yield { line: turnLines(turn, paint).join('\n'), value: { kind: 'turn', ...turn } }
    }
    if (event !== 'effects') continue
    const { revision, outcomes } = data as LedgerEntry
    for (const { index, ...outcome } of outcomes) {
      const effect = told.get(revision)?.effects[index]
      if (!effect) continue
      const now: EffectReading = { ...effect, ...outcome }
      yield { line: outcomeLine(now, paint), value: { kind: 'effect', revision, ...now } }
    }
  }
}
