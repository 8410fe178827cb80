/**
 * Every machine version this build can run, by id and version, and what a stored record may name of it.
 * A record of a version that is not here cannot be restored and is set aside, never reset (T8).
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import type { ZodType } from 'zod'
import { type AskRules, conversationAsks } from './asks.ts'
import { email } from './email.ts'
import { ConversationEvent } from './events.ts'
import { liveChat } from './live-chat.ts'
import { liveChatWithWebCallback } from './live-chat-with-web-callback.ts'
import { sms } from './sms.ts'

export interface Definition {
  id: string
  version: string
  /** Hash of everything stored records name: states, their kind, timers, asks. Changes only with a new version. */
  shape: string
  machine: AnyStateMachine
  /** What it hears from outside; what this refuses is set aside and never reaches the machine (T5). */
  hears: ZodType<{ type: string; id: string; at: string }>
  asks: AskRules
}

export const definitions: readonly Definition[] = [
  define(sms),
  define(liveChat),
  define(liveChatWithWebCallback),
  define(email),
]

/** The newest version of a machine: what a new conversation starts on. */
export function latestDefinition(id: string, among = definitions): Definition | undefined {
  return among.findLast((definition) => definition.id === id)
}

export function definitionOf(id: string, version: string, among = definitions): Definition | undefined {
  return among.find((definition) => definition.id === id && definition.version === version)
}

/**
 * What the runtime needs to host a machine. Any XState v5 machine will do whose actions return their effects as data, whose
 * asks are inert actors (`machines/setup.ts` shows both), and whose guards and actions are pure (T2).
 */
export function define(
  machine: AnyStateMachine,
  hears: Definition['hears'] = ConversationEvent,
  asks: AskRules = conversationAsks,
): Definition {
  const shape = hash(shapeRows(machine).join('\n'))
  return { id: machine.id, version: machine.version ?? '0', shape, machine, hears, asks }
}

/** One row a state: path, id, kind, timers, asks; sorted. Texts, guards and actions are not part of the shape. */
export function shapeRows(machine: AnyStateMachine): string[] {
  const rows: string[] = []
  const visit = (node: AnyStateNode) => {
    const asks = node.invoke.map(({ id, src }) => `${id}:${String(src)}`)
    const timers = node.after.map(({ eventType }) => eventType)
    rows.push([node.path.join('.'), node.id, node.type, timers.sort().join(','), asks.sort().join(',')].join('|'))
    for (const child of Object.values(node.states)) visit(child)
  }
  visit(machine.root)
  return rows.sort()
}

/** FNV-1a over 64 bits, in hex: enough to notice a change, not a signature. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n)
  return value.toString(16).padStart(16, '0')
}
