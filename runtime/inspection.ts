/**
 * A conversation in the words of Stately's Inspector (`@statelyai/inspect` 0.7): the machine with its definition, then each
 * turn as an event and a snapshot, and each effect as a child actor that ends with its outcome. Made from what the reading
 * doors say, masked as it is stored (T7). Pure: on a wire, or from page to page, it is the same.
 */
import type { EffectReading, TurnReading } from './history.ts'

export interface Frame {
  type: '@xstate.actor' | '@xstate.event' | '@xstate.snapshot'
  sessionId: string
  rootId: string
  createdAt: string
  id: null
  _version: string
  [more: string]: unknown
}

type Context = Record<string, unknown>

const protocol_version = '0.7.2'

/** The first frame: without it an inspector draws nothing. `definition` is the machine's config. */
export function beginning(id: string, machine: string, definition: object): Frame {
  return {
    ...frame('@xstate.actor', id, id, '1970-01-01T00:00:00.000Z'),
    name: machine,
    definition: JSON.stringify(definition),
    snapshot: { status: 'active', value: {}, context: {} },
  }
}

/** What one turn says: what was heard, where it led, what went out. */
export function turnFrames(id: string, turn: TurnReading, context: Context): Frame[] {
  const event = { ...(turn.event.data as object), type: heardEvent(turn) }
  const snapshot = { status: 'active', value: stateValueOf(turn.stateAfter), context, children: {} }
  return [
    { ...frame('@xstate.event', id, id, turn.at), event },
    { ...frame('@xstate.snapshot', id, id, turn.at), event, snapshot },
    ...turn.effects.flatMap((effect) => effectFrames(id, effect, turn.at)),
  ]
}

/** An effect as a child: begun with what it was given. */
function effectFrames(id: string, { key, type, payload, ...outcome }: EffectReading, at: string): Frame[] {
  const child = `${id}#${key}`
  return [
    { ...frame('@xstate.actor', child, id, at), name: type, parentId: id, snapshot: { status: 'active', context: {} } },
    { ...frame('@xstate.event', child, id, at), sourceId: id, event: { ...payload, type } },
    ...(outcome.status === 'pending' ? [] : [outcomeFrame(id, { key, type, ...outcome }, at)]),
  ]
}

/** What became of an effect. */
export function outcomeFrame(id: string, effect: Omit<EffectReading, 'payload'>, at: string): Frame {
  const { key, type, status, attempts, code } = effect
  const context = { attempts, ...(code === undefined ? {} : { code }) }
  const snapshot = { status: status === 'failed' ? 'error' : 'done', context, output: context }
  return { ...frame('@xstate.snapshot', `${id}#${key}`, id, at), event: { type: `${type}.${status}` }, snapshot }
}

/** XState's own name of what a turn heard. */
export function heardEvent({ event }: Pick<TurnReading, 'event'>): string {
  const data = (event.data ?? {}) as { timer?: string; ask?: string; error?: unknown }
  if (event.type === 'parley.timer.due') return data.timer ?? ''
  if (event.type === 'parley.ask.answered') return `xstate.${data.error ? 'error' : 'done'}.actor.${data.ask}`
  return event.type.replace(/^parley\./, '')
}

/** `inQueue.queued` → `{ inQueue: 'queued' }`. */
export function stateValueOf(state: string): string | object {
  const [first = '', ...rest] = state.split('.')
  return rest.length === 0 ? first : { [first]: stateValueOf(rest.join('.')) }
}

function frame(type: Frame['type'], sessionId: string, rootId: string, at: string): Frame {
  return { type, sessionId, rootId, createdAt: String(Date.parse(at)), id: null, _version: protocol_version }
}
