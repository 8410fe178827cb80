/**
 * T3, T4, T6: every call to a far side is an effect of a stored turn, made after the turn was stored, always with the same
 * key and the same body; and every stored effect came to an end. Pure.
 */
import { idempotencyKey } from '../../../runtime/record.ts'
import type { History, StoredTurn, Violation, WireCall } from '../history.ts'
import { nameOf } from './turns.ts'

export interface StoredEffect {
  actor: string
  type: string
  turn: StoredTurn
  key: string
  payload: object
}

/** What a call's path must be, by the type of its effect. Effects without a row call nobody, or only read. */
const paths: Record<string, RegExp> = {
  createTask: /\/tasks$/,
  endTask: /\/tasks\/[^/]+\/taskAction$/,
  sendMessage: /\/v[12]\/messages$/,
  searchConversation: /\/searchConversation$/,
  createConversation: /\/createConversation$/,
  reopenConversation: /\/reopenConversation$/,
  closeConversation: /\/closeConversation$/,
  addParticipant: /\/addParticipant$/,
  removeParticipant: /\/removeParticipant$/,
  appendConversation: /\/appendConversation$/,
  updateConversation: /\/updateConversation$/,
}

export const isCall = (type: string): boolean => Object.hasOwn(paths, type)

/** The broker's clock and the wire's are one machine's, but the wire's has whole milliseconds only. */
const rounding_ms = 1

export function lawlessCalls(history: History): Violation[] {
  const effects = new Map(storedEffects(history).map((effect) => [effect.key, effect]))
  const bodies = new Map<string, string>()
  return history.calls.flatMap((call) => {
    if (call.key === '') return call.method === 'GET' ? [] : [lawless('T6', 'unknown', 'a call without a key', call)]
    const effect = effects.get(call.key)
    if (!effect) return [lawless('T3', call.key.split('.')[0]!, 'a call that no stored turn asks for', call)]
    const first = bodies.get(call.key) ?? call.body
    bodies.set(call.key, first)
    const { actor, type, turn } = effect
    return [
      ...((paths[type]?.test(call.path) ?? call.method === 'GET')
        ? []
        : [lawless('T3', actor, `the effect is ${type}, and another call was made`, call)]),
      ...(call.body === first ? [] : [lawless('T6', actor, 'one key was used for two bodies', call)]),
      ...(call.at_ms + rounding_ms >= turn.stored_ms
        ? []
        : [lawless('T4', actor, `came ${Math.ceil(turn.stored_ms - call.at_ms)} ms before its turn was stored`, call)]),
    ]
  })
}

/** Once everything is quiet, each effect is done or given up, and one that is done was called. */
export function openEffects(history: History): Violation[] {
  const outcomes = outcomesOf(history)
  const answered = new Set(history.calls.filter(({ status }) => status > 0).map(({ key }) => key))
  return storedEffects(history).flatMap(({ actor, type, turn, key }) => {
    const open = (what: string): Violation => ({
      rule: 'T9',
      actor,
      what: `${type} ${what}`,
      records: [nameOf(turn), key],
    })
    const outcome = outcomes.get(key)
    if (outcome === undefined) return [open('was never ended')]
    return outcome === 'done' && isCall(type) && !answered.has(key)
      ? [open('counts as done, and nobody was called')]
      : []
  })
}

export const storedEffects = ({ turns }: History): StoredEffect[] =>
  turns.flatMap((turn) => {
    const { actor, effects } = turn.record
    return effects.map(({ type, payload }, index) => ({
      actor,
      type,
      turn,
      payload,
      key: idempotencyKey(actor, turn.sequence, index),
    }))
  })

/** How each effect ended, by its key. */
export const outcomesOf = ({ outcomes }: History): Map<string, 'done' | 'failed'> =>
  new Map(
    outcomes.flatMap(({ actor, revision, outcomes: ended }) =>
      ended.map(({ index, status }) => [idempotencyKey(actor, revision, index), status] as const),
    ),
  )

const lawless = (rule: string, actor: string, what: string, { method, path, key }: WireCall): Violation => ({
  rule,
  actor,
  what,
  records: [`${method} ${path}`, key || 'no key'],
})
