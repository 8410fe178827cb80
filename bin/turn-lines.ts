/** A turn as lines for a terminal: what was heard, where it led, what went out and what became of that. Pure. */
import type { EffectReading, TurnReading } from '../runtime/history.ts'
import { heardEvent } from '../runtime/inspection.ts'
import type { Paint } from '../runtime/live-view.ts'

const indent = ' '.repeat(10)

export function turnLines(turn: TurnReading, paint: Paint): string[] {
  const { at, event, heard, stateBefore, stateAfter, effects } = turn
  const { text } = (event.data ?? {}) as { text?: unknown }
  const said = typeof text === 'string' ? `: ${oneLine(text)}` : ''
  const note = heard === 'turned' ? '' : ` (${heard})`
  const cause = `${paint.dim(at.slice(11, 19))}  ${paint.cyan(heardEvent(turn))}${said}${paint.dim(note)}`
  const moved = stateBefore === stateAfter ? [] : [`${indent}→ ${paint.bold(stateAfter)}`]
  return [cause, ...moved, ...effects.map((effect) => outcomeLine(effect, paint))]
}

export function outcomeLine({ type, status, attempts, code, payload }: EffectReading, paint: Paint): string {
  const { text } = payload as { text?: unknown }
  const said = typeof text === 'string' && text !== '' ? `: ${oneLine(text)}` : ''
  const tries = attempts > 1 ? ` after ${attempts} attempts` : ''
  const ended = {
    pending: paint.dim('asked'),
    done: paint.green('done'),
    failed: paint.red(`given up: ${code ?? ''}`),
  }[status]
  return `${indent}  ${type} ${ended}${tries}${status === 'pending' ? said : ''}`
}

/** A terminal obeys what is written to it, so nothing of a customer's text but signs that are shown is. */
const oneLine = (text: string): string => text.replace(/[\p{C}\s]+/gu, ' ').slice(0, line_length_max)
const line_length_max = 160
